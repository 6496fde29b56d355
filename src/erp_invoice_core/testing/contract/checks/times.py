"""Checks of times: late requests, slow answers, and the deadline."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from ....adapters import Found, Gone, LookUp, Unknown, WithdrawForm
from ...faults import Fault, is_read
from ..check import Check
from ..result import NotProved, refute, require
from ..stages import list_stages
from ..trial import describe_outcome
from .injection import find_plan, inject, list_writes, require_hits

if TYPE_CHECKING:
    from ....documents import Receipt, Step
    from ....exchange import Outcome
    from ..stages import Stage
    from ..trial import Trial

_SLACK = timedelta(seconds=1)
#: Deadlines that are over while a slow question is answered; a later one is for a slow machine.
_SOON = (timedelta(seconds=0.05), timedelta(seconds=1), timedelta(seconds=5))


def check_late_write(trial: Trial) -> None:
    """A request later than settles_within is not carried out, else it makes a second bill."""
    tried: list[tuple[Stage, timedelta]] = []
    for stage in list_stages(trial):
        terms = trial.adapter.declaration.terms_of(stage.kind)
        bound = terms.settles_within
        if bound is None:
            continue
        if terms.look_up is LookUp.NONE:
            trial.rows.leave(stage.row, f"Steps of kind {stage.kind} cannot be looked up.")
            continue
        if bound > trial.target.patience:
            why = f"Steps of kind {stage.kind} settle within {bound}, longer than the checks wait."
            trial.rows.leave(stage.row, why)
            continue
        tried.append((stage, bound))
    _write_late(trial, tried)


def _write_late(trial: Trial, tried: list[tuple[Stage, timedelta]]) -> None:
    """
    Send a request of each stage so late that the ERP may not carry it out, then look each up.

    *tried* has each stage with its declared ``settles_within``. All requests wait at the same time.
    """
    sent = []
    for stage, bound in tried:
        each, step, receipts = stage.reach()
        injection = inject(each, Fault.LATE_WRITE)
        outcome = each.write(step, receipts)
        injection.times = 0  # a step that sends nothing leaves it for none of the later ones
        require_hits(each, stage.row, hits=injection.hits)
        if injection.hits:
            _require_unknown(outcome, "erp_write")
            sent.append((each, step, bound))
    waits = (bound + each.find_terms(step).visible_after for each, step, bound in sent)
    threading.Event().wait(max(waits, default=timedelta(0)).total_seconds())
    find_plan(trial).clear()
    for each, step, bound in sent:
        sighting = each.find_after_writing(step)
        require(
            not isinstance(sighting, Found),
            f"A request of step {step.name} is carried out within {bound}, or never.",
            f"one that came later was: {describe_outcome(sighting)}",
            f"terms[{step.kind!r}].settles_within",
        )


def _require_unknown(outcome: Outcome, hook: str) -> None:
    require(
        isinstance(outcome, Unknown),
        "A time-out says nothing about the request.",
        describe_outcome(outcome),
        hook,
    )


def check_late_removal(trial: Trial) -> None:
    """A removal that arrives after settles_within is not carried out, else a bill goes unpaid."""
    declared = trial.adapter.declaration
    if declared.withdraw is not WithdrawForm.FULL or not trial.adapter.has_read:
        msg = "The adapter removes no documents, or reads none (withdraw, erp_read)."
        raise NotProved(msg)
    step = next(step for step in trial.steps if step.role is not None)
    bound = trial.find_terms(step).settles_within
    if bound is None or bound > trial.target.patience:
        msg = f"Steps of kind {step.kind} settle within {bound}, longer than the checks wait."
        raise NotProved(msg)
    receipt = trial.export(until=step)[-1]
    injection = inject(trial, Fault.LATE_WRITE)
    outcome = trial.adapter.withdraw(trial.session, receipt)
    if not injection.hits:
        msg = "The removal sends no request that can be late."
        raise NotProved(msg)
    _require_unknown(outcome, "erp_withdraw")
    threading.Event().wait(bound.total_seconds())
    find_plan(trial).clear()
    require(
        not isinstance(trial.read(receipt), Gone),
        f"A removal is carried out within {bound}, or never.",
        f"one that came later was: document {receipt.erp_id} is gone",
        f"terms[{step.kind!r}].settles_within and erp_withdraw",
    )
    trial.rows.note(f"terms.{step.kind}")


def check_time_limit(trial: Trial) -> None:
    """A write ends within its time_limit: later, another worker may book the invoice again."""
    terms, tried = trial.adapter.declaration.terms_of, []
    for stage in {stage.kind: stage for stage in reversed(list_stages(trial))}.values():
        limit = terms(stage.kind).time_limit
        if limit > trial.target.patience:
            why = f"A call of kind {stage.kind} may take {limit}, longer than the checks wait."
            trial.rows.leave(stage.row, why)
        else:
            tried.append(stage)
    _write_slowly(trial, sorted(tried, key=lambda stage: terms(stage.kind).time_limit))


def _write_slowly(trial: Trial, stages: list[Stage]) -> None:
    """
    Carry out a step of each stage at the same time, each in a session of its own.

    End the check as refuted if one of them takes longer than its ``time_limit``.
    """
    calls = [(stage, _reconnect(stage)) for stage in stages]
    injection = inject(trial, Fault.SLOW, times=None)
    began = time.monotonic()
    started = [_start(*call) for _, call in calls]
    threads = [thread for thread, _ in started]
    late = []
    for (stage, (each, step, _)), thread in zip(calls, threads, strict=True):
        limit = each.find_terms(step).time_limit
        left = (limit + _SLACK).total_seconds() - (time.monotonic() - began)
        thread.join(max(left, 0.0))
        if thread.is_alive():
            late.append((step, limit))
        trial.rows.note(stage.row)
    ended = [tuple(outcomes) for _, outcomes in started]
    find_plan(trial).clear()
    for thread in threads:
        thread.join()
    if stages and injection.hits < len(stages):
        msg = "A step sends no request that could be slow."
        raise NotProved(msg)
    for step, limit in late:
        refute(
            f"A call of step {step.name} ends within {limit}.",
            "it still waited for the ERP",
            f"terms[{step.kind!r}].time_limit and the time-outs of the client",
        )
    for outcome in (each for outcomes in ended for each in outcomes):
        _require_unknown(outcome, "erp_write: return Unknown if the answer does not come")


def _reconnect(stage: Stage) -> tuple[Trial, Step, list[Receipt]]:
    """Return a trial of the stage in a new session, its step, and receipts of the earlier steps."""
    trial, step, receipts = stage.reach()
    return trial.reconnect(), step, receipts


def _start(
    trial: Trial, step: Step, receipts: list[Receipt]
) -> tuple[threading.Thread, list[Outcome]]:
    """Carry out a step in a thread of its own; return the thread, and a list for its outcome."""
    outcomes: list[Outcome] = []
    thread = threading.Thread(
        target=lambda: outcomes.append(trial.write(step, receipts)), daemon=True
    )
    thread.start()
    return thread, outcomes


def check_deadline_last(trial: Trial) -> None:
    """The deadline is checked right before a write is sent: later, another worker may book too."""
    for stage in list_stages(trial):
        hits = 0
        for soon in _SOON:
            hits, is_over = _ask_slowly(stage, soon)
            if hits or not is_over:
                break
        if hits:
            trial.rows.note(stage.row)
        else:
            why = f"Steps of {stage.row} ask the ERP nothing before they send."
            trial.rows.leave(stage.row, f"{why} The check does not apply to them.")


def _ask_slowly(stage: Stage, soon: timedelta) -> tuple[int, bool]:
    """
    Carry out a step whose deadline passes while a request that reads is answered slowly.

    End the check as refuted if the step still sends a request that may write. Return the number of
    slow requests, and whether the deadline had passed at the end.
    """
    trial, step, receipts = stage.reach()
    plan = find_plan(trial)
    injection = inject(trial, Fault.SLOW, is_read, times=None)
    late = attrs.evolve(trial.request, deadline=datetime.now(UTC) + soon)
    thread, _ = _start(attrs.evolve(trial, request=late), step, receipts)
    thread.join(soon.total_seconds())
    while thread.is_alive() and datetime.now(UTC) <= late.deadline:
        thread.join((late.deadline - datetime.now(UTC)).total_seconds() + 0.001)
    before = len(plan.requests)
    plan.clear()
    thread.join()
    is_over = datetime.now(UTC) > late.deadline
    if not injection.hits:
        return 0, is_over
    sent = list_writes(plan.requests[before:])
    require(
        not sent,
        f"Step {step.name} sends nothing after request.deadline.",
        f"{sent[0].method} {sent[0].path} after a slow question" if sent else "",
        "erp_write: compare request.deadline right before sending",
    )
    return injection.hits, is_over


# fmt: off
CHECKS = (
    Check(
        name="fault.late_write", run=check_late_write, has_faults=True,
        words=("terms.*.settles_within: bounded",),
        lie="A delayed request is still carried out after the declared settles_within.",
    ),
    Check(
        name="fault.late_removal", run=check_late_removal, has_faults=True,
        words=("terms.*.settles_within: bounded",),
        lie="A delayed removal is still carried out after the declared settles_within.",
    ),
    Check(
        name="fault.time_limit", run=check_time_limit, has_faults=True,
        words=("terms.*.time_limit: given",),
        lie="A call takes longer than declared, or its time-out counts as not sent.",
    ),
    Check(
        name="fault.deadline", run=check_deadline_last, has_faults=True,
        words=("terms.*.time_limit: given",),
        lie="The deadline is looked at before a slow question, and the request is sent after it.",
    ),
)
# fmt: on

"""Checks of what the adapter answers when the ERP, or the way to it, fails."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import attrs

from ....adapters import Absent, Contents, Deferred, Done, Found, Gone, LookUp, Refused, Unknown
from ....declaration import WithdrawForm
from ...faults import FAULTS, Effect, Fault, is_read, is_write
from ...faults import NotProved as CannotProvoke
from ..check import Check
from ..result import NotProved, require
from ..trial import describe_outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....documents import Receipt, Step
    from ....exchange import Outcome
    from ...faults import FaultPlan, Injection
    from ..trial import Trial

#: After these the adapter cannot know whether the request arrived.
_LOST = (
    Fault.LOST_BEFORE,
    Fault.LOST_AFTER,
    Fault.RESET_IN_BODY,
    Fault.ERROR_BEFORE,
    Fault.ERROR_AFTER,
    Fault.HTML_PAGE,
    Fault.BAD_GATEWAY,
    Fault.CUT_BODY,
)
#: After these nothing was carried out, and the answer says so.
_DECLINED = (Fault.TOO_MANY, Fault.TOO_MANY_RETRY_AFTER, Fault.UNAUTHORIZED)
#: None of these answers the question.
_UNANSWERED = (
    Fault.LOST_BEFORE,
    Fault.ERROR_BEFORE,
    Fault.HTML_PAGE,
    Fault.BAD_GATEWAY,
    Fault.CUT_BODY,
    Fault.CUT_LIST,
    Fault.TOO_MANY,
    Fault.UNAUTHORIZED,
)
_SLACK = timedelta(seconds=2)
#: A deadline that is over while a slow question is answered.
_SOON = timedelta(seconds=0.3)
#: The statuses of a success.
_SUCCESS = range(200, 300)
#: The methods of requests that write nothing.
_READS = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "READ"})


def _find_plan(trial: Trial) -> FaultPlan:
    if trial.transport is None:
        msg = "There is no transport into which faults can be injected (base_url or transport)."
        raise NotProved(msg)
    return trial.transport.faults


def _inject(trial: Trial, fault: Fault, on: object = is_write, **how: float | None) -> Injection:
    injected = _find_plan(trial).inject(fault, on=on, **how)  # type: ignore[arg-type]
    if isinstance(injected, CannotProvoke):
        raise NotProved(str(injected))
    return injected


def _list_possible(trial: Trial, faults: tuple[Fault, ...]) -> list[Fault]:
    """Return those of the faults that the transport can provoke."""
    plan = _find_plan(trial)
    possible = []
    for fault in faults:
        if not isinstance(plan.inject(fault), CannotProvoke):
            possible.append(fault)
        plan.clear()
    if not possible:
        msg = "The transport can provoke none of these faults."
        raise NotProved(msg)
    return possible


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


def check_lost_answers(trial: Trial) -> None:
    """A lost or broken answer leaves the call in doubt: any other answer pays twice, or never."""
    for fault, place in product(_list_possible(trial, _LOST), range(len(trial.steps))):
        each = trial.renew_plain()
        step = each.steps[place]
        receipts = each.export(until=each.steps[place - 1]) if place else []
        outcome, injection = _write_with(each, step, fault, receipts)
        if not injection.hits:
            continue
        require(
            isinstance(outcome, Unknown),
            f"After {FAULTS[fault].answer} the adapter cannot know whether the ERP carried the request out.",
            describe_outcome(outcome),
            "erp_write: return Unknown, or let the exception pass",
        )
        _require_sent_once(each, step, fault)
        _require_effect(each, step, fault)


def _write_with(
    trial: Trial, step: Step, fault: Fault, receipts: Sequence[Receipt] = ()
) -> tuple[Outcome, Injection]:
    """Carry out a step with a fault, and return the outcome and the injection."""
    injection = _inject(trial, fault)
    outcome = trial.write(step, receipts)
    _find_plan(trial).clear()
    return outcome, injection


def _require_sent_once(trial: Trial, step: Step, fault: Fault) -> None:
    """End the check as refuted if the adapter sent the faulty request again by itself."""
    requests = _find_plan(trial).requests
    last = next((each for each in reversed(requests) if each.fault is fault), None)
    if last is None:
        return
    later = requests[requests.index(last) + 1 :]
    again = [each for each in later if (each.method, each.path) == (last.method, last.path)]
    again = [each for each in again if each.digest == last.digest and each.method not in _READS]
    require(
        not again,
        f"Step {step.name} sends its request once; the queue decides about another try.",
        f"it was sent {len(again) + 1} times after {fault.value}",
        "erp_write: switch the retries of the client off",
    )


def _require_effect(trial: Trial, step: Step, fault: Fault) -> None:
    """End the check as refuted unless a look-up shows the document as often as it was made."""
    if trial.find_terms(step).look_up is LookUp.NONE:
        return
    is_made = FAULTS[fault].effect is Effect.ONCE
    if is_made and not _is_carried_out(trial, fault):
        return
    sighting = trial.find_after_writing(step)
    require(
        isinstance(sighting, Found if is_made else Absent),
        f"After {fault.value} the request was {'carried out once' if is_made else 'not carried out'}.",
        describe_outcome(sighting),
        "erp_find",
    )


def _is_carried_out(trial: Trial, fault: Fault) -> bool:
    """Return whether the ERP carried the faulty request out, as far as its status says."""
    requests = _find_plan(trial).requests
    faulty = [each for each in requests if each.fault is fault]
    return not faulty or faulty[-1].erp_status is None or faulty[-1].erp_status in _SUCCESS


def check_declined(trial: Trial) -> None:
    """A rate limit or a wrong token is no refusal of the invoice: it is tried again later."""
    for fault in _list_possible(trial, _DECLINED):
        each = trial.renew_plain()
        outcome, injection = _write_with(each, each.steps[0], fault)
        if not injection.hits:
            continue
        require(
            isinstance(outcome, Deferred | Unknown),
            f"After {FAULTS[fault].answer} nothing was carried out, and the invoice is not refused.",
            describe_outcome(outcome),
            "erp_write: return Deferred",
        )


def check_unreachable(trial: Trial) -> None:
    """An ERP that cannot be reached answers nothing: no result of any hook may come from memory."""
    step = trial.steps[0]
    receipt = trial.export(until=step)[-1]
    other = trial.renew_plain()
    _inject(trial, Fault.CLOSED_PORT)
    outcome = other.write(step)
    require(
        isinstance(outcome, Deferred | Unknown),
        "The ERP cannot be reached.",
        describe_outcome(outcome),
        "erp_write",
    )
    if trial.adapter.has_find:
        sighting = trial.find(step)
        seen = describe_outcome(sighting)
        require(
            not isinstance(sighting, Found | Absent), "The ERP cannot be reached.", seen, "erp_find"
        )
    _require_unread(trial, receipt, "The ERP cannot be reached.")
    if trial.adapter.declaration.withdraw is WithdrawForm.FULL:
        _require_not_removed(trial, receipt, "The ERP cannot be reached.")


def _require_unread(trial: Trial, receipt: Receipt, why: str) -> None:
    if trial.adapter.has_read:
        shown = trial.adapter.read(trial.session, receipt)
        seen = f"contents of document {receipt.erp_id}"
        require(not isinstance(shown, Contents), why, seen, "erp_read: ask the ERP each time")
        require(not isinstance(shown, Gone), why, f"document {receipt.erp_id} is gone", "erp_read")


def _require_not_removed(trial: Trial, receipt: Receipt, why: str) -> None:
    outcome = trial.adapter.withdraw(trial.session, receipt)
    require(not isinstance(outcome, Done | Refused), why, describe_outcome(outcome), "erp_withdraw")


# ── questions ───────────────────────────────────────────────────────────────────────────────────


def check_unanswered_look_up(trial: Trial) -> None:
    """An answer that is broken or cut proves no absence, as absence permits a second bill."""
    step = trial.list_looked_up()[0]
    trial.export(until=step)
    trial.find_after_writing(step)
    for fault in _list_possible(trial, _UNANSWERED):
        injection = _inject(trial, fault, is_read, times=None)
        sighting = trial.find(step)
        _find_plan(trial).clear()
        if injection.hits:
            require(
                not isinstance(sighting, Absent),
                f"The look-up met {fault.value}, and the document is there.",
                describe_outcome(sighting),
                "erp_find: return CannotTell, or let the exception pass",
            )


def check_unanswered_reading(trial: Trial) -> None:
    """An error while reading is no deletion: unlinking would send the invoice a second time."""
    step = next(step for step in trial.steps if step.role is not None)
    receipt = trial.export(until=step)[-1]
    trial.read_existing(receipt)
    for fault in _list_possible(trial, _UNANSWERED):
        injection = _inject(trial, fault, is_read, times=None)
        shown = trial.adapter.read(trial.session, receipt)
        _find_plan(trial).clear()
        if injection.hits:
            require(
                not isinstance(shown, Gone),
                f"Reading met {fault.value}, and the document is there.",
                f"document {receipt.erp_id} is gone",
                "erp_read: let the exception pass",
            )


def check_lost_removal(trial: Trial) -> None:
    """A removal whose answer is lost is in doubt: a bill that stays is paid."""
    for fault in _list_possible(trial, _LOST):
        each = trial.renew_plain()
        step = next(step for step in each.steps if step.role is not None)
        receipt = each.export(until=step)[-1]
        injection = _inject(each, fault)
        outcome = each.adapter.withdraw(each.session, receipt)
        _find_plan(each).clear()
        if injection.hits:
            require(
                isinstance(outcome, Unknown),
                f"After {FAULTS[fault].answer} the adapter cannot know whether the document was removed.",
                describe_outcome(outcome),
                "erp_withdraw: return Unknown, or let the exception pass",
            )


# ── time ────────────────────────────────────────────────────────────────────────────────────────


def check_late_write(trial: Trial) -> None:
    """A request that comes late is carried out within the declared time, or never."""
    step = trial.steps[0]
    bound = trial.find_terms(step).settles_within
    if bound is None or bound > trial.target.patience:
        msg = f"Step {step.name} settles within {bound}, longer than the checks wait."
        raise NotProved(msg)
    injection = _inject(trial, Fault.LATE_WRITE)
    outcome = trial.write(step)
    if not injection.hits:
        msg = f"Step {step.name} sends no request that could be late."
        raise NotProved(msg)
    require(
        isinstance(outcome, Unknown),
        "A time-out says nothing about the request.",
        describe_outcome(outcome),
        "erp_write",
    )
    threading.Event().wait((bound + trial.find_terms(step).visible_after).total_seconds())
    _find_plan(trial).release()
    sighting = trial.find_after_writing(step)
    require(
        not isinstance(sighting, Found),
        f"A request is carried out within {bound}, or never.",
        f"one that came later was: {describe_outcome(sighting)}",
        f"terms[{step.kind!r}].settles_within",
    )


def check_time_limit(trial: Trial) -> None:
    """A call ends within the declared time, as the worker gives up then and the lease runs out."""
    step = trial.steps[0]
    limit = trial.find_terms(step).time_limit
    if limit > trial.target.patience:
        msg = f"A call of step {step.name} may take {limit}, longer than the checks wait."
        raise NotProved(msg)
    injection = _inject(trial, Fault.SLOW)
    ended = threading.Event()
    outcomes: list[Outcome] = []

    def write() -> None:
        outcomes.append(trial.write(step))
        ended.set()

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    is_in_time = ended.wait((limit + _SLACK).total_seconds())
    _find_plan(trial).clear()
    thread.join()
    if not injection.hits:
        msg = f"Step {step.name} sends no request that could be slow."
        raise NotProved(msg)
    require(
        is_in_time,
        f"A call of step {step.name} ends within {limit}.",
        "it still waited for the ERP",
        f"terms[{step.kind!r}].time_limit and the time-outs of the client",
    )


def check_deadline_last(trial: Trial) -> None:
    """The deadline is looked at right before sending, not before a slow question to the ERP."""
    step = trial.steps[0]
    late = attrs.evolve(trial.request, deadline=datetime.now(UTC) + _SOON)
    plan = _find_plan(trial)
    injection = _inject(trial, Fault.SLOW, is_read, times=None)
    thread = threading.Thread(target=partial(trial.write, step, (), late), daemon=True)
    thread.start()
    thread.join(timeout=2 * _SOON.total_seconds())
    if not injection.hits:
        plan.clear()
        thread.join()
        msg = f"Step {step.name} asks the ERP nothing before it writes."
        raise NotProved(msg)
    before = len(plan.requests)
    plan.clear()
    thread.join()
    sent = [each for each in plan.requests[before:] if each.method not in _READS]
    require(
        not sent,
        f"Step {step.name} sends nothing after request.deadline.",
        f"{sent[0].method} {sent[0].path} after a slow question" if sent else "",
        "erp_write: compare request.deadline right before sending",
    )


_TERMS = ("features.invoices: full",)

# fmt: off
CHECKS = (
    Check(
        name="fault.lost_answer", run=check_lost_answers, has_faults=True, words=_TERMS,
        lie="An error or a page in place of an answer counts as done, refused or not sent.",
    ),
    Check(
        name="fault.declined", run=check_declined, has_faults=True, words=_TERMS,
        lie="A rate limit or a wrong token refuses the invoice.",
    ),
    Check(
        name="fault.unreachable", run=check_unreachable, has_faults=True, words=_TERMS,
        lie="The adapter answers from its memory.",
    ),
    Check(
        name="fault.look_up", run=check_unanswered_look_up, has_faults=True,
        words=("terms.*.look_up: key", "terms.*.look_up: number"),
        lie="An error, or a list that is cut, is taken for absence.",
    ),
    Check(
        name="fault.reading", run=check_unanswered_reading, has_faults=True,
        words=("unlink: delete_first", "features.unlink: full"),
        lie="An error is taken for a deletion.",
    ),
    Check(
        name="fault.removal", run=check_lost_removal, has_faults=True,
        words=("withdraw: full", "features.withdraw: full"),
        lie="A removal whose answer is lost counts as done.",
    ),
    Check(
        name="fault.late_write", run=check_late_write, has_faults=True,
        words=("terms.*.settles_within: bounded",),
        lie="A request is carried out after the declared time.",
    ),
    Check(
        name="fault.time_limit", run=check_time_limit, has_faults=True,
        words=("terms.*.time_limit: given",),
        lie="A call takes longer than declared.",
    ),
    Check(
        name="fault.deadline", run=check_deadline_last, has_faults=True,
        words=("terms.*.time_limit: given",),
        lie="The deadline is looked at before a slow question, and the request is sent after it.",
    ),
)
# fmt: on

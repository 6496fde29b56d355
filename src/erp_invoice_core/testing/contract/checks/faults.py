"""The checks of a step's outcome if the ERP or network fails."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ....adapters import (
    Absent,
    CannotTell,
    Contents,
    Deferred,
    Done,
    Found,
    Gone,
    LookUp,
    Refused,
    Unknown,
)
from ....declaration import WithdrawForm
from ...faults import FAULTS, Effect, Fault
from ..check import Check
from ..result import NotProved, require
from ..stages import list_forms, list_stages
from ..trial import describe_outcome
from .agreement import list_unlike
from .injection import (
    find_plan,
    inject,
    list_possible,
    list_writes,
    require_hits,
    require_sent_once,
    was_sent_again,
    write_with,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ....documents import Receipt, Step
    from ....exchange import Outcome
    from ...faults import Injection
    from ..stages import Stage
    from ..trial import Trial

#: After these the adapter cannot know whether the request arrived.
LOST = (
    Fault.LOST_BEFORE,
    Fault.LOST_AFTER,
    Fault.RESET_IN_BODY,
    Fault.ERROR_BEFORE,
    Fault.ERROR_AFTER,
    Fault.REQUEST_TIMEOUT,
    Fault.HTML_PAGE,
    Fault.BAD_GATEWAY,
    Fault.UNAVAILABLE,
    Fault.UNAVAILABLE_RETRY_AFTER,
    Fault.ERROR_WITH_REASON,
    Fault.CUT_BODY,
)
#: Those that are tried with the later requests of a step.
_LOST_LATER = (Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.ERROR_BEFORE, Fault.ERROR_AFTER)
#: After these nothing was carried out, and the invoice is not refused.
DECLINED = (
    Fault.TOO_MANY,
    Fault.TOO_MANY_RETRY_AFTER,
    Fault.UNAUTHORIZED,
    Fault.NOT_FOUND_PAGE,
)
#: After these an adapter may send its request again in the same call, as with a new token.
_RENEWABLE = (Fault.UNAUTHORIZED, Fault.TOO_MANY)
#: These refuse the request for good, with a reason.
_REJECTED = (Fault.BAD_REQUEST, Fault.UNPROCESSABLE, Fault.CONFLICT, Fault.PRECONDITION_FAILED)
#: Of these, those that may be over later, as a record that another user has open.
_MAY_END = frozenset({Fault.CONFLICT, Fault.PRECONDITION_FAILED})
#: Longer than an adapter waits of its own accord, in seconds.
_RETRY_AFTER = 90.0
_SLACK = timedelta(seconds=2)
#: The statuses of a success.
_SUCCESS = range(200, 300)


# ── lost answers ────────────────────────────────────────────────────────────────────────────────


def check_lost_answers(trial: Trial) -> None:
    """After a lost or broken answer a write returns Unknown: a guess pays twice, or never."""
    faults = list_possible(trial, LOST)
    for stage in list_stages(trial):
        number = count_requests(stage)
        for fault in faults:
            _lose(stage, fault, after=0)
        for place in range(1, number):
            for fault in (each for each in faults if each in _LOST_LATER):
                _lose(stage, fault, after=place)


def count_requests(stage: Stage) -> int:
    """Carry out the step of a stage, and return the number of its requests that may write."""
    trial, step, receipts = stage.reach()
    before = len(find_plan(trial).requests)
    trial.carry_out(step, receipts)
    return len(list_writes(find_plan(trial).requests[before:]))


def _lose(stage: Stage, fault: Fault, *, after: int) -> None:
    """
    Inject a fault into one request of the step, and require that the outcome is unknown.

    *after* is the number of requests of the step that pass before the fault.
    """
    trial, step, receipts = stage.reach()
    outcome, injection = write_with(trial, step, fault, receipts, after=after)
    require_hits(trial, stage.row, hits=injection.hits)
    if not injection.hits:
        return
    which = f"request {after + 1} of step {step.name}"
    require(
        isinstance(outcome, Unknown),
        f"After {FAULTS[fault].answer} the adapter cannot know whether the ERP carried {which} out.",
        describe_outcome(outcome),
        "erp_write: return Unknown, or let the exception pass",
    )
    require_sent_once(trial, step, fault)
    if after:
        _require_not_whole(trial, step, fault)
    else:
        _require_effect(trial, step, fault)


def _require_effect(trial: Trial, step: Step, fault: Fault) -> None:
    """
    End the check as refuted unless a look-up agrees with the effect of the fault.

    The document must be found if the ERP carried the request out, and absent if it did not.
    """
    if trial.find_terms(step).look_up is LookUp.NONE:
        return
    is_made = FAULTS[fault].effect is Effect.ONCE
    if is_made and not _is_carried_out(trial, fault):
        return
    sighting = trial.find_after_writing(step)
    if is_made and isinstance(sighting, Found) and list_unlike(trial, sighting.contents):
        return  # the first of several requests: the ERP shows that the rest is missing
    expected = (Found,) if is_made else (Absent,)
    require(
        isinstance(sighting, expected),
        f"After {fault.value} the request was {'carried out once' if is_made else 'not carried out'}.",
        describe_outcome(sighting),
        "erp_find",
    )


def _require_not_whole(trial: Trial, step: Step, fault: Fault) -> None:
    """End the check as refuted if a look-up finds a step that the ERP carried out only in part."""
    is_missing = FAULTS[fault].effect is Effect.NEVER
    if trial.find_terms(step).look_up is LookUp.NONE or not is_missing:
        return
    sighting = trial.find_after_writing(step)
    require(
        not isinstance(sighting, Found) or list_unlike(trial, sighting.contents),
        f"A later request of step {step.name} was not carried out, so that the step is not done.",
        f"{describe_outcome(sighting)}, with the contents of a whole one",
        "erp_steps: make each request that writes a step of its own, and erp_find",
    )


def _is_carried_out(trial: Trial, fault: Fault) -> bool:
    """
    Return whether the ERP reported success to the last request that met the fault.

    It is true too if no request met the fault, or if the transport has no HTTP statuses.
    """
    requests = find_plan(trial).requests
    faulty = [each for each in requests if each.fault is fault]
    if not faulty:
        return True
    return not faulty[-1].problem and faulty[-1].erp_status in {None, *_SUCCESS}


# ── answers that say no ─────────────────────────────────────────────────────────────────────────


def check_declined(trial: Trial) -> None:
    """After a rate limit or wrong token a step is put off, not refused, else it is never paid."""
    for fault in list_possible(trial, (*DECLINED, Fault.NOT_FOUND)):
        for stage in list_stages(trial):
            trial, step, receipts = stage.reach()
            outcome, injection = write_with(trial, step, fault, receipts)
            require_hits(trial, stage.row, hits=injection.hits)
            is_put_off = isinstance(outcome, Deferred | Unknown) or not injection.hits
            require(
                is_put_off or (isinstance(outcome, Done) and was_sent_again(trial, fault)),
                f"After {FAULTS[fault].answer} nothing was carried out, and the invoice is not refused.",
                describe_outcome(outcome),
                "erp_write: return Deferred",
            )
    for fault in list_possible(trial, _RENEWABLE):
        for stage in list_stages(trial):
            _lose_second(stage, fault)


def _lose_second(stage: Stage, fault: Fault) -> None:
    """
    Lose the answer to a request that the adapter sends again after a declined one.

    End the check as refuted unless the step is then in doubt. An adapter that sends nothing again
    is not concerned.
    """
    trial, step, receipts = stage.reach()
    inject(trial, fault)
    try:
        lost = inject(trial, Fault.LOST_AFTER)
    except NotProved:
        find_plan(trial).clear()
        return
    outcome = trial.write(step, receipts)
    find_plan(trial).clear()
    require(
        not lost.hits or isinstance(outcome, Unknown),
        f"After {FAULTS[fault].answer} step {step.name} was sent again, and its answer was lost.",
        describe_outcome(outcome),
        "erp_write: return Unknown if any request may have been carried out",
    )


def _decline(stage: Stage, fault: Fault) -> Outcome | None:
    """Return the outcome of a step with a fault; ``None`` if no request of it met the fault."""
    trial, step, receipts = stage.reach()
    outcome, injection = write_with(trial, step, fault, receipts)
    require_hits(trial, stage.row, hits=injection.hits)
    return outcome if injection.hits else None


def check_rejected(trial: Trial) -> None:
    """A step that the ERP refuses for good is not put off: endless retries hide an unpaid bill."""
    for fault in list_possible(trial, _REJECTED):
        for stage in list_stages(trial):
            outcome = _decline(stage, fault)
            is_final = fault not in _MAY_END
            is_put_off = isinstance(outcome, Deferred) and not outcome.needs_person and is_final
            require(
                not is_put_off and not isinstance(outcome, Done),
                f"After {FAULTS[fault].answer} the same request is never carried out.",
                describe_outcome(outcome) if outcome else "",
                "erp_write: return Refused, or Unknown",
            )


def check_token(trial: Trial) -> None:
    """A step put off by a wrong token asks for a person, else every invoice waits, unpaid."""
    for fault in list_possible(trial, (Fault.UNAUTHORIZED,)):
        for stage in list_stages(trial):
            outcome = _decline(stage, fault)
            require(
                not isinstance(outcome, Deferred) or outcome.needs_person,
                f"After {FAULTS[fault].answer} only a person can give another token.",
                f"{describe_outcome(outcome)}, needs_person=False" if outcome else "",
                "erp_write: return Deferred(None, why, needs_person=True)",
            )


def check_retry_after(trial: Trial) -> None:
    """A step is put off as long as Retry-After says: an ERP called too early takes no bills."""
    list_possible(trial, (Fault.TOO_MANY_RETRY_AFTER,))
    for stage in list_stages(trial):
        each, step, receipts = stage.reach()
        earliest = datetime.now(UTC) + timedelta(seconds=_RETRY_AFTER) - _SLACK
        outcome, hits = _write_in_time(each, step, receipts)
        require_hits(each, stage.row, hits=hits)
        until = outcome.until if hits and isinstance(outcome, Deferred) else earliest
        require(
            until is not None and until >= earliest,
            f"The ERP takes no request for {_RETRY_AFTER:.0f} seconds (Retry-After).",
            f"put off until {until.isoformat() if until else 'no moment'}",
            "erp_write: return Deferred(until) with the moment of Retry-After",
        )


def _write_in_time(trial: Trial, step: Step, receipts: list[Receipt]) -> tuple[Outcome, int]:
    """
    Carry out a step under a rate limit; return the outcome, and how many requests met the limit.

    End the check as not proved if the adapter waits longer within the call than the checks wait.
    """
    answers: list[tuple[Outcome, Injection]] = []

    def write() -> None:
        fault = Fault.TOO_MANY_RETRY_AFTER
        answers.append(write_with(trial, step, fault, receipts, seconds=_RETRY_AFTER))

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    thread.join(trial.target.patience.total_seconds())
    if not answers:
        msg = "The adapter waits for the ERP within the call, longer than the checks wait."
        raise NotProved(msg)
    ((outcome, injection),) = answers
    return outcome, injection.hits


# ── no ERP ──────────────────────────────────────────────────────────────────────────────────────


def check_unreachable(trial: Trial) -> None:
    """While the ERP is out of reach no hook answers from memory, which may hide a missing bill."""
    for stage in list_stages(trial):
        each, step, receipts = stage.reach()
        inject(each, Fault.CLOSED_PORT)
        outcome = each.write(step, receipts)
        require(
            isinstance(outcome, Deferred | Unknown),
            f"The ERP cannot be reached for step {step.name}.",
            describe_outcome(outcome),
            "erp_write",
        )
        find_plan(each).clear()
    for renew in list_forms(trial):
        _require_silence(renew())
        find_plan(trial).clear()


def _require_silence(trial: Trial) -> None:
    """Export the invoice; end the check as refuted if a hook answers while the port is closed."""
    receipts = trial.export()
    document = next(each for each in receipts if each.role is not None)
    asked = _list_asked(trial, document)
    inject(trial, Fault.CLOSED_PORT)
    for step in trial.list_looked_up():
        sighting = trial.find(step)
        require(
            not isinstance(sighting, Found | Absent),
            f"The ERP cannot be reached for the look-up of step {step.name}.",
            describe_outcome(sighting),
            "erp_find",
        )
    _require_unanswered(trial, document, asked)


def _list_asked(trial: Trial, receipt: Receipt) -> frozenset[str]:
    """Ask for payments and periods once; return the hooks whose requests pass the transport."""
    hooks: dict[str, Callable[[], object]] = {
        "erp_payments": lambda: trial.adapter.payments(trial.session, receipt),
        "erp_periods": lambda: trial.adapter.periods(trial.session),
    }
    asked = set()
    for name, ask in hooks.items():
        before = len(find_plan(trial).requests)
        ask()
        if len(find_plan(trial).requests) > before:
            asked.add(name)
    return frozenset(asked)


def _require_unanswered(trial: Trial, receipt: Receipt, asked: frozenset[str]) -> None:
    why = "The ERP cannot be reached."
    if trial.adapter.has_read:
        shown = trial.adapter.read(trial.session, receipt)
        seen = f"contents of document {receipt.erp_id}"
        require(not isinstance(shown, Contents), why, seen, "erp_read: ask the ERP each time")
        require(not isinstance(shown, Gone), why, f"document {receipt.erp_id} is gone", "erp_read")
    if "erp_payments" in asked:
        payments = trial.adapter.payments(trial.session, receipt)
        seen = f"payments of document {receipt.erp_id}"
        hook = "erp_payments: ask the ERP each time"
        require(isinstance(payments, CannotTell), why, seen, hook)
    if "erp_periods" in asked:
        periods = trial.adapter.periods(trial.session)
        hook = "erp_periods: ask the ERP each time, also in one session"
        require(isinstance(periods, CannotTell), why, "accounting periods", hook)
    if trial.adapter.declaration.withdraw is WithdrawForm.FULL:
        outcome = trial.adapter.withdraw(trial.session, receipt)
        seen = describe_outcome(outcome)
        require(not isinstance(outcome, Done | Refused), why, seen, "erp_withdraw")


_INVOICES = ("features.invoices: full",)

# fmt: off
CHECKS = (
    Check(
        name="fault.lost_answer", run=check_lost_answers, has_faults=True, words=_INVOICES,
        lie="An error or a page in place of an answer counts as done, refused or not sent.",
    ),
    Check(
        name="fault.declined", run=check_declined, has_faults=True, words=_INVOICES,
        lie="A rate limit, a wrong token or a wrong address refuses the invoice.",
    ),
    Check(
        name="fault.rejected", run=check_rejected, has_faults=True, words=_INVOICES,
        lie="An answer that refuses the request for good counts as done, or is tried for ever.",
    ),
    Check(
        name="fault.token", run=check_token, has_faults=True, words=_INVOICES,
        lie="A wrong token is reported as needing no person, so that all invoices wait unnoticed.",
    ),
    Check(
        name="fault.retry_after", run=check_retry_after, has_faults=True, words=_INVOICES,
        lie="The time for which the ERP takes no requests is ignored.",
    ),
    Check(
        name="fault.unreachable", run=check_unreachable, has_faults=True, words=_INVOICES,
        lie="The adapter answers from its memory while the ERP cannot be reached.",
    ),
)
# fmt: on

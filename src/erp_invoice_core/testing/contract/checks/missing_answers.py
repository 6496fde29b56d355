"""Checks of look-ups, readings, payments and removals without an answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from ....adapters import Absent, CannotTell, Done, Gone, LookUp, Unknown
from ...faults import FAULTS, Fault, is_read
from ..check import Check
from ..result import NotProved, require
from ..stages import list_forms, list_stages
from ..trial import describe_outcome
from .faults import DECLINED, LOST
from .injection import READS, find_plan, inject, list_possible, require_hits, was_sent_again
from .look_up import choose_step, fill_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....documents import Step
    from ..trial import Trial

#: None of these answers the question.
_UNANSWERED = (
    Fault.LOST_BEFORE,
    Fault.ERROR_BEFORE,
    Fault.BAD_REQUEST,
    Fault.NOT_FOUND_PAGE,
    Fault.REQUEST_TIMEOUT,
    Fault.HTML_PAGE,
    Fault.BAD_GATEWAY,
    Fault.UNAVAILABLE,
    Fault.UNAVAILABLE_RETRY_AFTER,
    Fault.ERROR_WITH_REASON,
    Fault.CUT_BODY,
    Fault.CUT_LIST,
    Fault.TOO_MANY,
    Fault.UNAUTHORIZED,
)


#: These refuse a removal with a reason.
_REFUSED = (Fault.BAD_REQUEST, Fault.CONFLICT, Fault.PRECONDITION_FAILED)


#: The same without a list that is cut: it may be asked for again, and then has an answer.
UNANSWERED_LISTS = tuple(each for each in _UNANSWERED if each is not Fault.CUT_LIST)


#: Statuses of pages that say neither that a document is there nor that it is not.
_STATUSES = (403, 410, 423, 451, 504, 507, 520)


def list_unanswered(
    trial: Trial, faults: Sequence[Fault]
) -> list[tuple[str, Fault, dict[str, int]]]:
    """
    Return those of the faults that the transport can provoke, and pages with several statuses.

    Each is a tuple of a name for messages, the fault, and further arguments of the injection: for
    an HTML page with another HTTP status its ``status``.
    """
    possible = list_possible(trial, (*faults, Fault.OTHER_STATUS))
    other = Fault.OTHER_STATUS
    pages = [(f"a page with {status}", other, {"status": status}) for status in _STATUSES]
    named = [(fault.value, fault, dict[str, int]()) for fault in possible if fault is not other]
    return [*named, *(pages if other in possible else [])]


def check_unanswered_look_up(trial: Trial) -> None:
    """A broken or cut answer never counts as absence, which would permit a second bill."""
    faults = list_unanswered(trial, _list_faults(trial))
    for stage in list_stages(trial):
        each, step, receipts = stage.reach()
        if each.find_terms(step).look_up is LookUp.NONE:
            continue
        each.carry_out(step, receipts)
        each.find_after_writing(step)
        hits = 0
        for name, fault, how in faults:
            injection = inject(each, fault, is_read, times=None, **how)
            sighting = each.find(step)
            find_plan(each).clear()
            hits += injection.hits
            require(
                not injection.hits or not isinstance(sighting, Absent),
                f"The look-up of step {step.name} met {name}, and the document is there.",
                describe_outcome(sighting),
                "erp_find: return CannotTell, or let the exception pass",
            )
        require_hits(each, stage.row, hits=hits)
        _leave_cut_lists(each, step)


def _list_faults(trial: Trial) -> tuple[Fault, ...]:
    """Return the faults of a look-up; a cut list only if the client can notice it."""
    return _UNANSWERED if trial.target.lists_have_totals else UNANSWERED_LISTS


def _leave_cut_lists(trial: Trial, step: Step) -> None:
    if not trial.target.lists_have_totals:
        why = (
            "A list that is cut short was not tried, because none has a total (lists_have_totals)."
        )
        trial.rows.leave(f"terms.{step.kind}.look_up", why)


def check_later_page(trial: Trial) -> None:
    """Only a list that was read to its end proves absence: our bill may be on a failed page."""
    faults = list_possible(trial, _list_faults(trial))
    step = choose_step(trial)
    trials, _ = fill_list(trial, step)
    hits = 0
    for each in (trials[0], trials[-1]):
        number = _count_questions(each, step)
        for place in {1, number - 1} if number > 1 else ():
            for fault in faults:
                hits += _fail_later(each, step, fault, place)
    if not hits:
        msg = f"A look-up of step {step.name} asks the ERP once, so that no later page can fail."
        raise NotProved(msg)
    trial.rows.note(f"terms.{step.kind}")
    _leave_cut_lists(trial, step)


def _count_questions(trial: Trial, step: Step) -> int:
    """Return the number of reading requests that one look-up of the step sends."""
    before = len(find_plan(trial).requests)
    trial.find_after_writing(step)
    return sum(each.method in READS for each in find_plan(trial).requests[before:])


def _fail_later(trial: Trial, step: Step, fault: Fault, place: int) -> int:
    """
    Look a document up, with a fault in each of its requests after the first *place* ones.

    End the check as refuted if the document counts as absent; return the number of faults.
    """
    injection = inject(trial, fault, is_read, times=None, after=place)
    sighting = trial.find(step)
    find_plan(trial).clear()
    require(
        not injection.hits or not isinstance(sighting, Absent),
        f"Request {place + 1} of a look-up met {fault.value}, and the document is there.",
        describe_outcome(sighting),
        "erp_find: return CannotTell unless every page was read as a whole",
    )
    return injection.hits


def check_unanswered_reading(trial: Trial) -> None:
    """A failed reading does not count as a deletion: the invoice would be sent and paid again."""
    faults = list_unanswered(trial, _list_faults(trial))
    for renew in list_forms(trial):
        each = renew()
        documents = [receipt for receipt in each.export() if receipt.role is not None]
        for receipt in documents:
            each.read_existing(receipt)
            for name, fault, how in faults:
                injection = inject(each, fault, is_read, times=None, **how)
                shown = each.adapter.read(each.session, receipt)
                find_plan(each).clear()
                require(
                    not injection.hits or not isinstance(shown, Gone),
                    f"Reading met {name}, and the document is there.",
                    f"document {receipt.erp_id} is gone",
                    "erp_read: let the exception pass",
                )


def check_unanswered_payments(trial: Trial) -> None:
    """A failed reading of payments is not an empty list: a paid invoice would be paid again."""
    if not trial.adapter.has_payments:
        return
    faults = list_unanswered(trial, UNANSWERED_LISTS)
    document = next(receipt for receipt in trial.export() if receipt.role is not None)
    for name, fault, how in faults:
        injection = inject(trial, fault, is_read, times=None, **how)
        payments = trial.adapter.payments(trial.session, document)
        find_plan(trial).clear()
        require(
            not injection.hits or isinstance(payments, CannotTell),
            f"Reading the payments met {name}, so that they are not known.",
            "an answer",
            "erp_payments: let the exception pass",
        )


def check_lost_removal(trial: Trial) -> None:
    """A removal without an answer is in doubt: a bill that stays in the ERP would be paid."""
    for fault in list_possible(trial, (*LOST, *DECLINED, *_REFUSED)):
        each = trial.renew_plain()
        step = next(step for step in each.steps if step.role is not None)
        receipt = each.export(until=step)[-1]
        injection = inject(each, fault)
        outcome = each.adapter.withdraw(each.session, receipt)
        is_whole = _has_no_body(each, fault)
        find_plan(each).clear()
        if not injection.hits or is_whole:
            continue
        if fault in LOST:
            require(
                isinstance(outcome, Unknown),
                f"After {FAULTS[fault].answer} the adapter cannot know whether the document was removed.",
                describe_outcome(outcome),
                "erp_withdraw: return Unknown, or let the exception pass",
            )
        require(
            not isinstance(outcome, Done) or was_sent_again(each, fault),
            f"After {FAULTS[fault].answer} the document was not removed.",
            describe_outcome(outcome),
            "erp_withdraw",
        )


def _has_no_body(trial: Trial, fault: Fault) -> bool:
    """Return whether the fault should have cut an answer's body, and the answer had no body."""
    faulty = [each for each in find_plan(trial).requests if each.fault is fault]
    is_empty = bool(faulty) and faulty[-1].erp_status == HTTPStatus.NO_CONTENT
    return fault is Fault.CUT_BODY and is_empty


# fmt: off
CHECKS = (
    Check(
        name="fault.look_up", run=check_unanswered_look_up, has_faults=True,
        words=("terms.*.look_up: key", "terms.*.look_up: number"),
        lie="An error, an HTML page, or a list that was cut short is taken for absence.",
    ),
    Check(
        name="fault.later_page", run=check_later_page, has_faults=True,
        words=("terms.*.look_up: key", "terms.*.look_up: number"),
        lie="A later page of a list that fails or is cut short is taken for the end of the list.",
    ),
    Check(
        name="fault.reading", run=check_unanswered_reading, has_faults=True,
        words=("unlink: delete_first", "features.unlink: full"),
        lie="An error or an HTML page is taken for a deletion of the document.",
    ),
    Check(
        name="fault.payments", run=check_unanswered_payments, has_faults=True,
        words=("unlink: delete_first", "unlink: free", "features.unlink: full"),
        lie="An error or an HTML page is taken for an empty list of payments.",
    ),
    Check(
        name="fault.removal", run=check_lost_removal, has_faults=True,
        words=("withdraw: full", "features.withdraw: full"),
        lie="A removal whose answer is lost, or is a refusal, counts as done.",
    ),
)
# fmt: on

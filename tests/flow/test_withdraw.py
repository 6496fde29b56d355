"""A leftover document is removed by the worker, or by hand with evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import attrs
import pytest

from erp_invoice_core.declaration import WithdrawForm
from erp_invoice_core.documents import Answer, Delay, QueueEntry
from erp_invoice_core.exchange import Deferred, Done, Outcome, Refused, Unknown
from erp_invoice_core.flow import add_holding, ask_withdrawal, record_withdrawal, start
from erp_invoice_core.vocabulary import ExportStatus

from .samples import (
    CREATE,
    ERP,
    LEASE,
    NO,
    PERSON,
    apply,
    build_case,
    build_claimed,
    build_declaration,
    build_draft_left,
    build_failed,
    build_receipt,
    build_removal_in_doubt,
)


def _ask_withdrawal(entry: QueueEntry | None = None) -> QueueEntry:
    entry = entry or build_draft_left()
    case = build_case(entry, apply(1), evidence=None)
    return ask_withdrawal(entry, case, at=apply(1), actor=PERSON, evidence=None).after


def _build_removing(entry: QueueEntry | None = None) -> QueueEntry:
    leased = build_claimed(entry or _ask_withdrawal(), at=1)
    return start(leased, CREATE, at=apply(1), lease=LEASE, erp_id="B-1").after


def test_withdrawal_waits_for_the_worker() -> None:
    """It is asked for, durable, and due at once; nothing is gone yet."""
    entry = _ask_withdrawal()

    assert (ExportStatus.FAILED, True, apply(1)) == (entry.status, entry.withdrawing, entry.due_at)
    assert 1 == len(entry.living)


def test_accepted_entry_is_failed_with_its_withdrawal() -> None:
    """An entry with a pending withdrawal is not exported."""
    entry = _ask_withdrawal(
        attrs.evolve(build_draft_left(), status=ExportStatus.ACCEPTED, due_at=apply(0))
    )

    assert (ExportStatus.FAILED, True) == (entry.status, entry.withdrawing)


def test_nothing_left_needs_no_withdrawal() -> None:
    """The entry can be rejected or retried as it is."""
    entry = build_failed()

    change = ask_withdrawal(
        entry, build_case(entry, apply(1)), at=apply(1), actor=PERSON, evidence="Looked."
    )

    assert ["export.nothing_left"] == [denial.code for denial in change.verdict.denials]
    assert {"evidence": "Looked."} == dict(change.facts)


def test_withdrawal_by_hand_is_done_at_once() -> None:
    """With evidence everything is gone, and no worker is needed."""
    entry = build_draft_left()
    case = build_case(entry, apply(1), erp=build_declaration(withdraw=WithdrawForm.BY_HAND))

    change = ask_withdrawal(entry, case, at=apply(1), actor=PERSON, evidence="Deleted.")

    assert ((), False, None) == (
        change.after.living,
        change.after.withdrawing,
        change.after.due_at,
    )


def test_withdrawal_by_hand_needs_evidence() -> None:
    """Without evidence it is not known that the document is gone."""
    entry = build_draft_left()
    erp = build_declaration(withdraw=WithdrawForm.BY_HAND)

    change = ask_withdrawal(
        entry,
        build_case(entry, apply(1), erp=erp, evidence=None),
        at=apply(1),
        actor=PERSON,
        evidence=None,
    )

    assert ["evidence.required"] == [denial.code for denial in change.verdict.denials]


def test_blank_evidence_is_none() -> None:
    """The worker removes the document, which is on record until then."""
    entry = build_draft_left()
    case = build_case(entry, apply(1), evidence=" ")

    change = ask_withdrawal(entry, case, at=apply(1), actor=PERSON, evidence=" ")

    assert (True, apply(1)) == (change.after.withdrawing, change.after.due_at)
    assert ["B-1"] == [held.receipt.erp_id for held in change.after.living]


def test_evidence_answers_no_removal_that_was_refused() -> None:
    """The ERP answered that request, and a person removed the document later."""
    refused = record_withdrawal(_build_removing(), 2, Refused(NO), at=apply(2), erp=ERP).after
    case = build_case(refused, apply(3))

    change = ask_withdrawal(refused, case, at=apply(3), actor=PERSON, evidence="Deleted.")

    assert Answer.REFUSED is change.after.calls[2].answer
    assert () == change.after.living


@pytest.mark.parametrize("erp", [None, ERP])
def test_evidence_settles_a_removal_in_doubt(erp: None) -> None:
    """Also where the adapter is gone for ever: a person looked, and it is gone."""
    entry = _build_removing()
    case = build_case(entry, apply(99), erp=erp, in_doubt=False, withdrawing=False)

    change = ask_withdrawal(entry, case, at=apply(99), actor=PERSON, evidence="Deleted.")

    assert Answer.RECEIPT is change.after.calls[-1].answer
    assert ((), False, None) == (change.after.living, change.after.withdrawing, change.after.lease)


def test_evidence_of_a_removal_answers_no_write() -> None:
    """Each call keeps its own answer."""
    entry = build_draft_left()

    change = ask_withdrawal(
        entry, build_case(entry, apply(1)), at=apply(1), actor=PERSON, evidence="Deleted."
    )

    assert [Answer.RECEIPT, Answer.REFUSED] == [call.answer for call in change.after.calls]


def test_removed_document_is_gone() -> None:
    """The last one ends the withdrawal."""
    change = record_withdrawal(_build_removing(), 2, Done(build_receipt()), at=apply(2), erp=ERP)

    assert ((), False, None, None) == (
        change.after.living,
        change.after.withdrawing,
        change.after.due_at,
        change.after.lease,
    )
    assert {"key": "5000/1/1/withdraw create", "erp_id": "B-1"} == dict(change.facts)


def test_next_document_is_removed_next() -> None:
    """While something lives the withdrawal goes on at once."""
    held = _build_removing().holdings[0]
    other = attrs.evolve(held, receipt=attrs.evolve(held.receipt, erp_id="B-2"))
    entry = add_holding(_build_removing(), other)

    change = record_withdrawal(entry, 2, Done(build_receipt()), at=apply(2), erp=ERP)

    assert (["B-2"], True, apply(2)) == (
        [held.receipt.erp_id for held in change.after.living],
        change.after.withdrawing,
        change.after.due_at,
    )


def test_refused_removal_is_a_persons_matter() -> None:
    """The document stays, and the reasons are recorded."""
    change = record_withdrawal(_build_removing(), 2, Refused(NO), at=apply(2), erp=ERP)

    assert (False, None, NO.denials) == (
        change.after.withdrawing,
        change.after.due_at,
        change.after.refusal,
    )
    assert (Answer.REFUSED, 1) == (change.after.calls[-1].answer, len(change.after.living))
    assert NO.denials == change.event.denials


def test_deferred_removal_is_asked_again() -> None:
    """Nothing was sent: five minutes later, or when the ERP says."""
    soon = record_withdrawal(_build_removing(), 2, Deferred(None, "Busy."), at=apply(2), erp=ERP)
    then = record_withdrawal(
        _build_removing(), 2, Deferred(apply(99), "Busy."), at=apply(2), erp=ERP
    )

    assert (True, apply(302)) == (soon.after.withdrawing, soon.after.due_at)
    assert apply(99) == then.after.due_at
    assert Answer.DEFERRED is soon.after.calls[-1].answer


def test_deferred_removal_is_not_given_up() -> None:
    """While it is asked again the reasons why the document was left stay as they were."""
    change = record_withdrawal(_build_removing(), 2, Deferred(None, "Busy."), at=apply(2), erp=ERP)

    assert NO.denials == change.after.refusal
    assert () == change.event.denials
    assert "Busy." == change.event.facts["why"]


def test_removal_is_given_up_at_the_end_of_the_schedule() -> None:
    """It was put off seven times: a person is asked, and may ask again."""
    entry = attrs.evolve(_build_removing(), lookups=7)

    change = record_withdrawal(entry, 2, Deferred(apply(99), "Busy."), at=apply(2), erp=ERP)

    assert (False, None, ["export.gave_up"]) == (
        change.after.withdrawing,
        change.after.due_at,
        [denial.code for denial in change.after.refusal],
    )


def test_lost_removal_is_read_back_once_it_is_settled() -> None:
    """Lease until 61, dead by 91: then the document is read."""
    change = record_withdrawal(_build_removing(), 2, Unknown("Timeout."), at=apply(2), erp=ERP)

    assert (True, apply(91), 1) == (
        change.after.withdrawing,
        change.after.due_at,
        len(change.after.in_doubt),
    )


def test_lost_removal_is_read_back_on_the_schedule() -> None:
    """After the first look an hour passes."""
    entry = attrs.evolve(_build_removing(), lookups=1)

    change = record_withdrawal(entry, 2, Unknown("Timeout."), at=apply(2), erp=ERP)

    assert apply(2) + timedelta(hours=1) == change.after.due_at


def test_lost_removal_waits_for_a_person_at_the_end_of_the_schedule() -> None:
    """The call stays in doubt until evidence or a resolution settles it."""
    entry = attrs.evolve(_build_removing(), lookups=7)

    change = record_withdrawal(entry, 2, Unknown("Timeout."), at=apply(2), erp=ERP)

    assert (False, None, 1) == (
        change.after.withdrawing,
        change.after.due_at,
        len(change.after.in_doubt),
    )


def test_outcome_of_no_kind_is_a_programmers_error() -> None:
    """The union of outcomes is closed."""
    with pytest.raises(AssertionError):
        record_withdrawal(_build_removing(), 2, cast("Outcome", None), at=apply(2), erp=ERP)


def test_removal_in_doubt_denies_a_second_one() -> None:
    """No withdrawal is accepted while a call is in doubt."""
    entry = build_removal_in_doubt()

    case = build_case(entry, apply(9), evidence=None)
    change = ask_withdrawal(entry, case, at=apply(9), actor=PERSON, evidence=None)

    assert ["export.in_doubt"] == [denial.code for denial in change.verdict.denials]


def test_evidence_of_a_removal_answers_no_write_in_doubt() -> None:
    """That a document is gone says nothing of another one that may have been made."""
    entry = build_draft_left()
    posting = attrs.evolve(entry.calls[1], answer=None)
    entry = attrs.evolve(entry, calls=(entry.calls[0], posting))
    case = build_case(entry, apply(1), in_doubt=False)

    change = ask_withdrawal(entry, case, at=apply(1), actor=PERSON, evidence="Deleted.")

    assert [Answer.RECEIPT, None] == [call.answer for call in change.after.calls]
    assert {"evidence": "Deleted."} == dict(change.event.facts)


@pytest.mark.parametrize(
    ("outcome", "looked", "why"),
    [
        (Done(build_receipt()), 0, {}),
        (Refused(NO), 4, {}),
        (Deferred(None, "Busy."), 4, {"why": "Busy."}),
        (Unknown("Timeout."), 4, {"why": "Timeout."}),
    ],
)
def test_event_of_a_removal_names_the_document_and_what_came_of_it(
    outcome: Outcome, looked: int, why: dict[str, str]
) -> None:
    """Each answer counts as one look, and the last document's removal ends the count."""
    entry = attrs.evolve(_build_removing(), lookups=3)

    change = record_withdrawal(entry, 2, outcome, at=apply(2), erp=ERP)

    assert looked == change.after.lookups
    assert {"key": "5000/1/1/withdraw create", "erp_id": "B-1", **why} == dict(change.event.facts)


@pytest.mark.parametrize(
    ("outcome", "lookups", "delay"),
    [
        (Deferred(None, "Busy."), 0, Delay("Busy.")),
        (Deferred(None, "Sign in.", needs_person=True), 0, Delay("Sign in.", needs_person=True)),
        (Unknown("Timeout."), 0, Delay("Timeout.")),
        (Deferred(None, "Busy."), 7, None),
        (Done(build_receipt()), 0, None),
        (Refused(NO), 0, None),
    ],
)
def test_removal_that_is_put_off_says_why(
    outcome: Outcome, lookups: int, delay: Delay | None
) -> None:
    """The end of a withdrawal removes the delay."""
    entry = attrs.evolve(_build_removing(), lookups=lookups)

    assert delay == record_withdrawal(entry, 2, outcome, at=apply(2), erp=ERP).after.delay

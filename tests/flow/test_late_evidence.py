"""Late evidence is always recorded."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from erp_invoice_core.documents import Answer, Key, QueueEntry
from erp_invoice_core.exchange import Contents, Deferred, Done, Found, Refused, Unknown
from erp_invoice_core.flow import (
    mark_gone,
    record_answer,
    record_late_answer,
    record_late_find,
    record_late_outcome,
    record_late_sighting,
    sight,
    sight_several,
)
from erp_invoice_core.verdict import Source
from erp_invoice_core.vocabulary import Action, ExportStatus

from .samples import (
    CREATE,
    DOCUMENT,
    ERP,
    NO,
    POST,
    apply,
    build_accepted,
    build_claimed,
    build_created,
    build_declaration,
    build_draft_left,
    build_exporting,
    build_failed,
    build_ready,
    build_receipt,
    build_rejected,
    build_removal_in_doubt,
    build_started,
    build_synced,
    build_unknown,
)

KEY = Key("5000", 1, 1, "create")


@pytest.mark.parametrize(
    "entry",
    [
        build_ready(),
        build_rejected(),
        build_accepted(),
        build_exporting(),
        build_failed(),
        build_unknown(),
    ],
    ids=str,
)
def test_receipt_that_turns_up_makes_the_entry_unknown(entry: QueueEntry) -> None:
    """In every status it is stored, ends a live lease and is looked up at once."""
    change = sight(entry, KEY, build_receipt(), at=apply(5), digest="d")

    assert (Action.SIGHT, ExportStatus.UNKNOWN) == (change.action, change.after.status)
    assert (None, apply(5), 0) == (change.after.lease, change.after.due_at, change.after.lookups)
    assert ["B-1"] == [held.receipt.erp_id for held in change.after.living]
    assert entry.version + 1 == change.after.version


def test_receipt_of_an_older_content_does_not_stand() -> None:
    """It is left there; it is no receipt of what was accepted."""
    change = sight(build_accepted(), KEY, build_receipt(), at=apply(5), digest="older")

    assert () == change.after.standing
    assert change.after.is_left


def test_known_receipt_moves_nothing() -> None:
    """A receipt that arrives twice is recorded once."""
    entry = build_draft_left()

    change = sight(entry, KEY, build_receipt(), at=apply(5), digest="d")

    assert (Action.RECORD, entry.version, entry.status) == (
        change.action,
        change.after.version,
        change.after.status,
    )


def test_receipt_of_a_document_that_is_gone_moves_nothing() -> None:
    """The late answer to the posting of a removed draft brings nothing back."""
    entry = mark_gone(build_draft_left(), "B-1")

    change = sight(entry, entry.build_key("post"), build_receipt("post"), at=apply(5), digest="d")

    assert (Action.RECORD, ExportStatus.FAILED, ()) == (
        change.action,
        change.after.status,
        change.after.living,
    )


def test_second_document_of_a_synced_entry_raises_the_alarm() -> None:
    """Nothing moves; the document is on record, so that an unlink asks for it too."""
    entry = build_synced()

    change = sight(
        entry, attrs.evolve(KEY, attempt=2), build_receipt(erp_id="B-2"), at=apply(5), digest="d"
    )

    assert [("erp.second_document", Source.ERP)] == [
        (denial.code, denial.source) for denial in change.event.denials
    ]
    assert ExportStatus.SYNCED is change.after.status
    assert ["B-1", "B-1", "B-2"] == [held.receipt.erp_id for held in change.after.living]


def test_document_on_record_of_a_synced_entry_raises_no_alarm() -> None:
    """Another receipt of the same document is no second document."""
    entry = build_synced()

    change = sight(entry, attrs.evolve(KEY, attempt=2), build_receipt(), at=apply(5), digest="d")

    assert () == change.event.denials
    assert ExportStatus.SYNCED is change.after.status


def test_document_of_an_earlier_generation_raises_the_alarm() -> None:
    """It raises an alarm and belongs to no document of this generation."""
    entry = attrs.evolve(build_ready(), generation=2)

    change = sight(entry, KEY, build_receipt(), at=apply(5), digest="d")

    assert [("erp.second_document", Source.ERP)] == [
        (denial.code, denial.source) for denial in change.event.denials
    ]
    assert (ExportStatus.READY, ()) == (change.after.status, change.after.holdings)


def test_removed_document_of_an_earlier_generation_raises_no_alarm() -> None:
    """It was deleted before the invoice was unlinked."""
    entry = attrs.evolve(
        mark_gone(build_synced(), None), generation=2, status=ExportStatus.NOT_SENT
    )

    change = sight(entry, KEY, build_receipt(), at=apply(5), digest="d")

    assert () == change.event.denials


def test_several_documents_under_a_key_raise_the_alarm() -> None:
    """The alarm has the key and the answer of the ERP; the entry does not change."""
    entry = build_synced()

    change = sight_several(entry, KEY, "There are 2 bills.", at=apply(5))

    assert Action.RECORD is change.action
    assert [("erp.several", Source.ERP)] == [
        (denial.code, denial.source) for denial in change.event.denials
    ]
    assert {"key": "5000/1/1/create", "why": "There are 2 bills."} == dict(change.facts)
    assert (entry.version, entry.status, entry.calls, entry.holdings) == (
        change.after.version,
        change.after.status,
        change.after.calls,
        change.after.holdings,
    )


def test_late_receipt_settles_its_call_and_is_sighted() -> None:
    """A holder whose lease is over answers after all."""
    entry = build_unknown()

    change = record_late_answer(entry, 0, Answer.RECEIPT, build_receipt(), at=apply(5), erp=ERP)

    assert (Action.SIGHT, entry) == (change.action, change.before)
    assert [Answer.RECEIPT] == [call.answer for call in change.after.calls]
    assert ["create"] == [held.receipt.step for held in change.after.standing]


def test_late_receipt_of_a_call_resolved_as_absent_is_late_evidence() -> None:
    """The resolution stays the answer of the call; the document is a leftover."""
    entry = record_answer(
        attrs.evolve(build_unknown(), status=ExportStatus.REJECTED), 0, Answer.ABSENT
    )

    change = record_late_answer(entry, 0, Answer.RECEIPT, build_receipt(), at=apply(5), erp=ERP)

    assert ExportStatus.UNKNOWN is change.after.status
    assert [Answer.ABSENT] == [call.answer for call in change.after.calls]


def test_late_receipt_that_is_known_settles_its_call() -> None:
    """The look-up was quicker: nothing is new but the answer, and the entry can go on."""
    entry = attrs.evolve(build_unknown(), holdings=build_created().holdings, due_at=None)

    change = record_late_answer(entry, 0, Answer.RECEIPT, build_receipt(), at=apply(5), erp=ERP)

    assert (Action.RECORD, apply(5), ()) == (
        change.action,
        change.after.due_at,
        change.after.in_doubt,
    )
    assert entry.version + 1 == change.after.version


@pytest.mark.parametrize("answer", [Answer.REFUSED, Answer.DEFERRED])
def test_late_no_settles_its_own_call_and_moves_nothing(answer: Answer) -> None:
    """The entry stays unknown, and a worker concludes at once."""
    change = record_late_answer(build_unknown(), 0, answer, None, at=apply(5), erp=ERP)

    assert (Action.RECORD, ExportStatus.UNKNOWN) == (change.action, change.after.status)
    assert [answer] == [call.answer for call in change.after.calls]
    assert apply(5) == change.after.due_at
    assert {"key": "5000/1/1/create", "testimony": answer.value} == dict(change.facts)


def test_late_no_leaves_another_workers_lease() -> None:
    """The next look-up concludes."""
    entry = build_claimed(build_unknown(), at=90)

    change = record_late_answer(entry, 0, Answer.REFUSED, None, at=apply(95), erp=ERP)

    assert (entry.lease, apply(90)) == (change.after.lease, change.after.due_at)


def test_late_no_changes_no_answer() -> None:
    """A call that a person resolved keeps its answer."""
    entry = record_answer(build_unknown(), 0, Answer.ABSENT)

    change = record_late_answer(entry, 0, Answer.REFUSED, None, at=apply(5), erp=ERP)

    assert [Answer.ABSENT] == [call.answer for call in change.after.calls]


def test_late_receipt_of_an_enforced_key_settles_its_twins() -> None:
    """One key, one document, no doubt."""
    entry = build_unknown()
    twice = attrs.evolve(entry, calls=(*entry.calls, *build_started().calls))

    change = record_late_answer(
        twice,
        0,
        Answer.RECEIPT,
        build_receipt(),
        at=apply(5),
        erp=build_declaration(enforces_key=True),
    )

    assert () == change.after.in_doubt


def test_late_removal_takes_the_document_away() -> None:
    """A holder whose lease is over did remove it: nothing is left to withdraw."""
    entry = build_claimed(
        attrs.evolve(build_removal_in_doubt(), withdrawing=True, due_at=apply(0)), at=4
    )

    change = record_late_answer(entry, 2, Answer.RECEIPT, build_receipt(), at=apply(5), erp=ERP)

    assert ((), False, None, None) == (
        change.after.living,
        change.after.withdrawing,
        change.after.due_at,
        change.after.lease,
    )
    assert ExportStatus.FAILED is change.after.status


def test_late_refusal_of_a_removal_leaves_the_document() -> None:
    """It is still there; the withdrawal goes on."""
    entry = attrs.evolve(build_removal_in_doubt(), withdrawing=True, due_at=apply(9))

    change = record_late_answer(entry, 2, Answer.REFUSED, None, at=apply(5), erp=ERP)

    assert (True, apply(9)) == (change.after.withdrawing, change.after.due_at)
    assert 1 == len(change.after.living)


def test_late_removal_of_a_synced_document_raises_the_alarm() -> None:
    """The invoice is not booked, which raises an alarm."""
    entry = record_answer(
        attrs.evolve(build_removal_in_doubt(), status=ExportStatus.SYNCED), 2, Answer.ABSENT
    )

    change = record_late_answer(entry, 2, Answer.RECEIPT, build_receipt(), at=apply(5), erp=ERP)

    assert [("erp.document_gone", Source.ERP)] == [
        (denial.code, denial.source) for denial in change.event.denials
    ]
    assert (ExportStatus.SYNCED, ()) == (change.after.status, change.after.living)


def test_late_no_to_one_of_two_calls_leaves_the_time_of_the_look_up() -> None:
    """The other call is still in doubt: nothing can be concluded at once."""
    first = build_unknown()
    other = attrs.evolve(first.calls[0], key=first.build_key("other"))
    entry = attrs.evolve(first, calls=(*first.calls, other))

    change = record_late_answer(entry, 0, Answer.REFUSED, None, at=apply(5), erp=ERP)

    assert ([Answer.REFUSED, None], apply(90)) == (
        [call.answer for call in change.after.calls],
        change.after.due_at,
    )


def test_late_removal_of_what_is_gone_raises_no_alarm() -> None:
    """The document of the synced invoice is another one, and it is there."""
    held = build_synced().holdings[0]
    other = attrs.evolve(held, receipt=attrs.evolve(held.receipt, erp_id="B-2"))
    gone = mark_gone(build_removal_in_doubt(), "B-1")
    entry = attrs.evolve(gone, status=ExportStatus.SYNCED, holdings=(*gone.holdings, other))

    change = record_late_answer(entry, 2, Answer.RECEIPT, build_receipt(), at=apply(99), erp=ERP)

    assert () == change.event.denials
    assert ["B-2"] == [one.receipt.erp_id for one in change.after.living]


def test_late_no_to_a_removal_raises_no_alarm() -> None:
    """The document of the synced invoice stays where it is."""
    entry = attrs.evolve(build_removal_in_doubt(), status=ExportStatus.SYNCED)

    change = record_late_answer(entry, 2, Answer.REFUSED, None, at=apply(99), erp=ERP)

    assert () == change.event.denials
    assert ["B-1"] == [one.receipt.erp_id for one in change.after.living]


@pytest.mark.parametrize("answer", [Answer.REFUSED, Answer.RECEIPT])
def test_late_answer_to_a_removal_asks_for_no_other(answer: Answer) -> None:
    """No removal is pending any more: none begins, and the requested one raises no alarm."""
    entry = build_removal_in_doubt()
    held = attrs.evolve(entry.holdings[0], receipt=build_receipt(erp_id="B-2"))
    entry = attrs.evolve(entry, holdings=(*entry.holdings, held))
    there = build_receipt() if answer is Answer.RECEIPT else None

    change = record_late_answer(entry, 2, answer, there, at=apply(99), erp=ERP)

    assert (False, ()) == (change.after.withdrawing, change.event.denials)
    assert "B-2" in [one.receipt.erp_id for one in change.after.living]


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        (Done(build_receipt()), Answer.RECEIPT),
        (Refused(NO), Answer.REFUSED),
        (Deferred(None, "Busy."), Answer.DEFERRED),
    ],
)
def test_the_late_outcome_of_a_call_is_evidence(outcome: Any, answer: Answer) -> None:  # noqa: ANN401 - any outcome
    """The answer settles the call; the entry is not moved on by it."""
    change = record_late_outcome(build_unknown(), 0, outcome, at=apply(5), erp=ERP)

    assert change is not None
    assert (answer, ExportStatus.UNKNOWN) == (change.after.calls[0].answer, change.after.status)


def test_a_late_outcome_that_is_unknown_is_no_evidence() -> None:
    """Nothing is recorded; a value that is no outcome is a mistake of the caller."""
    mistake: Any = "done"

    assert record_late_outcome(build_unknown(), 0, Unknown("?"), at=apply(5), erp=ERP) is None
    with pytest.raises(AssertionError):
        record_late_outcome(build_unknown(), 0, mistake, at=apply(5), erp=ERP)


def _build_found(key: str | None = "5000/1/1/create") -> Found:
    contents = Contents(
        vendor=DOCUMENT.vendor_origin_id,
        number=DOCUMENT.invoice_number,
        amount=DOCUMENT.due,
        date=DOCUMENT.billing_date,
        key=key,
    )
    return Found(build_receipt(), contents)


def test_a_late_sighting_settles_the_call_of_its_attempt_alone() -> None:
    """A document of an earlier attempt is sighted, and the call stays in doubt."""
    entry = build_unknown()
    former = attrs.evolve(KEY, attempt=0)

    same = record_late_sighting(entry, 0, KEY, build_receipt(), at=apply(5), erp=ERP)
    other = record_late_sighting(entry, 0, former, build_receipt(), at=apply(5), erp=ERP)

    assert Answer.RECEIPT is same.after.calls[0].answer
    assert (Action.SIGHT, None) == (other.action, other.after.calls[0].answer)


def _record_late_find(entry: QueueEntry, found: Found, *taken: str) -> Any:  # noqa: ANN401 - a change or none
    return record_late_find(
        entry, CREATE, found, asked_at=apply(5), at=apply(6), erp=ERP, taken=taken
    )


def test_a_late_find_settles_the_call_in_doubt() -> None:
    """The answer to an abandoned look-up counts like an answer in time."""
    assert (
        Answer.RECEIPT is _record_late_find(build_unknown(), _build_found()).after.calls[0].answer
    )


def test_a_late_find_settles_the_call_of_its_step() -> None:
    """A look-up by number finds the bill without its key, and another step keeps its doubt."""
    posting = build_started(build_created(), POST).calls[1]
    creating = attrs.evolve(
        build_unknown().calls[0], started_at=apply(-200), lease_until=apply(-140)
    )
    entry = attrs.evolve(build_unknown(), calls=(posting, creating))

    change = _record_late_find(entry, _build_found(key=None))

    assert [None, Answer.RECEIPT] == [call.answer for call in change.after.calls]


def test_a_late_find_under_an_absent_key_is_sighted() -> None:
    """The call was taken not to have happened; its document exists."""
    absent = record_answer(build_unknown(), 0, Answer.ABSENT)
    again = attrs.evolve(absent.calls[0], key=attrs.evolve(KEY, attempt=2), answer=None)
    entry = attrs.evolve(absent, attempt=2, calls=(*absent.calls, again))

    for one in (absent, entry):
        assert Action.SIGHT is _record_late_find(one, _build_found()).action


def test_a_late_find_that_proves_nothing_is_dropped() -> None:
    """It belongs to another entry, or bears a foreign key."""
    assert _record_late_find(build_unknown(), _build_found(), "B-1") is None
    assert _record_late_find(build_unknown(), _build_found("x")) is None


def test_receipt_that_turns_up_begins_the_look_ups_anew() -> None:
    """It brings the plan of its try, ends a withdrawal, and counts no earlier look-up."""
    entry = attrs.evolve(build_failed(), plan=(), lookups=3, withdrawing=True)

    change = sight(entry, KEY, build_receipt(), at=apply(5), digest="d", plan=[CREATE, POST])

    assert ExportStatus.UNKNOWN is change.after.status
    assert ((CREATE, POST), 0, False) == (
        change.after.plan,
        change.after.lookups,
        change.after.withdrawing,
    )


def test_receipt_that_turns_up_keeps_a_plan_that_is_fixed() -> None:
    """The steps are fixed with the first call of the try."""
    entry = attrs.evolve(build_failed(), plan=(CREATE, POST))

    change = sight(entry, KEY, build_receipt(), at=apply(5), digest="d")

    assert (CREATE, POST) == change.after.plan

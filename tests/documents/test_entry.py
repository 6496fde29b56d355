"""An entry has its calls in doubt, its documents in the ERP, and its current receipts."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs

from erp_invoice_core.documents import (
    Acceptance,
    Answer,
    Call,
    CallKind,
    Holding,
    Key,
    QueueEntry,
    Receipt,
)
from erp_invoice_core.testing import sample_document
from erp_invoice_core.vocabulary import ExportStatus, Role

NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = Key("5000", 1, 1, "bill")
BILL = Holding(Receipt(step="bill", erp_id="B-1", role=Role.BILL, digest="d"), KEY)
ACCEPTED = Acceptance(by="ann", at=NOW, digest="d", declaration="e", losses="l")


def _call(answer: Answer | None) -> Call:
    return Call(
        key=KEY,
        kind=CallKind.WRITE,
        step_kind="bill",
        digest="d",
        fencing=1,
        started_at=NOW,
        lease_until=NOW,
        answer=answer,
    )


def test_entry_begins_unsent_and_knows_nothing() -> None:
    """First generation, first attempt, no document, nothing in the ERP."""
    entry = QueueEntry(id="5000")

    assert (ExportStatus.NOT_SENT, 0, 0, 1, 1) == (
        entry.status,
        entry.version,
        entry.seq,
        entry.generation,
        entry.attempt,
    )
    assert ((), (), ()) == (entry.in_doubt, entry.living, entry.standing)
    assert not entry.acceptance_stands


def test_key_of_a_step_names_generation_and_try() -> None:
    """The key for the next write of the step."""
    entry = QueueEntry(id="5000", generation=2, attempt=3)

    assert Key("5000", 2, 3, "bill") == entry.build_key("bill")


def test_key_of_a_step_that_was_called_has_the_text_that_was_sent() -> None:
    """The same step in the same attempt is written again under the text of its first call."""
    call = attrs.evolve(_call(None), key=attrs.evolve(KEY, sent_as="old text"))
    entry = QueueEntry(id="5000", calls=(call,))

    assert "old text" == entry.build_key("bill").text
    assert "5000/1/1/post" == entry.build_key("post").text
    assert "5000/1/2/bill" == attrs.evolve(entry, attempt=2).build_key("bill").text


def test_calls_without_an_answer_are_in_doubt() -> None:
    """Every answer settles its call."""
    calls = (_call(None), *map(_call, Answer))

    assert calls[:1] == QueueEntry(id="5000", calls=calls).in_doubt


def test_documents_live_until_they_are_known_to_be_gone() -> None:
    """A removed document stays on record, and no longer counts as living."""
    gone = attrs.evolve(BILL, gone=True)

    assert (BILL,) == QueueEntry(id="5000", holdings=(gone, BILL)).living


def test_document_is_left_unless_the_entry_is_synced() -> None:
    """The document of a synced entry is not a leftover."""
    entry = QueueEntry(id="5000", holdings=(BILL,))

    assert entry.is_left
    assert not attrs.evolve(entry, status=ExportStatus.SYNCED).is_left
    assert not QueueEntry(id="5000").is_left


def test_receipt_counts_in_its_attempt_for_the_accepted_digest() -> None:
    """Of another attempt, generation or content, or without acceptance, it does not count."""
    entry = QueueEntry(id="5000", holdings=(BILL,), acceptance=ACCEPTED)

    assert (BILL,) == entry.standing
    assert () == attrs.evolve(entry, attempt=2).standing
    assert () == attrs.evolve(entry, generation=2).standing
    assert () == attrs.evolve(entry, acceptance=attrs.evolve(ACCEPTED, digest="x")).standing
    assert () == attrs.evolve(entry, acceptance=None).standing


def test_acceptance_counts_for_the_accepted_document() -> None:
    """Other content needs another acceptance."""
    entry = QueueEntry(id="5000", digest="d", acceptance=ACCEPTED)

    assert entry.acceptance_stands
    assert not attrs.evolve(entry, digest="x").acceptance_stands


def test_fields_of_an_acceptance_are_frozen() -> None:
    """The accepted fields cannot change afterwards."""
    given = {"accounting_date": "2026-11-01"}
    acceptance = attrs.evolve(ACCEPTED, fields=given)
    given.clear()

    assert {"accounting_date": "2026-11-01"} == dict(acceptance.fields)


def test_number_for_the_erp_is_the_accepted_one() -> None:
    """Else that of the document; an entry that was never sent has none."""
    sent = QueueEntry(id="5000", document=sample_document())
    acceptance = Acceptance(
        by="ap", at=NOW, digest=sent.digest, declaration="", losses="", number="R-1"
    )
    accepted = attrs.evolve(sent, acceptance=acceptance)
    plain = attrs.evolve(sent, acceptance=attrs.evolve(acceptance, number=None))
    assert [None, "ACME-77", "R-1", "ACME-77"] == [
        each.number for each in (QueueEntry(id="5000"), sent, accepted, plain)
    ]
    assert [None, None, "R-1", None] == [
        each.other_number for each in (QueueEntry(id="5000"), sent, accepted, plain)
    ]

"""Sending keeps the document as it is then; retrieving gives it back."""

from __future__ import annotations

import attrs

from erp_invoice_core.documents import Answer, QueueEntry
from erp_invoice_core.flow import record_answer, retrieve, send
from erp_invoice_core.vocabulary import Action, ExportStatus, InvoiceStatus

from .samples import (
    DOCUMENT,
    PERSON,
    PLAN,
    apply,
    build_accepted,
    build_case,
    build_ready,
    build_rejected,
    build_unknown,
)


def test_sent_entry_keeps_the_document() -> None:
    """Document, digest, connection and sender are kept as they are at the sending."""
    entry = build_ready()

    assert (ExportStatus.READY, "ledger", "everything") == (
        entry.status,
        entry.connection,
        entry.sent_by,
    )
    assert (DOCUMENT, DOCUMENT.digest) == (entry.document, entry.digest)


def test_event_of_a_sending_has_connection_and_digest() -> None:
    """The audit trail holds connection and digest."""
    entry = QueueEntry(id="5000")
    case = build_case(entry, apply(0))

    change = send(
        entry, case, action=Action.SEND, at=apply(0), actor=PERSON, connection="ledger", command="c"
    )

    assert {"connection": "ledger", "digest": DOCUMENT.digest} == dict(change.event.facts)
    assert "c" == change.event.command


def test_draft_invoice_is_not_sent() -> None:
    """Only an approved invoice is sent; the attempt is kept."""
    entry = QueueEntry(id="5000")
    case = build_case(entry, apply(0), invoice_status=InvoiceStatus.DRAFT)

    change = send(entry, case, action=Action.SEND, at=apply(0), actor=PERSON, connection="ledger")

    assert ["invoice.not_sendable"] == [denial.code for denial in change.event.denials]
    assert attrs.evolve(entry, seq=1) == change.after


def test_resent_entry_keeps_its_connection_and_its_new_document() -> None:
    """A corrected invoice is sent again to the same connection."""
    entry = build_rejected()
    corrected = attrs.evolve(DOCUMENT, invoice_number="ACME-78")
    case = build_case(entry, apply(1), document=corrected, invoice_number="ACME-78")

    change = send(entry, case, action=Action.RESEND, at=apply(1), actor=PERSON)

    assert (ExportStatus.READY, "ledger") == (change.after.status, change.after.connection)
    assert (corrected, corrected.digest) == (change.after.document, change.after.digest)
    assert 1 == change.after.attempt


def test_resent_entry_begins_anew() -> None:
    """Nothing that was counted, planned, refused or agreed to before holds any longer."""
    entry = attrs.evolve(
        build_rejected(),
        acceptance=build_accepted().acceptance,
        plan=PLAN,
        due_at=apply(500),
        deferrals=4,
        lost_claims=3,
        lookups=2,
        sent_by="ann",
    )

    change = send(
        entry, build_case(entry, apply(1)), action=Action.RESEND, at=apply(1), actor=PERSON
    )

    sent = change.after
    assert (None, (), None, ()) == (sent.acceptance, sent.plan, sent.due_at, sent.refusal)
    assert (0, 0, 0, "everything") == (
        sent.deferrals,
        sent.lost_claims,
        sent.lookups,
        sent.sent_by,
    )


def test_refused_sending_says_where_to() -> None:
    """The audit trail holds the connection of an attempt that was refused."""
    entry = QueueEntry(id="5000")
    case = build_case(entry, apply(0), invoice_status=InvoiceStatus.DRAFT)

    change = send(entry, case, action=Action.SEND, at=apply(0), actor=PERSON, connection="ledger")

    assert {"connection": "ledger"} == dict(change.event.facts)


def test_resent_entry_that_was_called_before_gets_new_keys() -> None:
    """After a try whose call did not happen the next sending is another try."""
    before = record_answer(build_unknown(), 0, Answer.ABSENT)
    entry = attrs.evolve(before, status=ExportStatus.REJECTED, acceptance=None)

    change = send(
        entry, build_case(entry, apply(100)), action=Action.RESEND, at=apply(100), actor=PERSON
    )

    assert 2 == change.after.attempt
    assert () == change.after.plan


def test_entry_with_something_left_is_not_resent() -> None:
    """A document of the former sending must be withdrawn first."""
    before = attrs.evolve(build_unknown(), status=ExportStatus.REJECTED)

    change = send(
        before, build_case(before, apply(9)), action=Action.RESEND, at=apply(9), actor=PERSON
    )

    assert ["export.draft_left"] == [denial.code for denial in change.verdict.denials]


def test_retrieved_entry_is_open_again() -> None:
    """Before the approver has answered the sender may take it back."""
    entry = build_ready()

    change = retrieve(entry, build_case(entry, apply(1)), at=apply(1), actor=PERSON)

    assert ExportStatus.RETRIEVED is change.after.status


def test_retrieved_entry_has_no_acceptance() -> None:
    """Nothing that was agreed to holds for what is edited now."""
    entry = attrs.evolve(build_ready(), acceptance=build_accepted().acceptance)

    change = retrieve(entry, build_case(entry, apply(1)), at=apply(1), actor=PERSON)

    assert (ExportStatus.RETRIEVED, None) == (change.after.status, change.after.acceptance)


def test_accepted_entry_is_not_retrieved() -> None:
    """The approver has answered."""
    entry = build_accepted()

    change = retrieve(entry, build_case(entry, apply(1)), at=apply(1), actor=PERSON)

    assert ["status.retrieve"] == [denial.code for denial in change.verdict.denials]

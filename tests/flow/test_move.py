"""An attempt that is refused moves the number of events; one that is allowed moves what it says."""

from __future__ import annotations

import attrs

from erp_invoice_core.documents import WORKER, Answer, QueueEntry
from erp_invoice_core.flow import import_synced, moved, refused
from erp_invoice_core.flow.known import answered
from erp_invoice_core.flow.move import next_attempt
from erp_invoice_core.verdict import Denial, Source, Verdict
from erp_invoice_core.vocabulary import Action, ExportStatus, Role

from .samples import PERSON, after, case_for, ready, started, unknown


def test_refused_attempt_moves_only_the_number_of_events() -> None:
    """A refused attempt leaves status and version, and keeps its reasons."""
    entry = ready()
    no = Verdict((Denial("status.send", "Retrieve it first.", Source.STATUS),))

    change = refused(Action.SEND, entry, no, at=after(1), actor="ann", command="c1")

    assert attrs.evolve(entry, seq=2) == change.after
    assert no.denials == change.event.denials
    assert "c1" == change.event.command
    assert {} == dict(change.facts)


def test_version_grows_with_the_status() -> None:
    """A new status is something that a person must know."""
    entry = ready()

    change = moved(Action.RETRIEVE, entry, at=after(1), actor="ann", to=ExportStatus.RETRIEVED)

    assert (2, 2) == (change.after.version, change.after.seq)


def test_version_grows_with_an_answer() -> None:
    """An answer to a call makes what a person saw before stale."""
    entry = started()
    calls = answered(entry, 0, Answer.REFUSED).calls

    change = moved(Action.RECORD, entry, at=after(1), actor="w", calls=calls)

    assert entry.version + 1 == change.after.version


def test_version_stays_where_nothing_was_learned() -> None:
    """A new due date alone leaves the version."""
    entry = ready()

    change = moved(Action.RECORD, entry, at=after(1), actor="w", due_at=after(9))

    assert (entry.version, entry.seq + 1) == (change.after.version, change.after.seq)


def test_try_stays_while_nothing_was_called_under_it() -> None:
    """A try without a call is still fresh."""
    assert 1 == next_attempt(ready())


def test_try_grows_once_something_was_called_under_it() -> None:
    """A key that was used is not used for a new try."""
    assert 2 == next_attempt(unknown())


def test_imported_invoice_is_synced_under_the_id_that_it_brought() -> None:
    """An invoice that came with an ERP id has its bill over there from the first day."""
    entry = QueueEntry(id="5000")
    case = case_for(entry, after(0), actor=WORKER)

    change = import_synced(
        entry, case, erp_id="OLD-1", connection="ledger", at=after(0), actor=WORKER
    )

    (held,) = change.after.holdings
    assert (ExportStatus.SYNCED, "ledger") == (change.after.status, change.after.connection)
    assert ("OLD-1", Role.BILL) == (held.receipt.erp_id, held.receipt.role)


def test_import_by_a_person_is_refused() -> None:
    """Only the system imports."""
    entry = QueueEntry(id="5000")
    case = case_for(entry, after(0))

    change = import_synced(
        entry, case, erp_id="OLD-1", connection="ledger", at=after(0), actor=PERSON
    )

    assert ["permission.import"] == [denial.code for denial in change.verdict.denials]
    assert ExportStatus.NOT_SENT is change.after.status

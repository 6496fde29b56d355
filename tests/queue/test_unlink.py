"""Unlinking reads each document by its id, outside any transaction, before it decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core import ExportStatus, SqliteStore
from erp_invoice_core import adapters as erp
from tests.worker.harness import APPROVER, EVERYTHING, SENDER, Office, ok
from tests.worker.scripted_erp import Scripted, contents, receipt

if TYPE_CHECKING:
    from pathlib import Path

NOT_SENT, SYNCED = ExportStatus.NOT_SENT, ExportStatus.SYNCED
BILL = erp.Step("bill", "bill", erp.Role.BILL)
RELEASE = erp.Step("release", "bill", erp.Role.RELEASE)


def synced(*steps: erp.Step) -> tuple[Office, Scripted]:
    """Return a set-up with a synced invoice, and its ERP."""
    plugin = Scripted(None, *steps)
    office = Office(plugin=plugin)
    office.accept("5000")
    plugin.answer(
        "write",
        *(erp.Done(receipt(f"B-{at}", step.name, step.role)) for at, step in enumerate(steps, 1)),
    )
    office.worker.run_once()
    assert SYNCED is office.status()
    return office, plugin


def codes(office: Office, evidence: str | None = None) -> list[str]:
    """Try to unlink and return the codes of the denials."""
    (result,) = office.queue.unlink(["5000"], EVERYTHING, evidence=evidence)
    return [denial.code for denial in result.verdict.denials]


def test_gone_documents_part() -> None:
    """Once its document is gone the invoice is not_sent again, in the next generation."""
    office, plugin = synced(BILL)
    plugin.answer("read", erp.Gone(office.clock()))

    assert [] == codes(office)
    entry = office.entry()
    assert (NOT_SENT, 2, 1, ()) == (entry.status, entry.generation, entry.attempt, entry.living)
    assert [("read", "B-1")] == [called for called in plugin.calls if called[0] == "read"]


def test_a_document_that_is_there_stays_linked() -> None:
    """A document that can be read, or may exist, denies the unlink, with any evidence."""
    office, plugin = synced(BILL)
    plugin.answer("read", contents(), RuntimeError("down"))

    assert ["export.not_gone"] == codes(office)
    assert ["export.not_gone"] == codes(office, "I am sure it is gone.")
    assert SYNCED is office.status()


def test_every_document_must_be_gone() -> None:
    """Of two documents one that still exists denies."""
    office, plugin = synced(BILL, RELEASE)
    plugin.answer("read", erp.Gone(office.clock()), contents())
    assert ["export.not_gone"] == codes(office)
    plugin.answer("read", erp.Gone(office.clock()), erp.Gone(office.clock()))
    assert [] == codes(office)


def test_an_erp_that_cannot_be_reached_denies() -> None:
    """If no session can be opened, nothing is unlinked."""
    office, plugin = synced(BILL)
    office.queue.connections.drop("erp")
    plugin.answer("connect", TimeoutError())
    assert ["export.not_gone"] == codes(office)


def test_evidence_counts_where_nobody_can_read() -> None:
    """If the adapter is missing, a person's evidence is enough; a blank one is not."""
    office, plugin = synced(BILL)
    office.queue.connections = type(office.queue.connections)(erp.Adapters())

    assert ["evidence.required", "export.not_gone"] == codes(office, "  ")
    assert [] == codes(office, "Deleted on the screen, seen by two.")
    assert (NOT_SENT, 0) == (office.status(), plugin.count("read"))


def test_no_call_inside_a_transaction(tmp_path: Path) -> None:
    """While the ERP is read no transaction is open: another process can write meanwhile."""
    office, plugin = synced(BILL)
    store = SqliteStore(tmp_path / "erp.db")
    other = Office(plugin=plugin, store=store, clock=office.clock)
    other.accept("5000")
    plugin.answer("write", erp.Done(receipt("B-9")))
    other.worker.run_once()

    def reading() -> object:
        assert not store._connection().in_transaction
        other.send("5001")
        return erp.Gone(other.clock())

    plugin.answer("read", reading)
    assert [] == codes(other)


def test_it_can_be_sent_anew() -> None:
    """After unlinking the invoice is sent and exported again, under keys of the new generation."""
    office, plugin = synced(BILL)
    plugin.answer("read", erp.Gone(office.clock()))
    assert [] == codes(office)
    ok(office.queue.send(["5000"], SENDER, connection="erp"))
    ok(office.queue.accept(["5000"], APPROVER))
    plugin.answer("write", erp.Done(receipt("B-2")))
    office.worker.run_once()

    assert ["5000/1/1/bill", "5000/2/1/bill"] == [key for key, _ in plugin.written]
    assert (SYNCED, ["B-2"]) == (
        office.status(),
        [held.receipt.erp_id for held in office.entry().living],
    )
    office.check()

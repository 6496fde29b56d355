"""Unlinking reads each document by its id, outside any transaction, before it decides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core import ExportStatus, SqliteStore
from erp_invoice_core import adapters as erp
from tests.worker.harness import APPROVER, EVERYTHING, SENDER, WorkerHarness, check_allowed
from tests.worker.scripted_erp import (
    ScriptedErp,
    build_contents,
    build_declaration,
    build_receipt,
)

if TYPE_CHECKING:
    from pathlib import Path

NOT_SENT, SYNCED = ExportStatus.NOT_SENT, ExportStatus.SYNCED
BILL = erp.Step("bill", "bill", erp.Role.BILL)
RELEASE = erp.Step("release", "bill", erp.Role.RELEASE)


def build_synced(
    *steps: erp.Step, plugin: ScriptedErp | None = None
) -> tuple[WorkerHarness, ScriptedErp]:
    """Return a set-up with a synced invoice, and its ERP."""
    plugin = plugin or ScriptedErp(None, *steps)
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    plugin.script(
        "write",
        *(
            erp.Done(build_receipt(f"B-{at}", step.name, step.role))
            for at, step in enumerate(steps, 1)
        ),
    )
    harness.worker.run_once()
    assert SYNCED is harness.get_status()
    return harness, plugin


def codes(harness: WorkerHarness, evidence: str | None = None) -> list[str]:
    """Try to unlink and return the codes of the denials."""
    (result,) = harness.queue.unlink(["5000"], EVERYTHING, evidence=evidence)
    return [denial.code for denial in result.verdict.denials]


def test_gone_documents_part() -> None:
    """Once its document is gone the invoice is not_sent again, in the next generation."""
    harness, plugin = build_synced(BILL)
    plugin.script("read", erp.Gone(harness.clock()))

    assert [] == codes(harness)
    entry = harness.get_entry()
    assert (NOT_SENT, 2, 1, ()) == (entry.status, entry.generation, entry.attempt, entry.living)
    assert [("read", "B-1")] == [called for called in plugin.calls if called[0] == "read"]


def test_a_document_that_is_there_stays_linked() -> None:
    """A document that can be read, or may exist, denies the unlink, with any evidence."""
    harness, plugin = build_synced(BILL)
    plugin.script("read", build_contents(), RuntimeError("down"))

    assert ["export.not_gone"] == codes(harness)
    assert ["export.not_gone"] == codes(harness, "I am sure it is gone.")
    assert SYNCED is harness.get_status()


def test_every_document_must_be_gone() -> None:
    """Of two documents one that still exists denies."""
    harness, plugin = build_synced(BILL, RELEASE)
    plugin.script("read", erp.Gone(harness.clock()), build_contents())
    assert ["export.not_gone"] == codes(harness)
    plugin.script("read", erp.Gone(harness.clock()), erp.Gone(harness.clock()))
    assert [] == codes(harness)


def test_an_erp_that_cannot_be_reached_denies() -> None:
    """If no session can be opened, nothing is unlinked."""
    harness, plugin = build_synced(BILL)
    harness.queue.connections.drop("erp")
    plugin.script("connect", TimeoutError("slow"), TimeoutError("slow"))

    (result,) = harness.queue.unlink(["5000"], EVERYTHING)

    (denial,) = result.verdict.denials
    assert "export.not_gone" == denial.code
    assert denial.message.startswith(
        "The documents of this invoice could not be read in the ERP, and may still be there."
        " Try again later. The reason is: "
    )


def test_unread_document_differs_from_one_that_is_there() -> None:
    """The sentence says that the document is there, or why it could not be read."""
    harness, plugin = build_synced(BILL)
    plugin.script("read", build_contents(), RuntimeError("down"))

    (there,) = harness.queue.unlink(["5000"], EVERYTHING)
    (unread,) = harness.queue.unlink(["5000"], EVERYTHING)

    assert [
        "The documents of this invoice are still in the ERP. Delete them there first.",
        (
            "The documents of this invoice could not be read in the ERP, and may still be there."
            " Try again later. The reason is: Scripted, erp_read: RuntimeError: down"
        ),
    ] == [each.verdict.denials[0].message for each in (there, unread)]
    remedies = [each.verdict.denials[0].remedies for each in (there, unread)]
    assert ["erp.delete", "erp.make_readable"] == [one.code for ((one,),) in remedies]


def test_evidence_counts_if_no_adapter_can_read() -> None:
    """If the adapter is missing, a person's evidence is enough; a blank one is not."""
    harness, plugin = build_synced(BILL)
    harness.queue.connections = type(harness.queue.connections)(erp.Adapters())

    assert ["evidence.required"] == codes(harness, "  ")
    assert [] == codes(harness, "Deleted on the screen, seen by two.")
    assert (NOT_SENT, 0) == (harness.get_status(), plugin.count_calls("read"))


def test_no_call_inside_a_transaction(tmp_path: Path) -> None:
    """While the ERP is read no transaction is open: another process can write meanwhile."""
    harness, plugin = build_synced(BILL)
    store = SqliteStore(tmp_path / "erp.db")
    other = WorkerHarness(plugin=plugin, store=store, clock=harness.clock)
    other.accept("5000")
    plugin.script("write", erp.Done(build_receipt("B-9")))
    other.worker.run_once()

    def read_payments() -> object:
        assert not store._connection().in_transaction
        other.send("5001")
        return erp.Gone(other.clock())

    plugin.script("read", read_payments)
    assert [] == codes(other)


def test_it_can_be_sent_anew() -> None:
    """After unlinking the invoice is sent and exported again, under keys of the new generation."""
    harness, plugin = build_synced(BILL)
    plugin.script("read", erp.Gone(harness.clock()))
    assert [] == codes(harness)
    check_allowed(harness.queue.send(["5000"], SENDER, connection="erp"))
    check_allowed(harness.queue.accept(["5000"], APPROVER))
    plugin.script("write", erp.Done(build_receipt("B-2")))
    harness.worker.run_once()

    assert ["5000/1/1/bill", "5000/2/1/bill"] == [key for key, _ in plugin.writes]
    assert (SYNCED, ["B-2"]) == (
        harness.get_status(),
        [held.receipt.erp_id for held in harness.get_entry().living],
    )
    harness.check_audit_log()


class PayingErp(ScriptedErp):
    """A scripted ERP that can say the payments of a document."""

    @erp.hookimpl
    def erp_payments(self, receipt: erp.Receipt) -> Any:  # noqa: ANN401 - any scripted value
        """Return no payment."""
        return self._pop_answer("payments", (), receipt.erp_id)


PAID = erp.ErpPayment(
    amount=Decimal("100.5"), date=date(2026, 11, 20), reference="CHK-1", method="check"
)


def test_payment_denies() -> None:
    """A payment of the invoice denies, though its document is gone, until it is voided."""
    harness, plugin = build_synced(BILL, plugin=PayingErp(None, BILL))
    plugin.script("read", erp.Gone(harness.clock()), erp.Gone(harness.clock()))
    plugin.script("payments", (PAID, erp.ErpPayment(amount=Decimal(0))))

    (result,) = harness.queue.unlink(["5000"], EVERYTHING)
    (denial,) = result.verdict.denials
    ((remedy,),) = denial.remedies

    assert "export.paid" == denial.code
    assert (
        "The ERP has payments of this invoice: 100.50 USD (2026-11-20, CHK-1, check). Void them"
        " there first." == denial.message
    )
    assert ("erp.void_payments", "Void the payments of this invoice in the ERP.") == (
        remedy.code,
        remedy.message,
    )
    assert [] == codes(harness)
    assert NOT_SENT is harness.get_status()


def test_payments_of_every_document_are_asked() -> None:
    """A payment of one document denies, also if those of another cannot be read."""
    harness, plugin = build_synced(BILL, RELEASE, plugin=PayingErp(None, BILL, RELEASE))
    plugin.script("read", *(erp.Gone(harness.clock()) for _ in range(2)))
    plugin.script("payments", RuntimeError("down"), [PAID])

    assert ["export.paid"] == codes(harness)
    assert ["B-1", "B-2"] == [receipt for called, receipt in plugin.calls if called == "payments"]


def test_unread_payments_are_a_notice() -> None:
    """Without the hook, or if it fails, an invoice is unlinked as before, with a notice."""
    plain, plugin = build_synced(BILL)
    plugin.script("read", erp.Gone(plain.clock()))
    (without,) = plain.queue.unlink(["5000"], EVERYTHING)
    harness, paying = build_synced(BILL, plugin=PayingErp(None, BILL))
    paying.script("read", erp.Gone(harness.clock()))
    paying.script("payments", RuntimeError("down"))
    (failed,) = harness.queue.unlink(["5000"], EVERYTHING)

    assert without.verdict.allowed
    assert failed.verdict.allowed
    assert [
        (
            "Check in the ERP that this invoice has no payments, because they could not be read:"
            " Scripted cannot read payments."
        ),
        (
            "Check in the ERP that this invoice has no payments, because they could not be read:"
            " Scripted, erp_payments: RuntimeError: down"
        ),
    ] == [each.verdict.notices[0].message for each in (without, failed)]
    assert {"export.payments_unread"} == {
        note.code for each in (without, failed) for note in each.verdict.notices
    }


def test_document_that_reads_as_paid_denies() -> None:
    """An adapter without the hook for payments may still say how far a document is paid."""
    free = build_declaration(unlink=erp.UnlinkForm.FREE)
    harness, plugin = build_synced(BILL, plugin=ScriptedErp(free, BILL))
    for state in (erp.PaymentState.PAID, erp.PaymentState.PART_PAID):
        plugin.script("read", build_contents(paid=state))
        (result,) = harness.queue.unlink(["5000"], EVERYTHING)
        (denial,) = result.verdict.denials
        assert "export.paid" == denial.code
        assert f"payments of this invoice: B-1 ({state.value})." in denial.message
    plugin.script("read", build_contents(paid=erp.PaymentState.OPEN))
    (result,) = harness.queue.unlink(["5000"], EVERYTHING)
    assert (True, ()) == (result.verdict.allowed, result.verdict.notices)


def test_recorded_state_of_payment_denies_until_it_is_read_anew() -> None:
    """The last reconciliation saw it as paid, and the document is gone now."""
    harness, plugin = build_synced(BILL)
    gone = erp.Gone(harness.clock())
    plugin.script("read", build_contents(paid=erp.PaymentState.PAID), gone, gone, gone)
    list(harness.queue.reconcile(["5000"], EVERYTHING))

    (result,) = harness.queue.unlink(["5000"], EVERYTHING)
    assert ["export.paid"] == [denial.code for denial in result.verdict.denials]
    assert "paid, as recorded, because it cannot be read now" in result.verdict.denials[0].message
    list(harness.queue.reconcile(["5000"], EVERYTHING))
    assert [] == codes(harness)


@pytest.mark.parametrize("fault", ["payments", "connect", "adapter"])
def test_recorded_payment_denies_until_it_is_read_anew(fault: str) -> None:
    """A payment of the history denies if it cannot be read; a later reconciliation corrects it."""
    harness, plugin = build_synced(BILL, plugin=PayingErp(None, BILL))
    plugin.script("read", erp.Gone(harness.clock()))
    plugin.script("payments", (PAID,))
    list(harness.queue.reconcile(["5000"], EVERYTHING))
    loaded = harness.queue.connections
    if fault == "connect":
        loaded.drop("erp")
        plugin.script("connect", TimeoutError("slow"), TimeoutError("slow"))
    elif fault == "adapter":
        harness.queue.connections = type(loaded)(erp.Adapters())
    else:
        plugin.script("read", erp.Gone(harness.clock()))
        plugin.script("payments", RuntimeError("down"))

    (result,) = harness.queue.unlink(["5000"], EVERYTHING, evidence="Seen by two.")

    denial = result.verdict.denials[-1]
    assert "export.paid" == denial.code
    assert (
        "The ERP has payments of this invoice: 100.50 USD (2026-11-20, CHK-1, check), as recorded,"
        " because it cannot be read now: " in denial.message
    )
    assert ["export.payments_unread"] == [note.code for note in result.verdict.notices]
    assert SYNCED is harness.get_status()

    harness.queue.connections = loaded
    plugin.script("read", *(erp.Gone(harness.clock()) for _ in range(2)))
    plugin.script("payments", (), RuntimeError("down"))
    list(harness.queue.reconcile(["5000"], EVERYTHING))
    assert [] == codes(harness)


def test_recorded_payment_of_a_document_that_is_read_does_not_count() -> None:
    """Only the documents whose payments cannot be read now are asked of the history."""
    harness, plugin = build_synced(BILL, RELEASE, plugin=PayingErp(None, BILL, RELEASE))
    plugin.script("read", *(erp.Gone(harness.clock()) for _ in range(4)))
    plugin.script("payments", (PAID,), (), (), RuntimeError("down"))
    list(harness.queue.reconcile(["5000"], EVERYTHING))

    assert [] == codes(harness)


def test_payments_are_not_asked_of_what_is_not_synced() -> None:
    """An invoice that is not in the ERP has no payments, and the status denies."""
    harness, plugin = build_synced(BILL, plugin=PayingErp(None, BILL))
    harness.send("5001")

    (result,) = harness.queue.unlink(["5001"], EVERYTHING)

    assert ["status.unlink"] == [denial.code for denial in result.verdict.denials]
    assert 0 == plugin.count_calls("payments")


def test_unreachable_erp_leaves_payments_unread() -> None:
    """Without a session, or without an adapter, the payments are not known."""
    harness, plugin = build_synced(BILL, plugin=PayingErp(None, BILL))
    harness.queue.connections.drop("erp")
    plugin.script("connect", TimeoutError("slow"), TimeoutError("slow"))
    (result,) = harness.queue.unlink(["5000"], EVERYTHING)

    assert ["export.not_gone"] == [denial.code for denial in result.verdict.denials]
    assert ["export.payments_unread"] == [note.code for note in result.verdict.notices]

    harness.queue.connections = type(harness.queue.connections)(erp.Adapters())
    (result,) = harness.queue.unlink(["5000"], EVERYTHING, evidence="Seen by two.")

    assert result.verdict.allowed
    assert [
        (
            "Check in the ERP that this invoice has no payments, because they could not be read: No"
            " adapter is loaded for the connection erp."
        )
    ] == [note.message for note in result.verdict.notices]

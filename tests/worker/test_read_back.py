"""After the last step the documents are read back, if the policy asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core import Action, ExportStatus, Policy
from erp_invoice_core import adapters as erp
from tests.worker.harness import APPROVER, NOON, WorkerHarness, check_allowed
from tests.worker.scripted_erp import ScriptedErp, WriteOnlyErp, build_contents, build_declaration

if TYPE_CHECKING:
    from erp_invoice_core.testing import FakeLedger

ACCEPTED, FAILED, SYNCED = ExportStatus.ACCEPTED, ExportStatus.FAILED, ExportStatus.SYNCED
BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
POLICY = Policy(read_back=True)


def _build(*steps: erp.Step) -> tuple[WorkerHarness, ScriptedErp]:
    plugin = ScriptedErp(build_declaration(landing=erp.LandingState.POSTED), *steps)
    harness = WorkerHarness(plugin=plugin, policy=POLICY)
    harness.accept("5000")
    return harness, plugin


def test_documents_are_not_read_without_the_policy() -> None:
    """By default the answer of the ERP is enough."""
    harness = WorkerHarness()
    harness.accept("5000")
    harness.worker.run_once()

    assert (SYNCED, 0) == (harness.get_status(), harness.count_requests()["read"])


def test_a_document_as_sent_is_synced() -> None:
    """It is read once, after the last step, in all the fields that the ERP knows."""
    harness = WorkerHarness(policy=POLICY)
    harness.accept("5000")
    harness.worker.run_once()

    assert (SYNCED, 1) == (harness.get_status(), harness.count_requests()["read"])
    harness.check_audit_log()


def _bend(ledger: FakeLedger, **fields: object) -> None:
    with ledger.lock() as state:
        for bill in state.bills.values():
            for name, value in fields.items():
                setattr(bill, name, value)


def test_a_document_that_differs_is_not_synced_until_it_is_corrected() -> None:
    """The reasons name the fields; a retry reads the corrected document, and writes nothing."""
    harness = WorkerHarness(policy=POLICY)
    harness.accept("5000")
    harness.fake.ledger.inject("post", "refuse")
    harness.worker.run_once()
    _bend(harness.fake.ledger, gross="1.00", lines=[])
    check_allowed(harness.queue.retry(["5000"], APPROVER))
    harness.worker.run_once()
    creates = harness.count_requests()["create"]

    assert (FAILED, ["erp.differs", "erp.differs"]) == (
        harness.get_status(),
        harness.list_refusal_codes(),
    )
    refusal = harness.get_entry().refusal
    assert ["gross", "lines"] == [denial.facts["field"] for denial in refusal]
    assert all(denial.remedies for denial in refusal)

    sent = harness.get_entry().document
    assert sent is not None
    _bend(harness.fake.ledger, gross=str(sent.gross), lines=None)
    check_allowed(harness.queue.retry(["5000"], APPROVER))
    harness.worker.run_once()

    assert (SYNCED, creates) == (harness.get_status(), harness.count_requests()["create"])
    assert Action.POST is harness.list_actions()[-1]
    harness.check_audit_log()


def test_a_document_that_cannot_be_read_is_read_later() -> None:
    """The receipts are kept, and nothing is written again."""
    harness = WorkerHarness(policy=POLICY)
    harness.accept("5000")
    harness.fake.ledger.inject("read", "unreachable")
    harness.worker.run_once()
    assert (ACCEPTED, 2) == (harness.get_status(), len(harness.get_entry().standing))

    harness.fake.ledger.inject("read", "unreachable")
    harness.clock.advance(60)
    harness.worker.run_once()
    assert ACCEPTED is harness.get_status()

    harness.clock.advance(60)
    harness.worker.run_once()
    assert (SYNCED, 1) == (harness.get_status(), harness.count_requests()["create"])
    harness.check_audit_log()


def test_a_document_that_is_gone_needs_a_person() -> None:
    """A user of the ERP removed it right after it was written."""
    harness, plugin = _build(BILL, POST)
    plugin.script("read", erp.Gone(NOON))
    harness.worker.run_once()

    assert (FAILED, ["erp.not_there"]) == (harness.get_status(), harness.list_refusal_codes())


def test_an_outcome_that_is_no_receipt_is_not_read_back() -> None:
    """Nor is a document before the last step."""
    harness, plugin = _build(BILL, POST)
    plugin.script("write", erp.Deferred(None, "Busy."))
    harness.worker.run_once()
    assert (ACCEPTED, 0) == (harness.get_status(), plugin.count_calls("read"))

    plugin.script("read", build_contents(state=erp.LandingState.DRAFT))
    harness.clock.advance(60)
    harness.worker.run_once()
    assert (FAILED, 1) == (harness.get_status(), plugin.count_calls("read"))
    (denial,) = harness.get_entry().refusal
    assert ("state", "draft") == (denial.facts["field"], denial.facts["in_erp"])


def test_an_adapter_that_cannot_read_is_believed() -> None:
    """The policy asks for nothing that the adapter cannot do."""
    harness = WorkerHarness(plugin=WriteOnlyErp(), policy=POLICY)
    harness.accept("5000")
    harness.worker.run_once()

    assert SYNCED is harness.get_status()


def test_decimals_of_the_ledger_are_exact() -> None:
    """A fake that shows an amount with other zeros does not differ."""
    harness = WorkerHarness(policy=POLICY)
    harness.accept("5000")
    harness.fake.ledger.inject("post", "refuse")
    harness.worker.run_once()
    _bend(harness.fake.ledger, gross="22250.5000")
    check_allowed(harness.queue.retry(["5000"], APPROVER))
    harness.worker.run_once()

    assert SYNCED is harness.get_status()

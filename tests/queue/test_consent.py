"""ACCEPT and RETRY ask the facts again: a problem that would fail the export denies there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core import Action, ExportStatus, InvoiceStatus
from erp_invoice_core import adapters as erp
from tests.worker.harness import APPROVER, SENDER, WorkerHarness, build_document, check_allowed
from tests.worker.scripted_erp import ScriptedErp, build_declaration, build_receipt

NO = erp.Verdict((erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP),))
BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
BENDS: dict[str, tuple[dict[str, Any], str]] = {
    "draft": ({"invoice_status": InvoiceStatus.DRAFT}, "invoice.not_sendable"),
    "taxed": ({"taxed": True}, "tax.unsupported"),
    "vendor": ({"vendor_synced": False}, "vendor.not_synced"),
    "amounts": ({"gross": Decimal(1)}, "document.differs"),
    "number": ({"fields": {"invoice_number": "A" * 21}}, "field.invoice_number.max_length"),
    "feature": ({"uses": frozenset({erp.Feature.RETAINAGE})}, "feature.retainage.impossible"),
    "status": ({"commitment_status": "Draft"}, "commitment.status"),
    "currency": ({"currency": "EUR"}, "currency.unsupported"),
}


def _build_declaration() -> erp.Declaration:
    rule = erp.FieldRule(field="invoice_number", validator=erp.Validator.MAX_LENGTH, limit=20)
    short = erp.FieldRule(field="description", validator=erp.Validator.MAX_LENGTH, limit=8)
    features = {
        **dict.fromkeys(erp.Feature, erp.Support.FULL),
        erp.Feature.RETAINAGE: erp.Support.IMPOSSIBLE,
        erp.Feature.RETAINAGE_RELEASE: erp.Support.IMPOSSIBLE,
    }
    return build_declaration(
        features=features,
        retainage=erp.RetainageForm.NONE,
        prerequisites={erp.Prerequisite.VENDOR},
        field_rules=(rule, short),
        extra_fields=(erp.ExportField(key="description", label="Description"),),
        commitment_statuses=frozenset({"Approved"}),
        currencies=frozenset({"USD"}),
    )


def _build_harness(*steps: erp.Step) -> tuple[WorkerHarness, ScriptedErp]:
    plugin = ScriptedErp(_build_declaration(), *steps)
    return WorkerHarness(plugin=plugin), plugin


def _bend(harness: WorkerHarness, bend: dict[str, Any]) -> None:
    harness.host.cases["5000"] = attrs.evolve(harness.host.cases["5000"], **bend)


def _fail(harness: WorkerHarness, plugin: ScriptedErp, **fields: str) -> None:
    harness.send("5000")
    check_allowed(harness.queue.accept(["5000"], APPROVER, fields=fields))
    plugin.script("check", NO)
    harness.worker.run_once()
    assert ExportStatus.FAILED is harness.get_status()


def _codes(results: Any) -> list[str]:  # noqa: ANN401 - results
    return [denial.code for result in results for denial in result.verdict.denials]


@pytest.mark.parametrize("name", BENDS)
def test_what_would_fail_the_export_denies_the_acceptance(name: str) -> None:
    """If the invoice changed after the sending, the approver learns it before the export."""
    harness, plugin = _build_harness()
    harness.send("5000")
    bend, code = BENDS[name]
    _bend(harness, bend)

    asked = harness.queue.why_not(["5000"], APPROVER, Action.ACCEPT)
    results = harness.queue.accept(["5000"], APPROVER)

    assert code in _codes(results)
    assert _codes(asked) == _codes(results)
    assert ExportStatus.READY is harness.get_status()
    assert [] == plugin.writes


@pytest.mark.parametrize("name", BENDS)
def test_what_would_fail_the_export_denies_the_retry(name: str) -> None:
    """A retry that could only fail again is denied with the reason."""
    harness, plugin = _build_harness()
    _fail(harness, plugin)
    bend, code = BENDS[name]
    _bend(harness, bend)

    results = harness.queue.retry(["5000"], APPROVER)

    assert code in _codes(results)
    assert ExportStatus.FAILED is harness.get_status()


def test_a_document_that_changed_since_it_was_sent_is_not_accepted() -> None:
    """An approver accepts the document as sent: a changed one must be sent again."""
    harness, _ = _build_harness()
    harness.send("5000")
    harness.host.add(build_document("5000", due="1.00"))

    results = harness.queue.accept(["5000"], APPROVER)
    assert ["export.changed_since_sent"] == _codes(results)
    assert "gross (22250.50 USD → 1.00 USD)" in results[0].verdict.denials[0].message

    check_allowed(harness.queue.reject(["5000"], APPROVER, reason="It has changed."))
    check_allowed(harness.queue.resend(["5000"], SENDER))
    check_allowed(harness.queue.accept(["5000"], APPROVER))


def test_a_retry_consents_to_the_document_as_it_is_now() -> None:
    """Without a leftover document it is a new attempt, with the current document."""
    harness, plugin = _build_harness()
    _fail(harness, plugin)
    harness.host.add(build_document("5000", due="1.00"))
    check_allowed(harness.queue.retry(["5000"], APPROVER))
    harness.worker.run_once()

    sent = harness.get_entry().document
    assert sent is not None
    assert (ExportStatus.SYNCED, Decimal("1.00")) == (harness.get_status(), sent.due)


def test_a_rule_of_an_extra_field_is_checked_at_the_consent() -> None:
    """A value that is too long is denied at accept and retry; retry can change it."""
    harness, plugin = _build_harness()
    harness.send("5000")
    long = {"description": "far too long"}
    assert ["field.description.max_length"] == _codes(
        harness.queue.accept(["5000"], APPROVER, fields=long)
    )
    check_allowed(harness.queue.accept(["5000"], APPROVER, fields={"description": "short"}))
    plugin.script("check", NO)
    harness.worker.run_once()

    assert ["field.description.max_length"] == _codes(
        harness.queue.retry(["5000"], APPROVER, fields=long)
    )
    check_allowed(harness.queue.retry(["5000"], APPROVER, fields={"description": "shorter"}))

    acceptance = harness.get_entry().acceptance
    assert acceptance is not None
    assert {"description": "shorter"} == dict(acceptance.fields)


def test_a_retry_keeps_changes_and_removes_fields() -> None:
    """Fields that are not named stay; a blank one removes its field."""
    harness, plugin = _build_harness()
    _fail(harness, plugin, description="one", terms="NET30")
    check_allowed(harness.queue.retry(["5000"], APPROVER))
    plugin.script("check", NO)
    harness.worker.run_once()
    first = harness.get_entry().acceptance
    check_allowed(
        harness.queue.retry(["5000"], APPROVER, fields={"description": " ", "hold_code": "H"})
    )
    second = harness.get_entry().acceptance

    assert first is not None
    assert second is not None
    assert {"description": "one", "terms": "NET30"} == dict(first.fields)
    assert {"terms": "NET30", "hold_code": "H"} == dict(second.fields)


def test_other_fields_are_not_taken_while_a_document_is_left() -> None:
    """A leftover document has the accepted fields: equal ones finish it, others are denied."""
    harness, plugin = _build_harness(BILL, POST)
    harness.accept("5000")
    plugin.script("write", erp.Done(build_receipt("B-1")), erp.Refused(NO))
    harness.worker.run_once()

    changed = harness.queue.retry(["5000"], APPROVER, fields={"description": "new"})
    assert ["export.fields_changed"] == _codes(changed)

    check_allowed(harness.queue.retry(["5000"], APPROVER))
    harness.worker.run_once()
    assert ExportStatus.SYNCED is harness.get_status()


def test_what_is_begun_is_finished_and_not_judged_again() -> None:
    """After the first write a rule that no longer holds does not stop the export."""
    harness, plugin = _build_harness(BILL, POST)
    harness.accept("5000")
    plugin.script("write", erp.Done(build_receipt("B-1")), erp.Refused(NO))
    harness.worker.run_once()
    _bend(harness, {"vendor_synced": False, "invoice_status": InvoiceStatus.DRAFT, "taxed": True})

    check_allowed(harness.queue.retry(["5000"], APPROVER))
    harness.worker.run_once()

    assert ExportStatus.SYNCED is harness.get_status()


def test_facts_that_cannot_be_had_change_nothing() -> None:
    """If the host's facts raise, the verb raises the same error; the entry is unchanged."""
    harness, _ = _build_harness()
    harness.send("5000")
    before = harness.get_entry()

    def fail(_ids: object) -> Any:  # noqa: ANN401 - nothing
        raise ConnectionError("The host's database is down.")

    harness.queue.facts = fail
    with pytest.raises(ConnectionError):
        harness.queue.accept(["5000"], APPROVER)

    assert before == harness.get_entry()

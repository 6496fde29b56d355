"""The history describes a document that disagrees: its id, and the fields that differ."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from erp_invoice_core import ExportStatus
from erp_invoice_core import adapters as erp
from tests.worker.harness import WorkerHarness
from tests.worker.scripted_erp import ScriptedErp, build_contents, build_receipt


def test_a_find_that_disagrees_is_described() -> None:
    """The event has its id and number, and both values of each field that differs."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    found = build_contents(amount=Decimal("20025.54"), date=date(2026, 11, 1), vendor=None)
    plugin.script("find", erp.Absent(harness.clock()), erp.Found(build_receipt(), found))
    plugin.script("write", erp.Unknown("The line broke."))
    harness.worker.run_once()
    harness.clock.advance(3600)
    harness.worker.run_once()

    event = harness.queue.history("5000")[-1]

    assert ExportStatus.UNKNOWN is harness.get_status()
    assert {
        "erp_id": "B-1",
        "number": "ACME-5000",
        "disagrees": "vendor, amount, date",
        "vendor_in_erp": "",
        "vendor_as_sent": "V-ACME",
        "amount_in_erp": "20025.54",
        "amount_as_sent": "20025.45",
        "date_in_erp": "2026-11-01",
        "date_as_sent": "2026-10-31",
        "why": "Document B-1 was found with another vendor: none instead of V-ACME."
        " Document B-1 was found with another amount: 20025.54 instead of 20025.45."
        " Document B-1 was found with another date: 2026-11-01 instead of 2026-10-31.",
    } == dict(event.facts)


def test_a_document_that_is_there_before_the_first_write_is_described() -> None:
    """The refusal names the foreign document, its number, and the fields that differ."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    foreign = build_contents(key=None, amount=Decimal("1.00"))
    plugin.script("find", erp.Found(build_receipt("X-9"), foreign))
    harness.worker.run_once()

    (denial,) = harness.get_entry().refusal

    assert "erp.already_there" == denial.code
    assert (
        "The ERP already has document X-9 with the number ACME-5000. Find out who entered it, and"
        " remove it if it is not needed."
    ) == (denial.message)
    assert {
        "erp_id": "X-9",
        "number": "ACME-5000",
        "disagrees": "amount",
        "amount_in_erp": "1.00",
        "amount_as_sent": "20025.45",
    } == dict(denial.facts)


def test_a_find_that_agrees_and_does_not_count_is_described() -> None:
    """A document of another entry is named without a difference."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    other = erp.Found(
        build_receipt(), build_contents(key="other/1/1/bill", amount=Decimal("20025.45"))
    )
    plugin.script("find", erp.Absent(harness.clock()), other)
    plugin.script("write", erp.Unknown("The line broke."))
    harness.worker.run_once()
    harness.clock.advance(3600)
    harness.worker.run_once()

    facts = dict(harness.queue.history("5000")[-1].facts)
    assert ("B-1", "ACME-5000") == (facts["erp_id"], facts["number"])
    assert "disagrees" not in facts

"""The history describes a document that disagrees: its id, and the fields that differ."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from erp_invoice_core import ExportStatus
from erp_invoice_core import adapters as erp
from tests.worker.harness import Office
from tests.worker.scripted_erp import Scripted, contents, receipt


def test_a_find_that_disagrees_is_described() -> None:
    """The event has its id and number, and both values of each field that differs."""
    plugin = Scripted()
    office = Office(plugin=plugin)
    office.accept("5000")
    found = contents(amount=Decimal("20025.54"), date=date(2026, 11, 1), vendor=None)
    plugin.answer("find", erp.Absent(office.clock()), erp.Found(receipt(), found))
    plugin.answer("write", erp.Unknown("The line broke."))
    office.worker.run_once()
    office.clock.advance(3600)
    office.worker.run_once()

    event = office.queue.history("5000")[-1]

    assert ExportStatus.UNKNOWN is office.status()
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
        "why": "Document B-1 was found, but it has another vendor none instead of V-ACME, another"
        " amount 20025.54 instead of 20025.45, another date 2026-11-01 instead of 2026-10-31.",
    } == dict(event.facts)


def test_a_document_that_is_there_before_the_first_write_is_described() -> None:
    """The refusal names the foreign document, its number, and the fields that differ."""
    plugin = Scripted()
    office = Office(plugin=plugin)
    office.accept("5000")
    foreign = contents(key=None, amount=Decimal("1.00"))
    plugin.answer("find", erp.Found(receipt("X-9"), foreign))
    office.worker.run_once()

    (denial,) = office.entry().refusal

    assert "erp.already_there" == denial.code
    assert "Find out who entered document X-9 in the ERP: it has the number ACME-5000." == (
        denial.message
    )
    assert {
        "erp_id": "X-9",
        "number": "ACME-5000",
        "disagrees": "amount",
        "amount_in_erp": "1.00",
        "amount_as_sent": "20025.45",
    } == dict(denial.facts)


def test_a_find_that_agrees_and_does_not_count_is_described() -> None:
    """A document of another entry is named without a difference."""
    plugin = Scripted()
    office = Office(plugin=plugin)
    office.accept("5000")
    other = erp.Found(receipt(), contents(key="other/1/1/bill", amount=Decimal("20025.45")))
    plugin.answer("find", erp.Absent(office.clock()), other)
    plugin.answer("write", erp.Unknown("The line broke."))
    office.worker.run_once()
    office.clock.advance(3600)
    office.worker.run_once()

    facts = dict(office.queue.history("5000")[-1].facts)
    assert ("B-1", "ACME-5000") == (facts["erp_id"], facts["number"])
    assert "disagrees" not in facts

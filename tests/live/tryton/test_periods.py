"""The accounting periods of a running Tryton."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from erp_invoice_core import ExportStatus
from erp_invoice_core.adapters import AccountingPeriod, Contents
from tests.live.tryton.company import build_document
from tests.worker.harness import APPROVER, SENDER, check_allowed

if TYPE_CHECKING:
    from erp_invoice_core.adapters import ExportDocument
    from tests.live.tryton.company import LiveCompany


def send(company: LiveCompany) -> ExportDocument:
    """Send an invoice of a month whose period is closed."""
    invoice = build_document("100.00", billing_date=date(2026, 1, 15))
    company.host.add(invoice)
    check_allowed(company.queue.send([invoice.invoice_id], SENDER, connection="tryton"))
    return invoice


def test_the_periods_of_the_years_are_read(company: LiveCompany) -> None:
    """Each month of the two fiscal years is a period; the first one is closed."""
    periods = company.adapter.periods(company.connect())

    assert isinstance(periods, tuple)
    assert 24 == len(periods)
    assert AccountingPeriod(
        name=periods[0].name,
        first_day=date(2026, 1, 1),
        last_day=date(2026, 1, 31),
        is_open=False,
    ) == min(periods, key=lambda period: period.first_day or date.min)
    assert [date(2026, 1, 1)] == [each.first_day for each in periods if not each.is_open]


def test_a_closed_date_is_denied_at_acceptance(company: LiveCompany) -> None:
    """The approver learns it before the export, with the nearest open date."""
    invoice = send(company)
    (result,) = company.queue.accept(
        [invoice.invoice_id], APPROVER, fields={"accounting_date": "2026-01-20"}
    )

    (denial,) = result.verdict.denials
    assert "field.accounting_date.closed" == denial.code
    assert "2026-02-01" in denial.message


def test_an_open_date_is_proposed(company: LiveCompany) -> None:
    """An invoice of a closed month is booked on the first open day."""
    invoice = send(company)
    check_allowed(company.queue.accept([invoice.invoice_id], APPROVER))

    assert [ExportStatus.SYNCED] == company.work(invoice)
    contents = company.adapter.read(company.connect(), company.find_bill(invoice))
    assert isinstance(contents, Contents)
    assert date(2026, 2, 1) == contents.date

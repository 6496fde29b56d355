"""Due dates and payment terms in a running Tryton."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import ExportStatus
from tests.live.tryton.company import LiveCompany, build_document
from tests.worker.harness import APPROVER, SENDER, check_allowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from erp_invoice_core.adapters import ExportDocument
    from examples.tryton.server import TrytonServer

#: The invoices of these tests are of 31 October 2026.
_DUE = """
    SELECT line.maturity_date FROM account_move_line AS line
    JOIN account_invoice AS bill ON bill.move = line.move AND bill.account = line.account
    WHERE bill.reference = ? ORDER BY line.maturity_date
"""
_TERMS = """
    SELECT terms.name FROM account_invoice_payment_term AS terms
    JOIN account_invoice AS bill ON bill.payment_term = terms.id WHERE bill.reference = ?
"""


def export(company: LiveCompany, fields: Mapping[str, str]) -> tuple[ExportDocument, ExportStatus]:
    """Export an invoice with these export fields; return it with its status."""
    invoice = build_document("100.00")
    company.accept(invoice, fields=fields)
    (status,) = company.work(invoice)
    return invoice, status


def list_due(company: LiveCompany, invoice: ExportDocument) -> list[str]:
    """Return the terms of a bill, if it has some, and the days on which its parts are due."""
    rows = [
        *company.ledger.query(_TERMS, invoice.invoice_number),
        *company.ledger.query(_DUE, invoice.invoice_number),
    ]
    return [str(value) for (value,) in rows]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"due_date": "2026-12-15"}, ["2026-12-15"]),
        ({"terms": "Net 30"}, ["Net 30", "2026-11-30"]),
        ({"terms": "End of next month"}, ["End of next month", "2026-11-30"]),
        (
            {"terms": "Half in 30, rest in 60 days"},
            ["Half in 30, rest in 60 days", "2026-11-30", "2026-12-30"],
        ),
        ({"terms": "Net 30", "due_date": "2026-12-15"}, ["Net 30", "2026-12-15"]),
        ({"terms": "N30"}, ["Net 30", "2026-11-30"]),
    ],
    ids=["due", "days", "month", "parts", "both", "mapped"],
)
def test_a_bill_is_due_as_accepted(
    server: TrytonServer, fields: dict[str, str], expected: list[str]
) -> None:
    """A due date is kept; Tryton computes it from terms and the date of the invoice."""
    company = LiveCompany(server, settings={"payment_terms": {"N30": "Net 30"}})
    invoice, status = export(company, fields)

    assert (ExportStatus.SYNCED, expected) == (status, list_due(company, invoice))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"terms": "Net 31"}, "terms_unknown"),
        ({"terms": "Two of a name"}, "terms_ambiguous"),
        ({"terms": "End of next month", "due_date": "2026-12-15"}, "terms_and_due_date"),
        ({"terms": "Half in 30, rest in 60 days", "due_date": "2026-12-15"}, "terms_and_due_date"),
    ],
    ids=["unknown", "ambiguous", "month", "parts"],
)
def test_terms_that_cannot_be_kept_are_refused(
    company: LiveCompany, fields: dict[str, str], code: str
) -> None:
    """The reason names the terms of the invoice, and nothing is written."""
    invoice = build_document("100.00")

    (denial,) = company.list_denials(invoice, fields)

    assert f"tryton.{code}" == denial.code
    assert fields["terms"] in denial.message
    assert [] == company.ledger.list_bills(str(invoice.invoice_number))


def test_the_terms_of_the_vendor_are_taken(company: LiveCompany) -> None:
    """A bill without due date and terms has those of the vendor, as one that is entered by hand."""
    invoice = build_document("100.00", vendor_origin_id="V-TERMS")
    (status,) = company.export(invoice)

    assert (ExportStatus.SYNCED, ["Net 30", "2026-11-30"]) == (status, list_due(company, invoice))


def test_proposed_terms_are_taken(server: TrytonServer) -> None:
    """Due date and terms that the source states are exported without being typed."""
    company = LiveCompany(server)
    invoice = build_document("100.00")
    company.host.add(invoice)
    company.host.cases[invoice.invoice_id] = attrs.evolve(
        company.host.cases[invoice.invoice_id],
        proposed={"due_date": "2026-12-15", "terms": "Net 30"},
    )
    check_allowed(company.queue.send([invoice.invoice_id], SENDER, connection="tryton"))
    check_allowed(company.queue.accept([invoice.invoice_id], APPROVER, due_date=date(2026, 12, 1)))

    assert [ExportStatus.SYNCED] == company.work(invoice)
    assert ["Net 30", "2026-12-01"] == list_due(company, invoice)

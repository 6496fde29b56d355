"""The values of a bill in Tryton: fields, lines, retainage and taxes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ...money import find_unit
from .rounding import compute_factors
from .taxes import build_tax_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...documents import ExportDocument, ExportLine
    from ...exchange import ExportRequest
    from .books import Books
    from .records import Records

_ONE: Final = Decimal(1)


def build_bill(request: ExportRequest, books: Books, records: Records) -> dict[str, Any]:
    """Return the values of Tryton's bill; a credit is a bill with amounts below zero."""
    document = request.document
    values = {
        "type": "in",
        "company": books.company,
        # Without the journal, posting ends in an error of the server (500).
        "journal": books.journal,
        "party": records.party,
        "invoice_address": records.address,
        "account": records.payable,
        "currency": records.currency,
        "reference": request.number,
        "description": _describe(document),
        "invoice_date": document.billing_date or request.accounting_date,
        "accounting_date": request.accounting_date,
        **records.terms.build_values(),
        "lines": [["create", list(_build_lines(request, books, records))]],
    }
    if rows := list(build_tax_rows(document, records.taxes)):
        values["taxes"] = [["create", rows]]
    return values


def _describe(document: ExportDocument) -> str:
    """Return the description by which people find the bill: commitment, invoice number, period."""
    named = " ".join(filter(None, (document.commitment_number, document.commitment_title)))
    days = [day.isoformat() for day in (document.period_start, document.period_end) if day]
    return ", ".join(filter(None, (named, f"#{document.number}", " - ".join(days))))


def _build_lines(
    request: ExportRequest, books: Books, records: Records
) -> Iterator[dict[str, Any]]:
    document = request.document
    for line in document.lines:
        quantity, price = compute_factors(line, find_unit(document.currency))
        yield {
            "type": "line",
            "currency": records.currency,
            "account": records.expenses.get(line.cost_type_origin_id or "", books.expense),
            "quantity": float(quantity),
            "unit_price": price,
            "description": line.description,
            "analytic_accounts": _build_analytic(books, records, line),
            "taxes": _build_taxes(records, line),
        }
    # The sign of the quantity distinguishes them, as the amounts of a credit are below zero.
    for quantity, amount in ((-_ONE, document.retained), (_ONE, document.released)):
        if amount:
            yield {
                "type": "line",
                "currency": records.currency,
                "account": books.retainage,
                "quantity": float(quantity),
                "unit_price": amount,
                "description": books.retainage_name,
            }


def _build_analytic(books: Books, records: Records, line: ExportLine) -> list[Any]:
    code = records.cost_codes[line.cost_code_origin_id or ""]
    entries = [
        {"root": books.job_root, "account": records.job},
        {"root": books.cost_root, "account": code},
    ]
    return [["create", entries]]


def _build_taxes(records: Records, line: ExportLine) -> list[Any]:
    code = line.tax_code_origin_id
    return [["add", [records.taxes[code].tax]]] if code else []

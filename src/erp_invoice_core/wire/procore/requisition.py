"""Requisitions, Procore's name for subcontractor invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...documents import Invoice
from ...vocabulary import InvoiceStatus
from .currency import read_own_currency
from .fields import REQUIRED, Field, Scope, dump_fields
from .items import dump_item, read_items
from .outcome import build_record, read_back
from .party import dump_attachments, dump_holds, parse_attachments, parse_holds
from .payments import dump_payments, parse_payment_summary, parse_payments
from .summary import TAX, dump_stated, find_summary, parse_stated
from .taxes import drop_codes, dump_tax_summary, list_applied, read_tax_summary
from .totals import check_sheet
from .values import (
    one_of,
    read_count,
    read_day,
    read_flag,
    read_id,
    read_label,
    read_origin,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .references import References


STATUS = one_of(InvoiceStatus)

# fmt: off
REQUISITION = (
    # name in the file, our attribute, kind, required
    Field("id",                                                "id",                        read_id, REQUIRED),
    Field("number",                                            "number",                    read_count, REQUIRED),
    Field("previous_requisition_id",                           "previous_id",               read_id),
    Field("project_id",                                        "project_id",                read_id, REQUIRED),
    Field("commitment_id",                                     "commitment_id",             read_id, REQUIRED),
    Field("period_id",                                         "period_id",                 read_id),
    Field("requisition_start",                                 "period_start",              read_day),
    Field("requisition_end",                                   "period_end",                read_day),
    Field("billing_date",                                      "billing_date",              read_day),
    Field("invoice_number",                                    "invoice_number",            read_label),
    Field("status",                                            "status",                    STATUS, REQUIRED),
    Field("final",                                             "final",                     read_flag),
    Field("origin_id",                                         "origin_id",                 read_origin),
    Field("invoice_type",                                      "invoice_type",              read_text),
    Field("contract_invoicing_method",                         "invoicing_method",          read_text),
    Field("erp_status",                                        "erp_status",                read_label),
    Field("payment_date",                                      "payment_date",              read_day),
    Field("deleted_at",                                        "deleted_at",                read_day),
    Field("due_date",                                          "due_date",                  read_day),
)
# fmt: on


def parse_requisition(
    scope: Scope, currency: str = "", references: References | None = None
) -> Invoice | None:
    """
    Read a requisition; ``None`` if a problem was reported.

    ``currency`` is used if the record does not state one. If references are given, the project, the
    commitment and the lines of the record must be among them.
    """
    found = scope.read_fields(REQUISITION)
    found["currency"] = read_own_currency(scope) or currency
    summary = find_summary(scope)
    if summary:
        if summary.look(TAX.name) != "":
            found |= summary.read_fields([TAX], found["currency"])
        found["stated"] = parse_stated(summary)
    found |= list_applied(read_tax_summary(scope))
    found |= parse_payment_summary(scope)
    found["payments"] = parse_payments(scope)
    if references:
        references.check_requisition(scope, found)
    found["holds"] = parse_holds(scope)
    found["attachments"] = parse_attachments(scope)
    found["items"] = read_items(scope, found, references)
    _check_order(scope, found)
    if not found["currency"]:
        return None  # the problem is reported for the company's currency
    invoice = build_record(scope, Invoice, found, REQUISITION)
    if invoice:
        invoice = drop_codes(invoice)
    if invoice and references:
        _build_notice(scope, invoice)
        check_sheet(scope, summary, invoice, references.find_commitment(invoice.commitment_id))
    return invoice


def _check_order(scope: Scope, found: Mapping[str, Any]) -> None:
    previous, end = found.get("previous_id"), found.get("period_end")
    if previous is not None and previous == found.get("id"):
        scope.report_problem("previous_requisition_id", "reference.itself", invoice=previous)
    if end and "period_start" in found and end < found["period_start"]:
        dates = {"start": found["period_start"], "end": end}
        scope.report_problem("requisition_end", "period.order", **dates)


def _build_notice(scope: Scope, invoice: Invoice) -> None:
    if invoice.period_id is None:
        scope.warn("period_id", "invoice.no_period")
    if invoice.is_taxed:
        scope.warn("", "tax.present")


def dump_requisition(record: Invoice) -> dict[str, Any]:
    """
    Return the plain object of an invoice.

    It always has the currency of the invoice and the accounting method of each unit item.
    """
    return {
        **dump_fields(record, REQUISITION),
        "currency_configuration": {"currency_iso_code": record.currency},
        **dump_stated(record),
        **dump_tax_summary(record),
        **dump_payments(record),
        **dump_holds(record.holds),
        **dump_attachments(record.attachments),
        "items": [dump_item(item) for item in record.items],
    }


def read_requisition(data: Mapping[str, Any]) -> Invoice:
    """Read an object of :func:`dump_requisition`; raise ``InvalidDocument`` if it is not valid."""
    return read_back(data, parse_requisition)

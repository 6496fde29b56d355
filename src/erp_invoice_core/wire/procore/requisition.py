"""Requisitions, Procore's name for subcontractor invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...documents import Invoice
from ...vocabulary import InvoiceStatus
from .currency import own_currency
from .fields import REQUIRED, Field, Scope, dump_fields
from .items import dump_item, items
from .outcome import read_back, whole
from .party import attachments, dump_attachments, dump_holds, holds
from .payments import dump_payments, payment_summary, payments
from .summary import TAX, dump_stated, stated, summary_of
from .taxes import dump_tax_summary, tax_summary
from .totals import check_sheet
from .values import count, day, flag, identity, label, origin, text, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .references import References


STATUS = word(InvoiceStatus)

# fmt: off
REQUISITION = (
    # name in the file, our attribute, kind, required
    Field("id",                                                "id",                        identity, REQUIRED),
    Field("number",                                            "number",                    count, REQUIRED),
    Field("previous_requisition_id",                           "previous_id",               identity),
    Field("project_id",                                        "project_id",                identity, REQUIRED),
    Field("commitment_id",                                     "commitment_id",             identity, REQUIRED),
    Field("period_id",                                         "period_id",                 identity),
    Field("requisition_start",                                 "period_start",              day),
    Field("requisition_end",                                   "period_end",                day),
    Field("billing_date",                                      "billing_date",              day),
    Field("invoice_number",                                    "invoice_number",            label),
    Field("status",                                            "status",                    STATUS, REQUIRED),
    Field("final",                                             "final",                     flag),
    Field("origin_id",                                         "origin_id",                 origin),
    Field("invoice_type",                                      "invoice_type",              text),
    Field("contract_invoicing_method",                         "invoicing_method",          text),
    Field("erp_status",                                        "erp_status",                label),
    Field("payment_date",                                      "payment_date",              day),
    Field("deleted_at",                                        "deleted_at",                day),
)
# fmt: on


def requisition(
    scope: Scope, currency: str = "", references: References | None = None
) -> Invoice | None:
    """
    Read a requisition; ``currency`` counts where it names none.

    Where references are given, its project, commitment and lines must be among them.
    """
    found = scope.all(REQUISITION)
    found["currency"] = own_currency(scope) or currency
    summary = summary_of(scope)
    if summary:
        if summary.look(TAX.name) != "":
            found |= summary.all([TAX], found["currency"])
        found["stated"] = stated(summary)
    found["taxes_applied"] = tax_summary(scope)
    found |= payment_summary(scope)
    found["payments"] = payments(scope)
    if references:
        references.of_requisition(scope, found)
    found["holds"] = holds(scope)
    found["attachments"] = attachments(scope)
    found["items"] = items(scope, found, references)
    _check_order(scope, found)
    if not found["currency"]:
        return None  # the problem is reported at the company's currency
    invoice = whole(scope, Invoice, found, REQUISITION)
    if invoice and references:
        _notice(scope, invoice)
        check_sheet(scope, summary, invoice, references.commitment(invoice.commitment_id))
    return invoice


def _check_order(scope: Scope, found: Mapping[str, Any]) -> None:
    previous, end = found.get("previous_id"), found.get("period_end")
    if previous is not None and previous == found.get("id"):
        sentence = "Name another requisition as the previous one."
        scope.problem("previous_requisition_id", "reference.itself", sentence)
    if end and "period_start" in found and end < found["period_start"]:
        scope.problem("requisition_end", "period.order", "End the period on or after its start.")


def _notice(scope: Scope, invoice: Invoice) -> None:
    if invoice.period_id is None:
        sentence = "Give the requisition a billing period: many ERPs ask for one."
        scope.warn("period_id", "invoice.no_period", sentence)
    if invoice.is_taxed:
        sentence = "Mind the tax: it is not computed, and most ERPs refuse the invoice."
        scope.warn("", "tax.present", sentence)


def dump_requisition(record: Invoice) -> dict[str, Any]:
    """Return the plain object of an invoice, its currency and its items' methods written out."""
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
    """Read back what :func:`dump_requisition` wrote; raises ``InvalidDocument``."""
    return read_back(data, requisition)

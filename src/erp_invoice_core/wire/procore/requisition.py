"""Requisitions, Procore's name for subcontractor invoices, and their items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...documents import Invoice, InvoiceItem
from ...money import ZERO
from ...vocabulary import AccountingMethod, InvoiceStatus, ItemType
from .currency import own_currency
from .fields import REQUIRED, Field, Scope, dump_fields
from .figures import amount, count, decimal
from .kinds import day, dumped, flag, identity, label, origin, text, word
from .party import attachments, dump_attachments, dump_holds, holds
from .reading import read_back, whole
from .totals import check_item, check_sheet
from .units import by_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .references import References

__all__ = ["dump_requisition", "read_requisition", "requisition"]

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
)
ITEM = (
    Field("id",                                                "id",                        identity, REQUIRED),
    Field("item_type",                                         "item_type",                 word(ItemType), REQUIRED),
    Field("line_item_id",                                      "line_item_id",              identity, REQUIRED),
    Field("accounting_method",                                 "accounting_method",         word(AccountingMethod)),
    Field("description_of_work",                               "description",               text),
    Field("scheduled_value",                                   "scheduled_value",           amount),
    Field("work_completed_from_previous_application",          "work_previous",             amount),
    Field("work_completed_this_period",                        "work_this_period",          amount),
    Field("materials_presently_stored",                        "stored",                    amount),
    Field("materials_presently_stored_from_previous_progress", "stored_previous",           amount),
    Field("materials_moved",                                   "materials_moved",           amount),
    Field("work_completed_retainage_from_previous_application","work_retainage_previous",   amount),
    Field("work_completed_retainage_retained_this_period",     "work_retainage_retained",   amount),
    Field("work_completed_retainage_released_this_period",     "work_retainage_released",   amount),
    Field("materials_stored_retainage_currently_retained",     "stored_retainage_held",     amount),
    Field("materials_stored_retainage_released_this_period",   "stored_retainage_released", amount),
    Field("materials_retainage_retained_moved",                "stored_retainage_moved",    amount),
    Field("materials_stored_retainage_new_materials",          "stored_retainage_new",      amount),
    Field("total_completed_and_stored_to_date_from_previous",  "total_previous",            amount),
    Field("taxes",                                             "taxes",                     amount),
    Field("scheduled_quantity",                                "scheduled_quantity",        decimal),
    Field("scheduled_unit_price",                              "scheduled_unit_price",      decimal),
    Field("work_completed_from_previous_application_quantity", "quantity_previous",         decimal),
    Field("work_completed_this_period_quantity",               "quantity_this_period",      decimal),
    Field("uom",                                               "uom",                       text),
)
#: Of a unit item: the amount, and the quantity that makes it with the unit price.
UNITS = (
    # name in the file                                        amount               quantity
    ("scheduled_value",                                       "scheduled_value",           "scheduled_quantity"),
    ("work_completed_from_previous_application",              "work_previous",             "quantity_previous"),
    ("work_completed_this_period",                            "work_this_period",          "quantity_this_period"),
)
TAX = Field("tax_applicable_to_this_payment", "tax_applicable", amount)
# fmt: on


def _item(scope: Scope, currency: str, method: AccountingMethod) -> dict[str, Any]:
    found = {"accounting_method": method, **scope.all(ITEM, currency)}
    if found["accounting_method"] is AccountingMethod.UNIT:
        for name, made, quantity in UNITS:
            figures = found.get(quantity), found.get("scheduled_unit_price")
            product = by_units(scope, name, found.get(made), figures, currency)
            if product is not None:
                found[made] = product
    if scope.get("scheduled_value") is None and "scheduled_value" not in found:
        scope.problem("scheduled_value", "value.missing", "Give a value: it is required.")
    return found


def _items(
    scope: Scope, found_above: Mapping[str, Any], references: References | None
) -> tuple[InvoiceItem, ...]:
    currency, commitment_id = found_above["currency"], found_above.get("commitment_id")
    method = AccountingMethod.AMOUNT
    if references and commitment_id and (commitment := references.commitment(commitment_id)):
        method = commitment.accounting_method
    seen: set[str] = set()
    items = []
    for child in scope.children("items"):
        found = _item(child, currency, method)
        child.unique(seen, found.get("id"))
        if references:
            references.of_item(child, found, commitment_id)
        item = whole(child, InvoiceItem, found, ITEM)
        if item:
            check_item(child, item, currency)
            items.append(item)
    return tuple(items)


def requisition(
    scope: Scope, currency: str = "", references: References | None = None
) -> Invoice | None:
    """
    Read a requisition; ``currency`` counts where it names none.

    Where references are given, its project, commitment and lines must be among them.
    """
    found = scope.all(REQUISITION)
    found["currency"] = own_currency(scope) or currency
    summary = scope.child("summary")
    if summary:
        found |= summary.all([TAX], found["currency"])
    if references:
        references.of_requisition(scope, found)
    found["holds"] = holds(scope)
    found["attachments"] = attachments(scope)
    found["items"] = _items(scope, found, references)
    _check_order(scope, found)
    if not found["currency"]:
        return None  # the company's currency is the problem, told where it stands
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
    if invoice.tax_applicable != ZERO or any(item.taxes != ZERO for item in invoice.items):
        sentence = "Mind the tax: it is not computed, and most ERPs refuse the invoice."
        scope.warn("", "tax.present", sentence)


def dump_requisition(record: Invoice) -> dict[str, Any]:
    """Return the plain object of an invoice, its currency and its items' methods written out."""
    summary = {}
    if record.tax_applicable != ZERO:
        summary["summary"] = {TAX.name: dumped(record.tax_applicable)}
    return {
        **dump_fields(record, REQUISITION),
        "currency_configuration": {"currency_iso_code": record.currency},
        **summary,
        **dump_holds(record.holds),
        **dump_attachments(record.attachments),
        "items": [_dump_item(item) for item in record.items],
    }


def _dump_item(item: InvoiceItem) -> dict[str, Any]:
    plain = dump_fields(item, ITEM)
    if item.accounting_method is AccountingMethod.UNIT:
        # An absent amount of a unit item would be made of its quantity: a zero stands too.
        plain |= {name: dumped(getattr(item, made)) for name, made, _ in UNITS}
    return plain


def read_requisition(data: Mapping[str, Any]) -> Invoice:
    """Read back what :func:`dump_requisition` wrote; raises ``InvalidDocument``."""
    return read_back(data, requisition)

"""Reader of the taxes that a requisition states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ...documents import StatedTax
from ...money import ZERO
from .fields import Field, Scope
from .values import dump_value, read_amount, read_figure, read_id, read_label, read_rate

if TYPE_CHECKING:
    from ...documents import Invoice, InvoiceItem


CODE = (
    Field("tax_code_id", "code_id", read_id),
    Field("tax_code_name", "name", read_label),
)
RATE = Field("tax_code_rate", "rate", read_rate)
AMOUNT = Field("amount", "amount", read_amount)
APPLIED = Field("applied_amount", "amount", read_figure)
ITEM = Field("taxes", "taxes", read_amount)


def read_item_taxes(scope: Scope, currency: str) -> dict[str, Any]:
    """
    Return the attributes of an item that has taxes: rates, amount, and tax codes.

    The field is an array of tax codes with their rates, or one amount.
    """
    value = scope.look("taxes")
    if value == "":
        return {}
    if not isinstance(value, (list, dict)):
        return scope.read_fields([ITEM], currency)
    read = [
        child.read_fields([*CODE, RATE, AMOUNT], currency)
        for child in scope.read_children("taxes", one_or_more=True)
    ]
    rates = tuple(each["rate"] for each in read if each.get("rate"))
    total = sum((each["amount"] for each in read if "amount" in each), ZERO)
    codes = tuple(StatedTax(**each) for each in read)
    has_code = any(each.code for each in codes)
    return {"tax_rates": rates, "taxes": total, "tax_codes": codes if has_code else ()}


def read_tax_summary(scope: Scope) -> tuple[StatedTax, ...]:
    """Return the totals in a requisition's tax summary; one of zero only if it has a tax code."""
    children = scope.read_children("tax_summary", one_or_more=True)
    read = [child.read_fields([*CODE, APPLIED]) for child in children]
    totals = [StatedTax(**each) for each in read if each.get("amount") is not None]
    return tuple(each for each in totals if each.amount or each.code)


def list_applied(summary: tuple[StatedTax, ...]) -> dict[str, Any]:
    """
    Return ``taxes_applied`` and ``tax_summary`` of an invoice from its tax summary.

    The rows themselves are kept only if one of them has a tax code.
    """
    applied = tuple(each.amount for each in summary if each.amount)
    has_code = any(each.code for each in summary)
    return {"taxes_applied": applied, "tax_summary": summary if has_code else ()}


def drop_codes(invoice: Invoice) -> Invoice:
    """Return an invoice; if it carries no tax, its tax codes are left out."""
    has_codes = invoice.tax_summary or any(item.tax_codes for item in invoice.items)
    if invoice.is_taxed or not has_codes:
        return invoice
    items = tuple(attrs.evolve(item, tax_codes=()) for item in invoice.items)
    return attrs.evolve(invoice, items=items, tax_summary=())


def dump_item_taxes(item: InvoiceItem) -> dict[str, Any]:
    """Return the field ``taxes`` of an item as plain data; an empty dict without taxes."""
    if item.tax_codes:
        return {ITEM.name: [_dump_tax(each, AMOUNT.name) for each in item.tax_codes]}
    if not item.tax_rates:
        return {ITEM.name: dump_value(item.taxes)} if item.taxes else {}
    rates: list[dict[str, Any]] = [{RATE.name: dump_value(each)} for each in item.tax_rates]
    if item.taxes:
        rates.append({AMOUNT.name: dump_value(item.taxes)})
    return {ITEM.name: rates}


def _dump_tax(tax: StatedTax, amount: str) -> dict[str, Any]:
    """Return the plain object of a tax; ``amount`` is the name of the field for its amount."""
    names = {"tax_code_id": tax.code_id, "tax_code_name": tax.name}
    plain = names | {RATE.name: tax.rate, amount: tax.amount}
    return {name: dump_value(value) for name, value in plain.items() if value is not None}


def dump_tax_summary(invoice: Invoice) -> dict[str, Any]:
    """Return the field ``tax_summary`` as plain data; an empty dict without amounts."""
    if invoice.tax_summary:
        return {"tax_summary": [_dump_tax(each, APPLIED.name) for each in invoice.tax_summary]}
    if not invoice.taxes_applied:
        return {}
    return {"tax_summary": [{APPLIED.name: dump_value(each)} for each in invoice.taxes_applied]}

"""Reader of the taxes that a requisition states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...money import ZERO
from .fields import Field, Scope
from .values import dump_value, read_amount, read_figure, read_rate

if TYPE_CHECKING:
    from decimal import Decimal

    from ...documents import Invoice, InvoiceItem


RATE = Field("tax_code_rate", "rate", read_rate)
AMOUNT = Field("amount", "amount", read_amount)
APPLIED = Field("applied_amount", "applied", read_figure)
ITEM = Field("taxes", "taxes", read_amount)


def read_item_taxes(scope: Scope, currency: str) -> dict[str, Any]:
    """Read the taxes of an item: an array of tax codes with rates, or an amount."""
    value = scope.look("taxes")
    if value == "":
        return {}
    if not isinstance(value, (list, dict)):
        return scope.read_fields([ITEM], currency)
    read = [
        child.read_fields([RATE, AMOUNT], currency)
        for child in scope.read_children("taxes", one_or_more=True)
    ]
    rates = tuple(each["rate"] for each in read if each.get("rate"))
    total = sum((each["amount"] for each in read if "amount" in each), ZERO)
    return {"tax_rates": rates, "taxes": total}


def read_tax_summary(scope: Scope) -> tuple[Decimal, ...]:
    """Return the applied amounts of a requisition's tax summary that are not zero."""
    children = scope.read_children("tax_summary", one_or_more=True)
    applied = [child.read_field(APPLIED) for child in children]
    return tuple(each for each in applied if each)


def dump_item_taxes(item: InvoiceItem) -> dict[str, Any]:
    """Return the plain field of an item's taxes; empty without taxes."""
    if not item.tax_rates:
        return {ITEM.name: dump_value(item.taxes)} if item.taxes else {}
    rates: list[dict[str, Any]] = [{RATE.name: dump_value(each)} for each in item.tax_rates]
    if item.taxes:
        rates.append({AMOUNT.name: dump_value(item.taxes)})
    return {ITEM.name: rates}


def dump_tax_summary(invoice: Invoice) -> dict[str, Any]:
    """Return the plain field of the applied amounts; empty without amounts."""
    if not invoice.taxes_applied:
        return {}
    return {"tax_summary": [{APPLIED.name: dump_value(each)} for each in invoice.taxes_applied]}

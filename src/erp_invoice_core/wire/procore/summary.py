"""Reader of the G702 that a requisition states in ``summary`` or ``g702``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ...documents import StatedSummary
from ...money import ZERO
from .fields import Field, Scope
from .values import WrongValue, dump_value, quote_value, read_amount, read_rate

if TYPE_CHECKING:
    from decimal import Decimal

    from ...documents import Invoice


TAX = Field("tax_applicable_to_this_payment", "tax_applicable", read_amount)
LINES = tuple(field.name for field in attrs.fields(StatedSummary))
_NAMES = ("summary", "g702")


def read_compared(scope: Scope, name: str) -> Decimal | None:
    """
    Return a figure that is only compared and never booked; ``None`` if it is absent.

    It is also ``None``, with a warning, if it cannot be read.
    """
    value = scope.look(name)
    if value is None or value == "":
        return None
    try:
        return read_rate(value)
    except WrongValue:
        scope.warn(name, "billing.not_compared", value=quote_value(value))
        return None


def find_summary(scope: Scope) -> Scope | None:
    """Return the summary of a requisition; ``None`` if neither of its two fields has values."""
    for name in _NAMES:
        value = scope.look(name)
        if isinstance(value, dict):
            value = [each for each in value.values() if each is not None and each != ""]
        if value:
            return scope.read_child(name)
    return None


def parse_stated(summary: Scope) -> StatedSummary | None:
    """Return the G702 lines in a summary, or ``None`` if it has no such line."""
    lines = {name: read_compared(summary, name) for name in LINES}
    found = StatedSummary(**lines)
    return None if found == StatedSummary() else found


def dump_stated(invoice: Invoice) -> dict[str, Any]:
    """
    Return the field ``summary`` as plain data: the tax on this payment and the stated lines.

    Return an empty dict if the invoice states neither.
    """
    plain: dict[str, Any] = {}
    if invoice.tax_applicable != ZERO:
        plain[TAX.name] = dump_value(invoice.tax_applicable)
    if invoice.stated:
        for name in LINES:
            value = getattr(invoice.stated, name)
            if value is not None:
                plain[name] = dump_value(value)
    return {_NAMES[0]: plain} if plain else {}

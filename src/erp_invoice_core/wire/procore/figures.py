"""What a figure may be: decimals, amounts, percentages and counts, never a float."""

from __future__ import annotations

from decimal import Decimal

from ...money import exact, fits, is_currency, round_to
from .kinds import WrongValue, not_a, shown
from .text import Inexact

__all__ = ["amount", "count", "decimal", "percentage"]

_HUNDRED = Decimal(100)


def decimal(value: object, _currency: str = "") -> Decimal:
    """Read a decimal string, or an integer."""
    if isinstance(value, Inexact):
        sentence = f"Write a decimal string, not the number {value.text}: numbers lose digits."
        raise WrongValue("number.inexact", sentence)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise not_a("a decimal string", value)
    try:
        return exact(str(value))
    except ValueError as error:
        raise WrongValue("number.malformed", f"{error} This is {shown(value)}.") from None


def amount(value: object, currency: str) -> Decimal:
    """Read an amount with the digits of its currency; zeros beyond them are fine."""
    figure = decimal(value)
    if not is_currency(currency):
        return figure  # the currency itself is the problem, told where it stands
    if not fits(figure, currency):
        sentence = f"Round to the digits of {currency}: {shown(value)} has more."
        raise WrongValue("amount.digits", sentence)
    return round_to(figure, currency)


def percentage(value: object, _currency: str = "") -> Decimal:
    """Read a percentage from 0 to 100."""
    figure = decimal(value)
    if not 0 <= figure <= _HUNDRED:
        raise WrongValue("percent.range", f"Give a percentage from 0 to 100, not {shown(value)}.")
    return figure


def count(value: object, _currency: str = "") -> int:
    """Read an integer from 1, which may be written as text."""
    figure = decimal(value)
    if figure < 1 or figure != figure.to_integral_value():
        raise WrongValue("number.range", f"Give a whole number from 1, not {shown(value)}.")
    return int(figure)

"""What a figure may be: decimals, amounts, percentages and counts, never a float."""

from __future__ import annotations

import re
from decimal import Decimal

from ...money import ZERO, exact, fits, is_currency, round_to
from .kinds import WrongValue, not_a, shown
from .text import Inexact, Written

__all__ = ["amount", "count", "decimal", "figure", "percentage", "rate"]

_HUNDRED = Decimal(100)
_FIGURE = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,30})?\Z")


def decimal(value: object, _currency: str = "") -> Decimal:
    """Read a decimal string, or a JSON number without exponent."""
    if isinstance(value, Inexact):
        sentence = f"Write a decimal string, not the number {value.text}: numbers lose digits."
        raise WrongValue("number.inexact", sentence)
    if isinstance(value, Written):
        value = value.text
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise not_a("a decimal string", value)
    try:
        return exact(str(value))
    except ValueError as error:
        raise WrongValue("number.malformed", f"{error} This is {shown(value)}.") from None


def amount(value: object, currency: str) -> Decimal:
    """Read an amount with the digits of its currency; zeros beyond them are fine."""
    money = decimal(value)
    if not is_currency(currency):
        return money  # the currency itself is the problem, told where it stands
    if not fits(money, currency):
        sentence = f"Round to the digits of {currency}: {shown(value)} has more."
        raise WrongValue("amount.digits", sentence)
    return round_to(money, currency)


def _without_sign(value: object) -> object:
    return value.removesuffix("%").rstrip() if isinstance(value, str) else value


def figure(value: object, _currency: str = "") -> Decimal:
    """Read a figure that is compared or counted, never booked: with any number of digits."""
    if isinstance(value, Written):
        value = value.text
    if isinstance(value, str) and _FIGURE.match(value):
        return Decimal(value) or ZERO
    return decimal(value)


def rate(value: object, _currency: str = "") -> Decimal:
    """Read a rate or a percentage with any number of digits, which may carry its sign."""
    return figure(_without_sign(value))


def percentage(value: object, _currency: str = "") -> Decimal:
    """Read a percentage from 0 to 100, which may carry its sign."""
    percent = decimal(_without_sign(value))
    if not 0 <= percent <= _HUNDRED:
        raise WrongValue("percent.range", f"Give a percentage from 0 to 100, not {shown(value)}.")
    return percent


def count(value: object, _currency: str = "") -> int:
    """Read an integer from 1, which may be written as text."""
    number = decimal(value)
    if number < 1 or number != number.to_integral_value():
        raise WrongValue("number.range", f"Give a whole number from 1, not {shown(value)}.")
    return int(number)

"""Amounts, days and moments as text: what may be kept, and what may not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


# Sums and products of lawful amounts have more digits than any amount of an input file.
_DECIMAL = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?\Z")
# A text as short as this that is no NaN, no infinity and has no exponent has not too many digits.
_SHORT = 100


class InvalidData(ValueError):
    """Stored data does not have the shape of the value that it should be."""


def is_plain(text: str) -> bool:
    """Return whether a text is a decimal that can be kept, written without exponent."""
    return _DECIMAL.match(text) is not None


def format_decimal(value: Decimal) -> str:
    """
    Return an amount as text without exponent, its zeros after the point kept.

    Raises:
        InvalidData: It is no number, infinite, or has too many digits.
    """
    text = str(value)
    if len(text) < _SHORT and value.is_finite() and "E" not in text:
        return text
    text = format(value, "f")
    if not is_plain(text):
        msg = f"{value} is no amount that can be kept."
        raise InvalidData(msg)
    return text


def format_moment(value: datetime) -> str:
    """
    Return a moment as text, in ISO 8601.

    Raises:
        InvalidData: It does not say its offset.
    """
    if value.tzinfo is None:
        msg = f"Give a moment with its offset, not {value.isoformat()}."
        raise InvalidData(msg)
    return value.isoformat()

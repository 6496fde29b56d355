"""Amounts and times as stored text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


# Sums and products of valid amounts can have more digits than an amount of an input file.
_DECIMAL = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?\Z")
# A text of at most this length without exponent, NaN or infinity cannot have too many digits.
_SHORT = 100


class InvalidData(ValueError):
    """Stored data does not have the shape of the value that it should be."""


def is_plain(text: str) -> bool:
    """Return whether a text is a storable decimal without exponent."""
    return _DECIMAL.match(text) is not None


def format_decimal(value: Decimal) -> str:
    """
    Return an amount as text without exponent and with its trailing zeros.

    Raises:
        InvalidData: It is not a number, is infinite, or has too many digits.
    """
    text = str(value)
    if len(text) < _SHORT and value.is_finite() and "E" not in text:
        return text
    text = format(value, "f")
    if not is_plain(text):
        msg = f"{value} cannot be stored as an amount."
        raise InvalidData(msg)
    return text


def format_moment(value: datetime) -> str:
    """
    Return a time as text in ISO 8601.

    Raises:
        InvalidData: It has no offset.
    """
    if value.tzinfo is None:
        msg = f"The time {value.isoformat()} has no offset. Give one with its offset."
        raise InvalidData(msg)
    return value.isoformat()

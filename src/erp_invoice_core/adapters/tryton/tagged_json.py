"""Tryton's JSON: decimals, dates and bytes as objects with a tag."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

_TAG: Final = "__class__"


def _encode(value: object) -> dict[str, Any]:
    """Return the tagged object for a value of a type that JSON does not have."""
    if isinstance(value, Decimal):
        return {_TAG: "Decimal", "decimal": f"{value:f}"}
    if isinstance(value, date):
        return {_TAG: "date", "year": value.year, "month": value.month, "day": value.day}
    if isinstance(value, bytes):
        return {_TAG: "bytes", "base64": base64.b64encode(value).decode("ascii")}
    msg = f"A {type(value).__name__} has no form in Tryton's JSON."
    raise TypeError(msg)


def _decode(given: dict[str, Any]) -> Any:  # noqa: ANN401 - any value of JSON
    """Return the value of a tagged object, or the object itself."""
    match given.get(_TAG):
        case "Decimal":
            return Decimal(given["decimal"])
        case "date":
            return date(given["year"], given["month"], given["day"])
        case "bytes":
            return base64.b64decode(given["base64"])
    return given


def encode_json(value: object) -> bytes:
    """Return a value as Tryton's JSON; a decimal becomes a tagged object, as numbers are floats."""
    return json.dumps(value, default=_encode).encode()


def decode_json(data: bytes) -> Any:  # noqa: ANN401 - any value of JSON
    """
    Return the value of Tryton's JSON; its numbers with a point become decimals, too.

    Raises:
        ValueError: It is not JSON, or a tagged object is not valid.
    """
    try:
        return json.loads(data, object_hook=_decode, parse_float=Decimal)
    except (InvalidOperation, KeyError, TypeError, binascii.Error) as error:
        msg = "A tagged value is not valid."
        raise ValueError(msg) from error


def fits_float(value: Decimal) -> bool:
    """Return whether a quantity is the same after Tryton has stored it as a float."""
    return Decimal(repr(float(value))) == value

"""Decimals, dates and bytes pass Tryton's JSON unchanged."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from erp_invoice_core.adapters.tryton.tagged_json import decode_json, encode_json, fits_float


def test_tagged_values_come_back() -> None:
    """A decimal keeps its digits, a date its day, bytes their content."""
    value = {"a": Decimal("12500.10"), "b": date(2026, 10, 31), "c": b"\x00\xff", "d": [1, "x"]}

    assert value == decode_json(encode_json(value))


def test_a_decimal_is_never_a_number_of_json() -> None:
    """Tryton refuses 10.1 as a float, which is 10.0999…, and takes the text of a decimal."""
    assert {"__class__": "Decimal", "decimal": "10.1"} == json.loads(encode_json(Decimal("10.1")))


def test_a_number_with_a_point_is_read_exactly() -> None:
    """A quantity, which Tryton sends as a number, is the decimal that is written there."""
    assert [Decimal("3.333")] == decode_json(b"[3.333]")


@pytest.mark.parametrize(
    "text",
    [
        b"[1",
        b'{"__class__": "Decimal", "decimal": "twelve"}',
        b'{"__class__": "date", "year": 2026}',
        b'{"__class__": "bytes", "base64": "x"}',
    ],
)
def test_an_invalid_value_is_a_value_error(text: bytes) -> None:
    """A text that was cut, or a tag without its value, is reported as one kind of error."""
    with pytest.raises(ValueError, match=r"."):
        decode_json(text)


def test_another_type_is_refused() -> None:
    """A value without a form in Tryton's JSON is a programmer's mistake."""
    with pytest.raises(TypeError, match="A set has no form"):
        encode_json({1})


def test_quantities_that_a_float_keeps() -> None:
    """A quantity of more digits than a float has would change in Tryton."""
    assert fits_float(Decimal("40.125"))
    assert not fits_float(Decimal("0.1234567890123456789"))

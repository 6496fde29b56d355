"""Numbers of a JSON text keep their digits."""

from __future__ import annotations

import pytest

from erp_invoice_core.documents import InvalidDocument
from erp_invoice_core.wire.procore.json_text import (
    InexactNumber,
    WrittenDecimal,
    decode,
    parse,
)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("7", 7),
        ("1.50", WrittenDecimal("1.50")),
        ("1e5", InexactNumber("1e5")),
        ("-Infinity", InexactNumber("-Infinity")),
        ("1" * 40, int("1" * 40)),
        ("1" * 41, InexactNumber("1" * 40 + "…")),
        (f"{'1' * 39}e5", InexactNumber("1" * 39 + "e…")),
        (f"{'1' * 38}e5", InexactNumber("1" * 38 + "e5")),
        (f"1.{'5' * 38}", WrittenDecimal(f"1.{'5' * 38}")),
        (f"1.{'5' * 39}", InexactNumber(f"1.{'5' * 38}…")),
    ],
)
def test_a_number_of_more_than_40_characters_is_cut(written: str, value: object) -> None:
    """No field of the format has so long a number; a message quotes its beginning."""
    assert value == parse(written)


def test_a_file_may_have_its_greatest_size() -> None:
    """One byte more is too large."""
    assert "[1]" == decode(b"[1]", max_size=3)
    with pytest.raises(InvalidDocument) as raised:
        decode(b"[1]", max_size=2)
    assert ["file.too_large"] == [problem.code for problem in raised.value.problems]


def test_equal_texts_of_a_document_are_one() -> None:
    """A large document has the same amounts many times."""
    value = parse('[{"a": "12.50"}, {"b": "12.50"}]')
    assert isinstance(value, list)
    assert value[0]["a"] is value[1]["b"]

"""The readers of single values, at their limits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp_invoice_core.vocabulary import Level
from erp_invoice_core.wire.procore.json_text import InexactNumber, WrittenDecimal
from erp_invoice_core.wire.procore.values import (
    Reader,
    WrongValue,
    dump_value,
    quote_value,
    read_count,
    read_decimal,
    read_figure,
    read_id,
    read_label,
    read_level,
    read_percentage,
    read_text,
)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": 1}, "{…}"),
        ([1], "[…]"),
        (7, "7"),
        (None, "None"),
        (WrittenDecimal("1.50"), "1.50"),
        (InexactNumber("1e5"), "1e5"),
        ("a\n", "'a\\n'"),
        ("a" * 58, f"'{'a' * 58}'"),
        ("a" * 59, f"'{'a' * 59}…"),
    ],
)
def test_a_sentence_quotes_60_characters_of_a_value(value: object, found: str) -> None:
    """The quotation marks count; the content of an object and an array is left out."""
    assert found == quote_value(value)


def test_a_text_has_100_000_characters_at_most() -> None:
    """One more is too long, and the error says so."""
    assert 100_000 == len(read_text("a" * 100_000))
    with pytest.raises(
        WrongValue, match=r"\AThe text has more than 100,000 characters\. Shorten it\.\Z"
    ) as raised:
        read_text("a" * 100_001)
    assert "text.too_long" == raised.value.code


@pytest.mark.parametrize(
    ("written", "found"), [("0", 0), ("100", 100), ("-0.01", None), ("-1", None), ("100.01", None)]
)
def test_a_percentage_is_from_0_to_100(written: str, found: int | None) -> None:
    """Both limits are accepted."""
    if found is not None:
        assert found == read_percentage(written)
        return
    with pytest.raises(WrongValue, match="from 0 to 100") as raised:
        read_percentage(written)
    assert "percent.range" == raised.value.code


@pytest.mark.parametrize(
    ("value", "plain"), [("-0.00", "0"), ("0.00", "0"), ("100", "100"), ("1.50", "1.5")]
)
def test_a_decimal_is_written_in_one_way(value: str, plain: str) -> None:
    """It has no trailing zeros, no exponent, and zero has no sign."""
    assert plain == dump_value(Decimal(value))


def test_an_id_has_255_characters_at_most() -> None:
    """One more is too long."""
    assert 255 == len(read_id("a" * 255))
    with pytest.raises(WrongValue, match="at most 255 characters") as raised:
        read_id("a" * 256)
    assert "id.malformed" == raised.value.code


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (read_id, True, "Write an id, a text or an integer, not True."),
        (read_id, None, "Write an id, a text or an integer, not None."),
        (read_id, [1], "Write an id, a text or an integer, not […]."),
        (read_id, WrittenDecimal("1.5"), "Write an id, a text or an integer, not 1.5."),
        (read_label, True, "Write a text, not True."),
        (read_label, None, "Write a text, not None."),
        (read_decimal, True, "Write a decimal string, not True."),
        (read_decimal, None, "Write a decimal string, not None."),
        (read_decimal, {"a": 1}, "Write a decimal string, not {…}."),
    ],
)
def test_a_value_of_another_type_is_reported(read: Reader, value: object, sentence: str) -> None:
    """A truth value is not a number, and a number with a decimal point is not an id."""
    with pytest.raises(WrongValue) as raised:
        read(value, "")
    assert ("value.type", sentence) == (raised.value.code, raised.value.sentence)


def test_a_level_is_written_as_it_is_read() -> None:
    """The text is in small letters."""
    assert ["none", "read_only", "standard", "admin"] == [dump_value(each) for each in Level]
    assert list(Level) == [read_level(dump_value(each)) for each in Level]


def test_a_text_has_whole_characters() -> None:
    """Half of a surrogate pair is refused."""
    assert "Café" == read_text("Café")
    with pytest.raises(WrongValue) as raised:
        read_text("Caf\ud800")
    assert "text.surrogate" == raised.value.code


def test_a_figure_may_have_30_digits_after_the_point() -> None:
    """As a text and as a number; an amount has 10 at most."""
    digits = f"1.{'3' * 30}"
    assert digits == str(read_figure(digits)) == str(read_figure(WrittenDecimal(digits)))
    with pytest.raises(WrongValue):
        read_decimal(digits)


@pytest.mark.parametrize("written", [0, -1, "0.00", "1.5", WrittenDecimal("1.5")])
def test_a_count_is_a_whole_number_from_1(written: object) -> None:
    """It may be written as text, or with zeros after its point."""
    assert [1, 2, 3] == [read_count(1), read_count("2"), read_count(WrittenDecimal("3.0"))]
    with pytest.raises(WrongValue) as raised:
        read_count(written)
    assert "number.range" == raised.value.code

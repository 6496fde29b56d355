"""The readers of single values, at their bounds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp_invoice_core.vocabulary import Level
from erp_invoice_core.wire.procore.json_text import Inexact, Written
from erp_invoice_core.wire.procore.values import (
    Reader,
    WrongValue,
    count,
    decimal,
    dumped,
    figure,
    identity,
    label,
    level,
    percentage,
    shown,
    text,
)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": 1}, "an object"),
        ([1], "an array"),
        (7, "7"),
        (None, "None"),
        (Written("1.50"), "1.50"),
        (Inexact("1e5"), "1e5"),
        ("a\n", "'a\\n'"),
        ("a" * 58, f"'{'a' * 58}'"),
        ("a" * 59, f"'{'a' * 59}…"),
    ],
)
def test_a_sentence_quotes_60_characters_of_a_value(value: object, found: str) -> None:
    """The quotation marks count; an object and an array are not quoted."""
    assert found == shown(value)


def test_a_text_has_100_000_characters_at_most() -> None:
    """One more is too long, and the error says so."""
    assert 100_000 == len(text("a" * 100_000))
    with pytest.raises(WrongValue, match=r"\AWrite at most 100000 characters\.\Z") as raised:
        text("a" * 100_001)
    assert "text.too_long" == raised.value.code


@pytest.mark.parametrize(
    ("written", "found"), [("0", 0), ("100", 100), ("-0.01", None), ("-1", None), ("100.01", None)]
)
def test_a_percentage_is_from_0_to_100(written: str, found: int | None) -> None:
    """Both bounds are taken."""
    if found is not None:
        assert found == percentage(written)
        return
    with pytest.raises(WrongValue, match="from 0 to 100") as raised:
        percentage(written)
    assert "percent.range" == raised.value.code


@pytest.mark.parametrize(
    ("value", "plain"), [("-0.00", "0"), ("0.00", "0"), ("100", "100"), ("1.50", "1.5")]
)
def test_a_decimal_is_written_in_one_way(value: str, plain: str) -> None:
    """Without zeros at the end, without exponent, and zero without sign."""
    assert plain == dumped(Decimal(value))


def test_an_id_has_255_characters_at_most() -> None:
    """One more is too long."""
    assert 255 == len(identity("a" * 255))
    with pytest.raises(WrongValue, match="at most 255 characters") as raised:
        identity("a" * 256)
    assert "id.malformed" == raised.value.code


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (identity, True, "Write an id, a text or an integer, not True."),
        (identity, None, "Write an id, a text or an integer, not None."),
        (identity, [1], "Write an id, a text or an integer, not an array."),
        (identity, Written("1.5"), "Write an id, a text or an integer, not 1.5."),
        (label, True, "Write a text, not True."),
        (label, None, "Write a text, not None."),
        (decimal, True, "Write a decimal string, not True."),
        (decimal, None, "Write a decimal string, not None."),
        (decimal, {"a": 1}, "Write a decimal string, not an object."),
    ],
)
def test_a_value_of_another_type_is_told(read: Reader, value: object, sentence: str) -> None:
    """True and false are no numbers, and a number with a decimal point is no id."""
    with pytest.raises(WrongValue) as raised:
        read(value, "")
    assert ("value.type", sentence) == (raised.value.code, raised.value.sentence)


def test_a_level_is_written_as_it_is_read() -> None:
    """In small letters."""
    assert ["none", "read_only", "standard", "admin"] == [dumped(each) for each in Level]
    assert list(Level) == [level(dumped(each)) for each in Level]


def test_a_text_has_whole_characters() -> None:
    """Half of a surrogate pair is none."""
    assert "Café" == text("Café")
    with pytest.raises(WrongValue) as raised:
        text("Caf\ud800")
    assert "text.surrogate" == raised.value.code


def test_a_figure_may_have_30_digits_after_the_point() -> None:
    """As a text and as a number; an amount has 10 at most."""
    digits = f"1.{'3' * 30}"
    assert digits == str(figure(digits)) == str(figure(Written(digits)))
    with pytest.raises(WrongValue):
        decimal(digits)


@pytest.mark.parametrize("written", [0, -1, "0.00", "1.5", Written("1.5")])
def test_a_count_is_a_whole_number_from_1(written: object) -> None:
    """Which may be written as text, or with zeros behind its point."""
    assert [1, 2, 3] == [count(1), count("2"), count(Written("3.0"))]
    with pytest.raises(WrongValue) as raised:
        count(written)
    assert "number.range" == raised.value.code

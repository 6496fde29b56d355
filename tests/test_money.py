"""Amounts are exact decimals with the digits of their currency."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

import pytest

from erp_invoice_core.money import (
    ZERO,
    compute_percentage,
    count_digits,
    find_unit,
    format_amount,
    has_currency_digits,
    is_currency,
    parse_decimal,
    round_to,
    strip_zeros,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", Decimal(0)),
        ("-0.00", Decimal(0)),
        ("12.50", Decimal("12.50")),
        ("-7", Decimal(-7)),
        ("999999999999999999.9999999999", Decimal("999999999999999999.9999999999")),
    ],
)
def test_plain_decimals_are_read(text: str, expected: Decimal) -> None:
    """A plain decimal string is read exactly, and zero has no sign."""
    assert expected == parse_decimal(text)
    assert not parse_decimal(text).is_signed() or expected < 0


@pytest.mark.parametrize(
    "text",
    [
        *("", " 1", "1 ", "+1", "1e3", "NaN", "Infinity", ".5", "5.", "1,0", "٣", "1\n"),
        "1" * 19,
        "0." + "1" * 11,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """Exponents, names of no numbers, spaces, foreign digits and too many digits are refused."""
    with pytest.raises(ValueError, match="plain decimal"):
        parse_decimal(text)


@pytest.mark.parametrize(
    ("currency", "expected"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("EUR", 2)]
)
def test_currencies_have_their_digits(currency: str, expected: int) -> None:
    """ISO 4217 lists none, two, three or four minor digits."""
    assert expected == count_digits(currency)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.005", "USD", "0.01"),
        ("-0.005", "USD", "-0.01"),
        ("2.5", "JPY", "3"),
        ("1.0005", "KWD", "1.001"),
    ],
)
def test_rounding_is_half_up(amount: str, currency: str, expected: str) -> None:
    """Half a digit goes away from zero."""
    assert Decimal(expected) == round_to(Decimal(amount), currency)


def test_another_rounding_can_be_given() -> None:
    """The rounding mode can be given."""
    assert Decimal("0.00") == round_to(Decimal("0.009"), "USD", ROUND_DOWN)


def test_zeros_beyond_the_digits_fit() -> None:
    """An amount fits if it needs no more digits than its currency has."""
    assert has_currency_digits(Decimal("1.5000"), "USD")
    assert not has_currency_digits(Decimal("1.505"), "USD")


def test_percentages_have_two_digits() -> None:
    """53,000 of 55,000 is 96.36 percent; of nothing there is no percentage."""
    assert Decimal("96.36") == compute_percentage(Decimal(53000), Decimal(55000))
    assert compute_percentage(Decimal(1), Decimal(0)) is None


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("1E+3", "USD", "1000.00"),
        ("-0", "USD", "0.00"),
        ("-0.001", "USD", "0.00"),
        ("12.5", "JPY", "13"),
    ],
)
def test_amounts_are_written_plainly(amount: str, currency: str, expected: str) -> None:
    """An amount is written with its currency's digits, and never with an exponent."""
    assert expected == format_amount(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *(("USD", True), ("EUR", True), ("JPY", True), ("XCG", True), ("HRK", True)),
        *(("usd", False), ("US", False), ("USD\n", False), ("dollars", False), ("", False)),
        *(("ZZZ", False), ("AAA", False), ("XXX", False), ("XTS", False)),
    ],
)
def test_currencies_are_those_of_iso_4217(code: str, expected: bool) -> None:
    """A currency is a code of ISO 4217 in capital letters; three other letters are refused."""
    assert expected is is_currency(code)


def test_unit_is_the_smallest_amount() -> None:
    """A cent, a yen, a fils."""
    assert [Decimal("0.01"), Decimal(1), Decimal("0.001")] == [
        find_unit(currency) for currency in ("USD", "JPY", "KWD")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("43", "43"),
        ("43.5", "43.5"),
        ("-43.500", "-43.5"),
        ("100.00", "100"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1.20E-7", "1.2E-7"),
        ("1.2E-7", "1.2E-7"),
        ("NaN", "NaN"),
        ("sNaN", "sNaN"),
        ("Infinity", "Infinity"),
        ("1E+18", "1E+18"),
        ("1E+999999", "1E+999999"),
        (
            "1234567890123456789012345678901234567890.10E-30",
            "1234567890.1234567890123456789012345678901",
        ),
    ],
)
def test_zeros_at_the_end_are_removed(text: str, expected: str) -> None:
    """The value is the same, whatever its precision; a value that is no amount is left alone."""
    assert expected == str(strip_zeros(Decimal(text)))


def test_zero_is_one_object() -> None:
    """Its zeros and its sign are removed."""
    assert ZERO is strip_zeros(Decimal("-0.00")) is strip_zeros(Decimal("0E+9"))

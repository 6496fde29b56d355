"""Every problem is reported, with its path and a remedy."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from erp_invoice_core.documents import InvalidDocument, Problem
from erp_invoice_core.documents.problem import (
    find_amount_problems,
    find_blanks,
    find_inexact_values,
    find_number_problems,
    refuse_if_any,
)


def test_error_lists_its_problems() -> None:
    """Each problem is a line with its path."""
    error = InvalidDocument([Problem("a", "x.y", "Do this."), Problem("b", "x.y", "Do that.")])

    assert "a: Do this.; b: Do that." == str(error)
    assert 2 == len(error.problems)


def test_no_problem_raises_nothing() -> None:
    """Correct values pass."""
    refuse_if_any([])


def test_blank_fields_are_reported() -> None:
    """A field is blank if it is empty, or only spaces."""
    thing = SimpleNamespace(a="", b=" \t", c="x")

    assert ["a", "b"] == [problem.path for problem in find_blanks(thing, ("a", "b", "c"))]


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("1.25", "USD", []),
        ("1.250", "USD", []),
        (
            "1.255",
            "USD",
            [
                (
                    "amount.digits",
                    "1.255 has more decimal places than USD allows. Round it to 1.26.",
                )
            ],
        ),
        (
            "1.5",
            "JPY",
            [("amount.digits", "1.5 has more decimal places than JPY allows. Round it to 2.")],
        ),
        ("1.255", "KWD", []),
        ("Infinity", "USD", [("amount.not_finite", "Infinity is not a finite amount. Give one.")]),
        (
            "1",
            "usd",
            [("currency.unknown", "'usd' is not a currency of ISO 4217. Give one, as USD.")],
        ),
    ],
)
def test_amounts_have_the_digits_of_their_currency(
    amount: str, currency: str, expected: list[tuple[str, str]]
) -> None:
    """Zeros beyond them are fine."""
    thing = SimpleNamespace(a=Decimal(amount))

    found = find_amount_problems(thing, ("a",), currency)

    assert expected == [(problem.code, problem.message) for problem in found]


def test_absent_amount_is_no_problem() -> None:
    """An optional amount may be missing."""
    assert [] == find_amount_problems(SimpleNamespace(a=None), ("a",), "USD")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, []),
        (9223372036854775807, []),
        (-5, ["The number is -5. Number invoices from 1."]),
        (
            9223372036854775808,
            ["The number is not one from 1 to 9223372036854775807. Give one of them."],
        ),
        (
            -(10**5000),
            ["The number is not one from 1 to 9223372036854775807. Give one of them."],
        ),
    ],
    ids=["first", "largest", "negative", "bigint", "huge"],
)
def test_number_is_one_that_a_database_can_store(number: int, expected: list[str]) -> None:
    """A number that Python would not write is not quoted."""
    found = find_number_problems(number)

    assert expected == [problem.message for problem in found]
    assert {"number.range"} >= {problem.code for problem in found}


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("1E-100", []),
        ("0E-100", []),
        ("1E-101", ["The amount has 101 digits after the point. Give at most 100."]),
        ("1E-999999", ["The amount has 999999 digits after the point. Give at most 100."]),
        ("1E+18", ["The amount has 19 digits before the point. Give at most 18."]),
    ],
)
def test_digits_of_an_amount_are_limited(amount: str, expected: list[str]) -> None:
    """The message counts the digits and does not quote them."""
    found = find_inexact_values(SimpleNamespace(a=Decimal(amount)), ("a",))

    assert expected == [problem.message for problem in found]

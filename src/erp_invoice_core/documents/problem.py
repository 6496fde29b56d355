"""
Validation problems of documents.

The checks collect every problem of a document, and one exception reports all of them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ..money import ZERO, format_amount, has_currency_digits, is_currency
from ..values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_MOST_DIGITS = 18  # before the point

_SHOWN = 20


@attrs.frozen(eq=False, repr=False)
class Problem(Value):
    """One problem: its path (a field, or a path into a file), its code and a sentence."""

    path: str
    code: str
    message: str


class InvalidDocument(ValueError):
    """A document is not valid; ``problems`` lists all its problems."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Store the problems; the text of the exception lists them."""
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{problem.path}: {problem.message}" for problem in self.problems)
        )


def find_blanks(instance: object, names: Sequence[str]) -> list[Problem]:
    """Return a problem for each of the named text fields that is empty or only spaces."""
    return [
        Problem(name, "value.blank", "Give a value that is not blank.")
        for name in names
        if not str(getattr(instance, name)).strip()
    ]


def find_inexact_values(instance: object, names: Sequence[str]) -> list[Problem]:
    """Return a problem for each of the named values that is not an exact, finite decimal."""
    problems = []
    for name in names:
        value: object = getattr(instance, name)
        if value is None or value is ZERO:
            continue
        if not isinstance(value, Decimal):
            sentence = f"A {type(value).__name__} is not exact. Give a Decimal."
            problems.append(Problem(name, "amount.not_exact", sentence))
        elif not value.is_finite():
            sentence = f"{value} is not a finite amount. Give one."
            problems.append(Problem(name, "amount.not_finite", sentence))
        elif value.adjusted() >= _MOST_DIGITS:
            sentence = (
                f"The amount has {value.adjusted() + 1} digits before the point. Give at most 18."
            )
            problems.append(Problem(name, "amount.digits", sentence))
    return problems


def find_text_problems(instance: object, names: Sequence[str]) -> list[Problem]:
    """Return a problem for each of the named fields that is not text, or is blank."""
    problems = []
    for name in names:
        value: object = getattr(instance, name)
        if not isinstance(value, str):
            sentence = f"A {type(value).__name__} is not text. Give a text."
            problems.append(Problem(name, "value.not_text", sentence))
        elif not value.strip():
            problems.append(Problem(name, "value.blank", "Give a value that is not blank."))
    return problems


def find_amount_problems(instance: object, names: Sequence[str], currency: str) -> list[Problem]:
    """Return a problem for each amount that is not finite or has more digits than its currency."""
    if not is_currency(currency):
        sentence = f"{currency[:_SHOWN]!a} is not a currency of ISO 4217. Give one, as USD."
        return [Problem("currency", "currency.unknown", sentence)]
    problems = []
    for name in names:
        value: Decimal | None = getattr(instance, name)
        if value is None or value is ZERO:
            continue
        if not value.is_finite():
            sentence = f"{value} is not a finite amount. Give one."
            problems.append(Problem(name, "amount.not_finite", sentence))
        elif not has_currency_digits(value, currency):
            sentence = f"{value:f} has more digits than {currency}. Round it to {format_amount(value, currency)}."
            problems.append(Problem(name, "amount.digits", sentence))
    return problems


def refuse_if_any(problems: Sequence[Problem]) -> None:
    """Raise :class:`InvalidDocument` if there is a problem."""
    if problems:
        raise InvalidDocument(problems)

"""What is wrong with a document: every problem, with its path."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ..money import fits, is_currency, plain
from ..values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_MOST_DIGITS = 18  # before the point (input format)

_SHOWN = 20


@attrs.frozen(eq=False, repr=False)
class Problem(Value):
    """One thing that is wrong: where (a field, or a path into a file), and what, in a sentence."""

    path: str
    code: str
    message: str


class InvalidDocument(ValueError):
    """A document cannot be: ``problems`` lists everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems; the text is their list."""
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{problem.path}: {problem.message}" for problem in self.problems)
        )


def blank_problems(instance: object, names: Sequence[str]) -> list[Problem]:
    """Return a problem for each of the named text fields that is empty or only spaces."""
    return [
        Problem(name, "value.blank", "Give a value that is not blank.")
        for name in names
        if not str(getattr(instance, name)).strip()
    ]


def exact_problems(instance: object, names: Sequence[str]) -> list[Problem]:
    """Return a problem for each of the named values that is not an exact, finite decimal."""
    problems = []
    for name in names:
        value: object = getattr(instance, name)
        if value is None:
            continue
        if not isinstance(value, Decimal):
            sentence = f"Give a Decimal: {type(value).__name__} is not exact."
            problems.append(Problem(name, "amount.not_exact", sentence))
        elif not value.is_finite():
            problems.append(Problem(name, "amount.not_finite", "Give a finite amount."))
        elif value.adjusted() >= _MOST_DIGITS:
            sentence = "Give an amount of at most 18 digits before the point."
            problems.append(Problem(name, "amount.digits", sentence))
    return problems


def text_problems(instance: object, names: Sequence[str]) -> list[Problem]:
    """Return a problem for each of the named fields that is not a text, or is a blank one."""
    problems = []
    for name in names:
        value: object = getattr(instance, name)
        if not isinstance(value, str):
            sentence = f"Give a text: {type(value).__name__} is not one."
            problems.append(Problem(name, "value.not_text", sentence))
        elif not value.strip():
            problems.append(Problem(name, "value.blank", "Give a value that is not blank."))
    return problems


def amount_problems(instance: object, names: Sequence[str], currency: str) -> list[Problem]:
    """Return a problem for each amount that is not finite or needs digits its currency lacks."""
    if not is_currency(currency):
        sentence = f"Give a currency of ISO 4217, as in USD: {currency[:_SHOWN]!a} is not in it."
        return [Problem("currency", "currency.unknown", sentence)]
    problems = []
    for name in names:
        value: Decimal | None = getattr(instance, name)
        if value is None:
            continue
        if not value.is_finite():
            problems.append(Problem(name, "amount.not_finite", "Give a finite amount."))
        elif not fits(value, currency):
            sentence = f"Round to the digits of {currency}, as in {plain(value, currency)}."
            problems.append(Problem(name, "amount.digits", sentence))
    return problems


def refuse_if_any(problems: Sequence[Problem]) -> None:
    """Raise :class:`InvalidDocument` if there is a problem."""
    if problems:
        raise InvalidDocument(problems)

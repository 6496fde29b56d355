"""
Validation problems of documents.

The checks collect every problem of a document, and one exception reports all of them.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from ..message_template import fill_by_facts
from ..money import ZERO, find_unit, format_amount, has_currency_digits, is_currency
from ..values import Value
from .problem_rows import PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


#: The most digits of an amount before the point.
MOST_DIGITS = 18
#: The most decimal places of a quantity or a price: with more it has no canonical JSON.
_MOST_PLACES = 100
_CENT = find_unit("USD")
#: The largest number of an invoice, as databases store it (BIGINT).
_LARGEST_NUMBER = 2**63 - 1

_SHOWN = 20


@attrs.frozen(eq=False, repr=False)
class Problem(Value):
    """
    One problem: its path (a field, or a path into a file), its code and a sentence.

    Attributes:
        facts: Every value in the sentence, as text; code and facts determine the sentence.
    """

    path: str
    code: str
    message: str
    facts: Mapping[str, str] = attrs.field(factory=dict, eq=False)


def make_problem(path: str, code: str, /, **facts: object) -> Problem:
    """Return the problem of a document with the sentence that code and facts determine."""
    return Problem(path, code, *fill_by_facts(PROBLEMS[code], facts))


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
        make_problem(name, "value.blank")
        for name in names
        if not str(getattr(instance, name)).strip()
    ]


@cache
def _find_getter(names: tuple[str, ...]) -> Callable[[object], tuple[Any, ...]]:
    """Return what reads these fields in one call; each class has one constant tuple of names."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda instance: tuple(getattr(instance, name) for name in names)


def find_inexact_values(instance: object, names: tuple[str, ...]) -> list[Problem]:
    """Return a problem for each of the named values that is not an exact, finite decimal."""
    problems = []
    for name, value in zip(names, _find_getter(names)(instance), strict=True):
        if value is None or value is ZERO:
            continue
        if not isinstance(value, Decimal):
            problems.append(make_problem(name, "amount.not_exact", type=type(value).__name__))
        elif not value.is_finite():
            problems.append(make_problem(name, "amount.not_finite", value=value))
        elif value.adjusted() >= MOST_DIGITS:
            digits = value.adjusted() + 1
            problems.append(make_problem(name, "amount.digits", digits=digits, most=MOST_DIGITS))
        elif not value.same_quantum(_CENT) and (places := _count_places(value)) > _MOST_PLACES:
            problems.append(make_problem(name, "amount.digits", places=places, most=_MOST_PLACES))
    return problems


def _count_places(value: Decimal) -> int:
    """Return the number of digits after the point, below 0 with an exponent above 0."""
    text = str(value)
    if "E" not in text:  # mostly; the tuple takes more time
        return len(text.partition(".")[2])
    return -int(value.as_tuple().exponent)


def find_number_problems(number: int) -> list[Problem]:
    """Return a problem if the number of an invoice is below 1, or no database can store it."""
    if 1 <= number <= _LARGEST_NUMBER:
        return []
    # Python does not write a number of thousands of digits, so such a number is not quoted.
    facts = {"number": number} if abs(number) <= _LARGEST_NUMBER else {"most": _LARGEST_NUMBER}
    return [make_problem("number", "number.range", least=1, **facts)]


def find_text_problems(instance: object, names: Sequence[str]) -> list[Problem]:
    """Return a problem for each of the named fields that is not text, or is blank."""
    problems = []
    for name in names:
        value: object = getattr(instance, name)
        if not isinstance(value, str):
            problems.append(make_problem(name, "value.not_text", type=type(value).__name__))
        elif not value.strip():
            problems.append(make_problem(name, "value.blank"))
    return problems


def find_amount_problems(instance: object, names: tuple[str, ...], currency: str) -> list[Problem]:
    """Return a problem for each amount that is not finite or has more digits than its currency."""
    if not is_currency(currency):
        return [make_problem("currency", "currency.unknown", value=ascii(currency[:_SHOWN]))]
    problems = []
    unit = find_unit(currency)
    for name, value in zip(names, _find_getter(names)(instance), strict=True):
        # Mostly it has exactly the digits of its currency, and then it is finite, too.
        if value is None or value is ZERO or value.same_quantum(unit):
            continue
        if not value.is_finite():
            problems.append(make_problem(name, "amount.not_finite", value=value))
        elif not has_currency_digits(value, currency):
            problems.append(make_digits_problem(name, f"{value:f}", value, currency))
    return problems


def make_digits_problem(path: str, shown: str, value: Decimal, currency: str) -> Problem:
    """Return the problem of an amount with too many digits; ``shown`` is the amount as written."""
    rounded = format_amount(value, currency)
    return make_problem(path, "amount.digits", value=shown, currency=currency, rounded=rounded)


def refuse_if_any(problems: Sequence[Problem]) -> None:
    """Raise :class:`InvalidDocument` if there is a problem."""
    if problems:
        raise InvalidDocument(problems)

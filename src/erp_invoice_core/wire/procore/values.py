"""Readers of single values, each with a sentence for what is wrong."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from ...message_template import fill_by_facts
from ...money import ZERO, format_amount, has_currency_digits, is_currency, parse_decimal, round_to
from ...vocabulary import Level
from .json_text import InexactNumber, WrittenDecimal
from .problem_rows import list_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


#: Converts a plain value to a field's value, given the currency of the document.
Reader: TypeAlias = "Callable[[object, str], object]"

E = TypeVar("E", bound=Enum)

_LONGEST_TEXT = 100_000
_LONGEST_ID = 255
_SHOWN = 60
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9:]+)?\Z")


class WrongValue(Exception):
    """
    A value is not valid for its field; ``code`` and ``facts`` say why.

    Many are raised only to find out that a value is not there. The sentence is therefore made only
    when it is needed.
    """

    def __init__(self, code: str, /, **facts: object) -> None:
        super().__init__()
        self.code = code
        self.facts = facts

    @property
    def sentence(self) -> str:
        """Return what is wrong and what to do, for a person."""
        return fill_by_facts(list_rows(self.code), self.facts)[0]

    def __str__(self) -> str:
        return self.sentence


def quote_value(value: object) -> str:
    """Return a value as text for a message, short and without control characters."""
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    written = value.text if isinstance(value, (InexactNumber, WrittenDecimal)) else ascii(value)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


def build_wrong_type(wanted: str, value: object) -> WrongValue:
    """Return the exception for a value of another type."""
    return WrongValue("value.type", type=wanted, value=quote_value(value))


def read_text(value: object, _currency: str = "") -> str:
    """Read a text of at most 100,000 characters, which may include control characters."""
    if not isinstance(value, str):
        raise build_wrong_type("text", value)
    if len(value) > _LONGEST_TEXT:
        raise WrongValue("text.too_long", most=f"{_LONGEST_TEXT:,}")
    if not value.isascii() and _SURROGATE.search(value):
        raise WrongValue("text.surrogate")
    return value


def read_label(value: object, _currency: str = "") -> str:
    """Read a text; an integer counts as the text of its digits."""
    return (
        str(value) if isinstance(value, int) and not isinstance(value, bool) else read_text(value)
    )


def read_id(value: object, _currency: str = "") -> str:
    """Read an id from an integer or a text; it must not be blank or have control characters."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise build_wrong_type("id", value)
    name = read_label(value)
    if not name.strip():
        raise WrongValue("value.blank", type="id")
    if len(name) > _LONGEST_ID or _CONTROL.search(name):
        raise WrongValue("id.malformed", most=_LONGEST_ID, value=quote_value(name))
    return name


def find_id(value: object) -> str | None:
    """Return the value as an id, or ``None`` if it is not one."""
    if value is None:
        return None
    try:
        return read_id(value)
    except WrongValue:
        return None


def read_origin(value: object, _currency: str = "") -> str | None:
    """Read the id that a record has in the ERP; a blank one counts as absent."""
    return None if isinstance(value, str) and not value.strip() else read_id(value)


def read_flag(value: object, _currency: str = "") -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise build_wrong_type("flag", value)
    return value


def read_day(value: object, _currency: str = "") -> date:
    """Read an ISO 8601 date; of a date with a time, take the date without conversion."""
    written = read_text(value)
    try:
        if _DAY.match(written):
            return date.fromisoformat(written)
        if _MOMENT.match(written):
            return datetime.fromisoformat(written).date()
    except ValueError:
        pass  # a day that the calendar does not have gets the same sentence
    raise WrongValue("date.malformed", value=quote_value(value))


def read_currency_code(value: object, _currency: str = "") -> str:
    """Read an ISO 4217 code."""
    if not (isinstance(value, str) and is_currency(value)):
        raise WrongValue("currency.unknown", value=quote_value(value))
    return value


def build_unknown(choices: Iterable[str], value: object) -> WrongValue:
    """Return the exception for a value that is not one of the choices."""
    return WrongValue("value.unknown", choices=", ".join(choices), value=quote_value(value))


def one_of(words: type[E]) -> Reader:
    """Return a reader for the words of an enumeration."""
    by_word = {str(member.value): member for member in words}

    def read(value: object, _currency: str = "") -> E:
        if isinstance(value, str) and value in by_word:
            return by_word[value]
        raise build_unknown(by_word, value)

    return read


_LEVELS = {level.name.lower(): level for level in Level}


def read_level(value: object, _currency: str = "") -> Level:
    """Read a permission level."""
    if isinstance(value, str) and value in _LEVELS:
        return _LEVELS[value]
    raise build_unknown(_LEVELS, value)


# Equal decimals have the same text, and a file has many equal amounts.
@lru_cache(maxsize=4096)
def _write_decimal(value: Decimal) -> str:
    return format(value.normalize(), "f") if value else "0"


def dump_value(value: object) -> object:
    """Return a value in the plain form from which the reader of its field reads it again."""
    if type(value) is str:  # most values are texts
        return value
    if type(value) is Decimal:
        return _write_decimal(value)
    match value:
        case Level():
            return value.name.lower()
        case Enum():
            return value.value
        case date():
            return value.isoformat()
    return value


_HUNDRED = Decimal(100)
#: The most digits of a decimal before and after the point.
_DIGITS = {"before": 18, "after": 10}
_FIGURE = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,30})?\Z")


def read_decimal(value: object, _currency: str = "") -> Decimal:
    """Read a decimal string, or a JSON number without exponent."""
    if isinstance(value, InexactNumber):
        raise WrongValue("number.inexact", value=value.text)
    if isinstance(value, WrittenDecimal):
        value = value.text
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise build_wrong_type("decimal", value)
    try:
        return parse_decimal(str(value))
    except ValueError:
        raise WrongValue("number.malformed", value=quote_value(value), **_DIGITS) from None


def read_amount(value: object, currency: str) -> Decimal:
    """Read an amount with at most the digits of its currency, apart from trailing zeros."""
    return _read_amount(value, currency) if type(value) is str else _check_amount(value, currency)


def _check_amount(value: object, currency: str) -> Decimal:
    money = read_decimal(value)
    if not is_currency(currency):
        return money  # the problem is reported for the currency
    if not has_currency_digits(money, currency):
        rounded = format_amount(money, currency)
        raise WrongValue(
            "amount.digits", value=quote_value(value), currency=currency, rounded=rounded
        )
    return round_to(money, currency)


#: A file has many equal amounts; each is checked once and shared.
_read_amount = lru_cache(maxsize=4096)(_check_amount)


def _strip_sign(value: object) -> object:
    return value.removesuffix("%").rstrip() if isinstance(value, str) else value


def read_figure(value: object, _currency: str = "") -> Decimal:
    """Read a figure with any number of digits, which is compared or counted but not booked."""
    if isinstance(value, WrittenDecimal):
        value = value.text
    if isinstance(value, str) and _FIGURE.match(value):
        return Decimal(value) or ZERO
    return read_decimal(value)


def read_rate(value: object, _currency: str = "") -> Decimal:
    """Read a rate or a percentage with any number of digits, also with a percent sign."""
    return read_figure(_strip_sign(value))


def read_percentage(value: object, _currency: str = "") -> Decimal:
    """Read a percentage from 0 to 100, also with a percent sign."""
    percent = read_decimal(_strip_sign(value))
    if not 0 <= percent <= _HUNDRED:
        raise WrongValue("percent.range", value=quote_value(value), least=0, most=_HUNDRED)
    return percent


def read_count(value: object, _currency: str = "") -> int:
    """Read an integer of at least 1, which may be written as text."""
    number = read_decimal(value)
    if number < 1 or number != number.to_integral_value():
        raise WrongValue("number.range", value=quote_value(value), least=1)
    return int(number)

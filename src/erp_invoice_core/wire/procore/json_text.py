"""Decoder of JSON without floats."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import attrs

from ...documents import InvalidDocument
from ...values import Value
from .problem_rows import build_problem

_LONGEST_INTEGER = 40
_SHOWN = 40


@attrs.frozen(eq=False, repr=False)
class WrittenDecimal(Value):
    """The text of a JSON number with a decimal point and without exponent, which is exact."""

    text: str


@attrs.frozen(eq=False, repr=False)
class InexactNumber(Value):
    """The text of a number with an exponent or too many digits, or of NaN or an infinity."""

    text: str

    @property
    def is_constant(self) -> bool:
        """Return whether it is NaN or an infinity, which are not JSON."""
        return self.text.endswith(("NaN", "Infinity"))


class RepeatedKeys(dict[str, Any]):
    """An object with repeated keys; ``repeated`` has their names."""

    repeated: frozenset[str]


def _parse_integer(text: str) -> int | InexactNumber:
    # Longer numbers are not valid in any field, and parsing them takes quadratic time.
    return int(text) if len(text) <= _LONGEST_INTEGER else _parse_constant(text)


def _parse_decimal(text: str) -> WrittenDecimal | InexactNumber:
    is_exact = len(text) <= _LONGEST_INTEGER and "e" not in text.lower()
    return WrittenDecimal(text) if is_exact else _parse_constant(text)


def _parse_constant(text: str) -> InexactNumber:
    return InexactNumber(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _mark_repeated(plain: dict[str, Any], pairs: list[tuple[str, Any]]) -> RepeatedKeys:
    times = Counter(name for name, _ in pairs)
    marked = RepeatedKeys(plain)
    marked.repeated = frozenset(name for name in plain if times[name] > 1)
    return marked


def _build_refusal(code: str, /, **facts: object) -> InvalidDocument:
    return InvalidDocument([build_problem("", code, **facts)])


def decode(data: bytes, *, max_size: int) -> str:
    """
    Return the text of a document.

    Raises:
        InvalidDocument: Too large or not UTF-8: one problem without a path.
    """
    if len(data) > max_size:
        raise _build_refusal("file.too_large", most=max_size)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _build_refusal("file.not_utf8", place=error.start) from None


def parse(text: str) -> object:
    """
    Return the plain value of a document.

    Decimals are :class:`WrittenDecimal`, other floats :class:`InexactNumber`. Equal texts share one
    object in memory, because most amounts occur many times.

    Raises:
        InvalidDocument: Too deep or not JSON: one problem without a path.
    """
    share = dict[Any, Any]().setdefault

    def build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        plain = {
            name: share(value, value) if type(value) is str else value for name, value in pairs
        }
        return plain if len(plain) == len(pairs) else _mark_repeated(plain, pairs)

    try:
        value: object = json.loads(
            text,
            parse_float=_parse_decimal,
            parse_int=_parse_integer,
            parse_constant=InexactNumber,
            object_pairs_hook=build_object,
        )
    except RecursionError:
        raise _build_refusal("file.too_deep") from None
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise _build_refusal("file.not_json", **place, reason=error.msg) from None
    return value

"""Bytes to plain JSON values; no number is ever a float."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import attrs

from ...documents import InvalidDocument, Problem

_LONGEST_INTEGER = 40
_SHOWN = 40


@attrs.frozen
class WrittenDecimal:
    """A JSON number with a decimal point and without exponent, as it was written: it is exact."""

    text: str


@attrs.frozen
class InexactNumber:
    """A number with an exponent, NaN, an infinity or an endless number, as it was written."""

    text: str

    @property
    def is_constant(self) -> bool:
        """Return whether it is no JSON number at all: NaN or an infinity."""
        return self.text.endswith(("NaN", "Infinity"))


class RepeatedKeys(dict[str, Any]):
    """An object in which a key is written more than once; ``repeated`` names those keys."""

    repeated: frozenset[str]


def _parse_integer(text: str) -> int | InexactNumber:
    # A longer one is not worth the quadratic time, nor has it a place anywhere in the format.
    return int(text) if len(text) <= _LONGEST_INTEGER else _parse_constant(text)


def _parse_decimal(text: str) -> WrittenDecimal | InexactNumber:
    is_exact = len(text) <= _LONGEST_INTEGER and "e" not in text.lower()
    return WrittenDecimal(text) if is_exact else _parse_constant(text)


def _parse_constant(text: str) -> InexactNumber:
    return InexactNumber(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    times = Counter(name for name, _ in pairs)
    marked = RepeatedKeys(plain)
    marked.repeated = frozenset(name for name in plain if times[name] > 1)
    return marked


def _build_refusal(code: str, message: str) -> InvalidDocument:
    return InvalidDocument([Problem("", code, message)])


def parse(data: bytes, *, max_size: int) -> object:
    """
    Return the document's plain value.

    Decimals are :class:`WrittenDecimal`, other floats :class:`InexactNumber`.

    Raises:
        InvalidDocument: Too large, too deep, not UTF-8 or not JSON: one problem without a path.
    """
    if len(data) > max_size:
        sentence = f"Load less at once: the file is larger than {max_size} bytes."
        raise _build_refusal("file.too_large", sentence)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sentence = f"Write the file in UTF-8: byte {error.start} is not."
        raise _build_refusal("file.not_utf8", sentence) from None
    try:
        value: object = json.loads(
            text,
            parse_float=_parse_decimal,
            parse_int=_parse_integer,
            parse_constant=InexactNumber,
            object_pairs_hook=_build_object,
        )
    except RecursionError:
        sentence = "Nest less: the file's arrays and objects are nested too deep."
        raise _build_refusal("file.too_deep", sentence) from None
    except json.JSONDecodeError as error:
        sentence = f"Write JSON: line {error.lineno}, column {error.colno} is not ({error.msg})."
        raise _build_refusal("file.not_json", sentence) from None
    return value

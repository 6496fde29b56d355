"""One digest per value: SHA-256 over a canonical, injective text of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, cast

import attrs

__all__ = ["canonical", "digest_of"]


def _shortest(value: Decimal) -> str:
    text = f"{value:f}" if value else "0"
    return text.rstrip("0").removesuffix(".") if "." in text else text


_TEXTS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: f"b{value:d}"),
    (Enum, lambda value: f"e{value.value}"),
    (int, lambda value: f"i{value}"),
    (Decimal, lambda value: f"d{_shortest(value)}"),
    (date, lambda value: f"t{value.isoformat()}"),
    (timedelta, lambda value: f"p{value.days}d{value.seconds}s{value.microseconds}"),
    (str, lambda value: f"s{value}"),
)


def _scalar(value: object) -> str:
    if value is None:
        return "~"
    for kind, text in _TEXTS:
        if isinstance(value, kind):
            return text(value)
    msg = f"A {type(value).__name__} has no canonical text."
    raise TypeError(msg)


def canonical(value: object) -> str:
    """
    Return a text that differs wherever two values differ; equal decimals are equal (1.0 and 1.00).

    Takes attrs instances, mappings with text keys, tuples, lists, sets and scalars.

    Raises:
        TypeError: Something else is inside, a float for example.
    """
    if attrs.has(type(value)):
        fields = attrs.fields(cast("type[attrs.AttrsInstance]", type(value)))
        parts = [f"{f.name}={canonical(getattr(value, f.name))}" for f in fields if f.eq]
    elif isinstance(value, Mapping):
        parts = [f"{canonical(k)}={canonical(v)}" for k, v in sorted(value.items(), key=repr)]
    elif isinstance(value, (frozenset, set)):
        parts = sorted(canonical(part) for part in value)
    elif isinstance(value, (tuple, list)):
        parts = [canonical(part) for part in value]
    else:
        text = _scalar(value)
        return f"{len(text)}:{text}"
    return f"({''.join(f'{len(part)}:{part}' for part in parts)})"


def digest_of(value: object) -> str:
    """Return the SHA-256 of :func:`canonical`, in hexadecimal."""
    from hashlib import sha256  # noqa: PLC0415 - it costs a tenth of importing this package

    return sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()

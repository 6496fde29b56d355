"""Defaults in the signatures of the rendered site, as code."""

from __future__ import annotations

import inspect
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import Limits, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["show_defaults", "show_value"]

_UNKNOWN = "..."
_DEFAULT = re.compile(r"attr_dict\['(\w+)'\]\.default")
_PRIVATE = re.compile(r"(?<== )_[A-Z_]+\b")
#: Objects that a default equals if it is made without arguments.
_PLAIN = (Limits(), Policy())


def show_defaults(
    _app: object,
    _what: str,
    _name: str,
    value: object,
    _options: object,
    signature: str | None,
    result: str | None,
) -> tuple[str, str | None] | None:
    """Replace defaults of attrs and private constants by their values, a factory by ``...``."""
    if signature is None:
        return None
    constants: dict[str, object] = vars(import_module(getattr(value, "__module__", __name__)))
    defaults: dict[str, object] = {}
    if inspect.isclass(value) and attrs.has(value):
        defaults = {field.name: field.default for field in attrs.fields(value)}
    shown = _DEFAULT.sub(lambda found: show_value(defaults[found[1]]), signature)
    shown = _PRIVATE.sub(lambda found: show_value(constants.get(found[0], ...)), shown)
    return re.sub(r"\bNOTHING\b", _UNKNOWN, shown), result


def show_value(value: object) -> str:
    """Return a default as code: the same in every run, and ``...`` for one without a literal."""
    if attrs.has(type(value)) and value in _PLAIN:
        return f"{type(value).__name__}()"
    for kind, show in _SHOWN.items():
        if isinstance(value, kind):
            return show(value)
    return _UNKNOWN


def _join(values: Iterable[object]) -> str:
    return ", ".join(map(show_value, values))


def _show_set(value: frozenset[object]) -> str:
    return f"frozenset({{{', '.join(sorted(map(show_value, value)))}}})" if value else "frozenset()"


#: The functions that write a value, by its type; a subclass is before its base.
_SHOWN: Mapping[type, Callable[[Any], str]] = {
    Enum: lambda value: f"{type(value).__name__}.{value.name}",
    frozenset: _show_set,
    tuple: lambda value: f"({_join(value)},)" if len(value) == 1 else f"({_join(value)})",
    timedelta: lambda value: f"timedelta(seconds={value.total_seconds():g})",
    datetime: lambda _: _UNKNOWN,
    date: lambda value: f"date({value.year}, {value.month}, {value.day})",
    **dict.fromkeys((bool, int, float, str, bytes, Decimal, type(None)), repr),
}

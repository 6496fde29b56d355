"""
The check of the types of a case from the host.

The types are those that :class:`~erp_invoice_core.rules.Case` declares.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, TypeAlias

import attrs

from .. import declaration, documents, vocabulary
from ..adapters.text import is_storable
from ..documents.field_types import describe_type, is_accepted
from ..rules import Case

_Check: TypeAlias = Callable[[Any], bool]
#: The largest magnitude and number of digits of a storable amount.
_MOST_DIGITS = 38
_LARGEST = 2**63 - 1


def find_case_problem(case: object) -> str | None:
    """Return what is wrong with a case, with the name of the fact, or ``None``."""
    if not isinstance(case, Case):
        return f"it is of type {type(case).__name__}, not a Case"
    for name, hint, check in _find_checks(Case):
        value = getattr(case, name)
        if value is not None and not check(value):
            return f"its fact {name} {_describe_problem(value, hint)}"
    return None


def _describe_problem(value: object, hint: object) -> str:
    given = type(value).__name__
    if not is_accepted(value, hint):
        return f"must be {describe_type(hint)}, is {given}"
    if isinstance(value, tuple | frozenset | Mapping):
        return f"has a part that is not allowed in {describe_type(hint)}"
    return f"is too large or cannot be stored ({given})"


class _Names(dict[str, Any]):
    """The names in annotations that a module imports only for type checking."""

    def __missing__(self, name: str) -> Any:  # noqa: ANN401 - a class
        for package in (declaration, documents, vocabulary):
            if hasattr(package, name):
                return getattr(package, name)
        raise KeyError(name)


@lru_cache(maxsize=64)
def _find_checks(kind: type) -> tuple[tuple[str, Any, _Check], ...]:
    hints = typing.get_type_hints(kind, localns=_Names())
    fields = attrs.fields(kind)
    checked = ((field.name, hints[field.name]) for field in fields if field.init)
    return tuple((name, hint, _build_check(hint)) for name, hint in checked)


def _build_check(hint: Any) -> _Check:  # noqa: ANN401 - a type of any form
    """Return a check for values of a type."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return partial(_is_one_of, [_build_check(part) for part in parts])
    if origin in {tuple, frozenset}:
        return partial(_is_row, origin, _build_check(parts[0]))
    if origin is Mapping:
        return partial(_is_mapping, _build_check(parts[0]), _build_check(parts[1]))
    if hint in _VALUES:
        return partial(_is_value, hint)
    return _SCALARS.get(hint) or partial(_is_a, hint)


def _is_a(kind: type, value: object) -> bool:
    return isinstance(value, kind)


def _is_one_of(checks: list[_Check], value: object) -> bool:
    return any(check(value) for check in checks)


def _is_row(kind: type, each: _Check, value: Any) -> bool:  # noqa: ANN401 - any object of the host
    if not isinstance(value, kind):
        return False
    parts: Iterable[object] = typing.cast("Iterable[object]", value)
    return all(each(part) for part in parts)


def _is_mapping(key: _Check, part: _Check, value: Any) -> bool:  # noqa: ANN401 - any object of the host
    return isinstance(value, Mapping) and all(
        key(name) and part(value[name]) for name in tuple(value)
    )


def _is_value(kind: type, value: object) -> bool:
    return isinstance(value, kind) and all(
        check(getattr(value, name)) for name, _, check in _find_checks(kind)
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and is_storable(value)


def _is_whole(value: object) -> bool:
    return type(value) is int and abs(value) <= _LARGEST


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_amount(value: object) -> bool:
    if not isinstance(value, Decimal) or not value.is_finite():
        return False
    _, digits, exponent = value.as_tuple()
    return len(digits) + abs(int(exponent)) <= _MOST_DIGITS


#: Classes of this package inside of a case whose fields are also checked, as events store them.
_VALUES = frozenset(
    {
        documents.Attachment,
        documents.Difference,
        documents.ExportDocument,
        documents.ExportLine,
        documents.Hold,
        documents.ItemExcess,
        documents.LinkDifference,
        documents.NumberUse,
    }
)
_SCALARS: dict[Any, _Check] = {
    str: _is_text,
    int: _is_whole,
    Decimal: _is_amount,
    date: _is_day,
    type(None): partial(_is_a, type(None)),
}

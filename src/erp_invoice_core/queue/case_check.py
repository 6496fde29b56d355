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
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from typing import Any, TypeAlias

import attrs

from .. import documents
from ..adapters.text import is_storable
from ..canonical import InvalidData
from ..documents import ExportDocument, ExportLine, has_unread_lines
from ..documents.field_types import describe_type, is_accepted
from ..money import ZERO
from ..rules import Case
from ..rules.field_hints import list_field_types

_Check: TypeAlias = Callable[[Any], bool]
#: The largest magnitude and number of digits of a storable amount.
_MOST_DIGITS = 38
_LARGEST = 2**63 - 1
#: The most combinations of types that are kept for a class.
_MOST_KNOWN = 1000
#: Amounts in cents below this one have few digits.
_USUAL = Decimal(10) ** 30
_CENT = Decimal("0.01")
_UNIONS = (types.UnionType, typing.Union)
_COLLECTIONS = frozenset({tuple, frozenset, dict})
_LINE = frozenset({ExportLine})
_TEXT = frozenset({str})


def find_case_problem(case: object) -> str | None:
    """Return what is wrong with a case, with the name of the fact, or ``None``."""
    if not isinstance(case, Case):
        return f"it is of type {type(case).__name__}, not a Case"
    checks = _find_checks(Case)
    if checks.pass_all(case):
        return None
    for name, hint, check in checks.rows:
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


@attrs.frozen
class _ValueChecks:
    """
    The checks of the field values of a class, for values with one combination of types.

    Attributes:
        texts: The indices of the texts among the values; the texts are checked together.
        collections: The index and the check of each tuple, set and dict; an empty one, as most of
            a case are, needs no check (benchmark 4b).
        others: The index and the check of each other value whose type alone does not prove that it
            is valid.
    """

    texts: tuple[int, ...]
    collections: tuple[tuple[int, _Check], ...]
    others: tuple[tuple[int, _Check], ...]

    def pass_all(self, values: tuple[Any, ...]) -> bool:
        """Return whether all values can be stored."""
        if self.texts and not is_storable("\n".join([values[place] for place in self.texts])):
            return False
        for place, check in self.collections:
            if values[place] and not check(values[place]):
                return False
        for place, check in self.others:  # noqa: SIM110 - a generator takes twice as long
            if not check(values[place]):
                return False
        return True


class _FieldChecks:
    """
    The checks of a class's fields.

    A case has hundreds of values, and the next case mostly has values of the same types. Therefore
    the checks for each combination of types are chosen once and kept (benchmark 4b).
    """

    def __init__(self, kind: type, without: str) -> None:
        hints = list_field_types(kind)
        names = [field.name for field in attrs.fields(kind) if field.init and field.name != without]
        self.rows = tuple((name, hints[name], _build_check(hints[name])) for name in names)
        self._read = attrgetter(*names)
        self._known: dict[tuple[type, ...], _ValueChecks] = {}

    def pass_all(self, value: object) -> bool:
        """Return whether every field has its type and can be stored."""
        values = self._read(value)
        kinds = tuple(map(type, values))
        checks = self._known.get(kinds)
        if checks is None:  # these types are new, or one of them is wrong
            checks = self._find(values)
            if checks is None:
                return False
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[kinds] = checks
        return checks.pass_all(values)

    def _find(self, values: tuple[object, ...]) -> _ValueChecks | None:
        """Return the checks for values of these types, or ``None`` if a type is wrong."""
        rows = list(zip(self.rows, values, strict=True))
        if not all(is_accepted(value, hint) for (_, hint, _), value in rows):
            return None
        texts, collections, others = [], [], []
        for place, ((_, hint, _), value) in enumerate(rows):
            if isinstance(value, str) and not isinstance(value, Enum):
                texts.append(place)
            elif type(value) in _COLLECTIONS:  # a class of the host may count its parts wrongly
                collections.append((place, _choose_check(hint, value)))
            elif value is not None and not isinstance(value, Enum | bool):
                others.append((place, _choose_check(hint, value)))
        return _ValueChecks(tuple(texts), tuple(collections), tuple(others))


def _choose_check(hint: Any, value: object) -> _Check:  # noqa: ANN401 - a type of any form
    """Return the check of the type, or of that member of a union of types that the value has."""
    parts = typing.get_args(hint) if typing.get_origin(hint) in _UNIONS else (hint,)
    return next(_build_check(part) for part in parts if is_accepted(value, part))


@cache
def _find_checks(kind: type, without: str = "") -> _FieldChecks:
    return _FieldChecks(kind, without)


def _build_check(hint: Any) -> _Check:  # noqa: ANN401 - a type of any form
    """Return a function that returns whether a value has the type and can be stored."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint == Mapping[str, str | None]:
        return _is_text_table
    if origin in _UNIONS:
        return partial(_is_one_of, [_build_check(part) for part in parts])
    if origin in {tuple, frozenset}:
        return partial(_is_row, origin, _build_check(parts[0]))
    if origin is Mapping:
        return partial(_is_mapping, _build_check(parts[0]), _build_check(parts[1]))
    if hint in _VALUES:
        return partial(_is_value, hint)
    return _CHECKS.get(hint) or partial(_is_a, hint)


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


def _is_text_table(value: Any) -> bool:  # noqa: ANN401 - any object of the host
    """
    Return whether a value is a mapping of texts to texts or ``None``, and can be stored.

    All texts of a dict are checked together (benchmark 4b).
    """
    if type(value) is dict:
        texts = [*value, *(text for text in value.values() if text is not None)]
        if _TEXT.issuperset(map(type, texts)):
            return is_storable("\n".join(texts))
    return _is_mapping(_is_text, lambda text: text is None or _is_text(text), value)


def _is_value(kind: type, value: object) -> bool:
    return isinstance(value, kind) and _find_checks(kind).pass_all(value)


def _is_document(value: object) -> bool:
    """
    Return whether an export document has its types and can be stored.

    The types of its lines were checked when they were constructed or stored. Therefore each line
    is checked again only if its class is one of the host's (benchmark 4c).
    """
    if type(value) is not ExportDocument:
        return _is_value(ExportDocument, value)
    if not _find_checks(ExportDocument, "lines").pass_all(value):
        return False
    is_checked = has_unread_lines(value) or (
        type(value.lines) is tuple and _LINE.issuperset(map(type, value.lines))
    )
    return (is_checked and _has_plain_json(value)) or _is_value(ExportDocument, value)


def _has_plain_json(document: ExportDocument) -> bool:
    """
    Return whether the document's canonical JSON proves that all its texts can be stored.

    Sending needs this JSON anyway. In it, NUL is an escape, and a lone surrogate is not UTF-8. If
    the result is False, the caller checks each text.
    """
    try:
        data = document.stored_json
        if not data.isascii():
            data.decode()
    except (InvalidData, TypeError, UnicodeDecodeError):
        return False
    # The search for one byte is the fastest, and mostly finds nothing.
    return b"\\" not in data or b"\\u" not in data


def _is_text(value: object) -> bool:
    return isinstance(value, str) and is_storable(value)


def _is_whole(value: object) -> bool:
    return type(value) is int and abs(value) <= _LARGEST


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_amount(value: object) -> bool:
    if not isinstance(value, Decimal):
        return False
    if value is ZERO or (value.same_quantum(_CENT) and -_USUAL < value < _USUAL):
        return True
    if not value.is_finite():
        return False
    _, digits, exponent = value.as_tuple()
    return len(digits) + abs(int(exponent)) <= _MOST_DIGITS


#: Classes of this package inside of a case whose fields are also checked, as events store them.
_VALUES = frozenset(
    {
        documents.Attachment,
        documents.Difference,
        documents.ExportLine,
        documents.Hold,
        documents.ItemExcess,
        documents.LinkDifference,
        documents.NumberUse,
    }
)
_CHECKS: dict[Any, _Check] = {
    ExportDocument: _is_document,
    str: _is_text,
    int: _is_whole,
    Decimal: _is_amount,
    date: _is_day,
    type(None): partial(_is_a, type(None)),
}

"""
Check of the types of a value's fields, by their annotations.

A constructor calls it before its other checks, so that these can rely on the types. Combinations of
types that were accepted once are remembered, because an invoice has thousands of fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeAlias, Union, cast, get_args, get_origin

import attrs

from .problem import Problem, make_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_Kinds: TypeAlias = tuple[type, ...]
#: The most combinations that are kept for a class.
_MOST_SEEN = 1000
_COLLECTIONS = (tuple, frozenset, Mapping)
_KEY_SHOWN = 20
#: The types of which an instance is not accepted in place of one of its base type.
_OWN_BASE: tuple[tuple[type, type], ...] = ((bool, int), (datetime, date))


@cache
def _list_kinds(annotation: object) -> _Kinds:
    if get_origin(annotation) in {Union, UnionType}:
        return tuple(kind for part in get_args(annotation) for kind in _list_kinds(part))
    found: Any = get_origin(annotation) or annotation
    return (float, int) if found is float else (found,)


def is_accepted(value: object, annotation: object) -> bool:
    """Return whether a value is of a type; the parts of a collection are not checked."""
    kinds = _list_kinds(annotation)
    for own, base in _OWN_BASE:
        if isinstance(value, own) and own not in kinds:
            kinds = tuple(kind for kind in kinds if kind is not base)
    return isinstance(value, kinds)


def describe_type(annotation: object) -> str:
    """Return a type as text for a message: ``a tuple of InvoiceItem``, ``str or None``."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        return " or ".join(map(describe_type, parts))
    if origin is Mapping:
        return f"a mapping of {describe_type(parts[0])} to {describe_type(parts[1])}"
    if origin is not None:
        return f"a {origin.__name__} of {describe_type(parts[0])}"
    return "None" if annotation is NoneType else cast("type", annotation).__name__


class _FieldTypes:
    """The types of a class's fields, and the combinations of types that were accepted before."""

    def __init__(self, kind: type) -> None:
        resolved = attrs.resolve_types(cast("type[attrs.AttrsInstance]", kind))
        self.fields: dict[str, Any] = {
            field.name: field.type for field in attrs.fields(resolved) if field.init
        }
        self.read = _build_reader(tuple(self.fields))
        self.seen: set[_Kinds] = set()
        #: The accepted types of the parts of a collection, by the place of its field.
        self.parts: dict[int, set[type]] = {
            place: set()
            for place, annotation in enumerate(self.fields.values())
            if get_origin(annotation) in _COLLECTIONS
        }

    def find_problems(self, value: object) -> list[Problem]:
        """Return a problem for each field, and each part of a collection, of a wrong type."""
        values = self.read(value)
        kinds = tuple(map(type, values))
        if kinds in self.seen and self._knows_parts(values):
            return []
        name = type(value).__name__
        rows = zip(self.fields.items(), values, strict=True)
        problems = [
            _build_problem(name, path, part, expected)
            for (field, annotation), found in rows
            for path, part, expected in _list_parts(field, annotation, found)
            if not is_accepted(part, expected)
        ]
        if not problems:
            self._keep(kinds, values)
        return problems

    def _knows_parts(self, values: tuple[Any, ...]) -> bool:
        for place, known in self.parts.items():
            found = values[place]
            if found and (isinstance(found, Mapping) or not known.issuperset(map(type, found))):
                return False
        return True

    def _keep(self, kinds: _Kinds, values: tuple[Any, ...]) -> None:
        if len(self.seen) < _MOST_SEEN:
            self.seen.add(kinds)
        for place, known in self.parts.items():
            known.update(map(type, values[place]))


def _build_reader(names: tuple[str, ...]) -> Callable[[object], tuple[Any, ...]]:
    read = attrgetter(*names)
    return read if len(names) > 1 else lambda value: (read(value),)


def _list_parts(path: str, annotation: object, found: Any) -> Iterator[tuple[str, object, object]]:  # noqa: ANN401 - not checked yet
    """Yield a field, then the parts of a collection, each as (path, value, expected type)."""
    yield path, found, annotation
    if get_origin(annotation) not in _COLLECTIONS or not is_accepted(found, annotation):
        return
    expected = get_args(annotation)
    if not isinstance(found, Mapping):
        for place, part in enumerate(found):
            yield f"{path}[{place}]", part, expected[0]
        return
    for key, part in found.items():
        shown = getattr(key, "name", key)
        yield f"{path}, key {shown!r:.{_KEY_SHOWN}}", key, expected[0]
        yield f"{path}[{shown!r:.{_KEY_SHOWN}}]", part, expected[1]


def _build_problem(owner: str, path: str, found: object, annotation: object) -> Problem:
    kind, wanted = type(found).__name__, describe_type(annotation)
    return make_problem(path, "value.type", owner=owner, field=path, type=kind, wanted=wanted)


_TABLES: dict[type, _FieldTypes] = {}


def find_type_problems(value: object) -> list[Problem]:
    """Return a problem for each field of a wrong type; the message does not quote the value."""
    kind = type(value)
    table = _TABLES.get(kind)
    if table is None:
        table = _TABLES[kind] = _FieldTypes(kind)
    return table.find_problems(value)


def refuse_wrong_types(value: object) -> None:
    """
    Raise an error if a field of a value has another type than its annotation.

    Settings and options use it; documents raise ``InvalidDocument`` instead.

    Raises:
        TypeError: Some fields have another type. The message lists them all.
    """
    if problems := find_type_problems(value):
        raise TypeError(" ".join(problem.message for problem in problems))

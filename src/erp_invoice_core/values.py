"""Base class of frozen values: equality, hash, repr and changed copies."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable


T = TypeVar("T", bound="Value")

# attrs would compile these three anew for each class: more than half of what a class costs to
# make, and importing this package is mostly making classes.
_COMPARISONS: dict[type, Callable[[Any], object]] = {}
_HASH_READERS: dict[type, Callable[[Any], object]] = {}
_COPIERS: dict[type, tuple[list[str], Callable[[Any], Any]]] = {}


def _return_empty(_value: object) -> tuple[()]:
    return ()


def _list_fields(kind: type) -> tuple[attrs.Attribute[Any], ...]:
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(cast("type[attrs.AttrsInstance]", kind))
    return fields


def _build_reader(names: list[str]) -> Callable[[Any], object]:
    return attrgetter(*names) if names else _return_empty


def _build_comparison(kind: type) -> Callable[[Any], object]:
    read = _build_reader([field.name for field in _list_fields(kind) if field.eq])
    _COMPARISONS[kind] = read
    return read


def _build_hash_reader(kind: type) -> Callable[[Any], object]:
    fields = _list_fields(kind)
    read = _build_reader([field.name for field in fields if field.eq and field.hash is not False])
    _HASH_READERS[kind] = read
    return read


def _build_copier(kind: type) -> tuple[list[str], Callable[[Any], Any]]:
    names = [field.name for field in _list_fields(kind) if field.init]
    _COPIERS[kind] = names, attrgetter(*names)
    return _COPIERS[kind]


class Value:
    """
    Base class of frozen attrs classes that are defined with ``eq=False, repr=False``.

    Two values are equal if they have the same class and all fields with ``eq`` are equal. Fields
    with ``hash=False`` or ``repr=False`` are left out of the hash or the repr.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        kind = self.__class__
        if other.__class__ is not kind:
            return NotImplemented
        read = _COMPARISONS.get(kind) or _build_comparison(kind)
        return read(self) == read(other)

    def __hash__(self) -> int:
        kind = self.__class__
        read = _HASH_READERS.get(kind) or _build_hash_reader(kind)
        return hash((kind, read(self)))

    def __repr__(self) -> str:
        kind = self.__class__
        fields = (field for field in _list_fields(kind) if field.repr is not False)
        texts = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields)
        return f"{kind.__qualname__}({texts})"


def evolve(value: T, **changes: Any) -> T:  # noqa: ANN401 - the value's own fields
    """
    Return a copy of a value with some fields changed; the copy is validated as any new value.

    It does the same as ``attrs.evolve`` in half the time, as it caches the field names of a class.
    The class must have at least two fields.
    """
    kind = value.__class__
    names, read = _COPIERS.get(kind) or _build_copier(kind)
    fields = dict(zip(names, read(value), strict=True))
    fields.update(changes)
    return kind(**fields)

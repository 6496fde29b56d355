"""
Base class of frozen values: equality, hash, repr and changed copies.

These methods take less time than those that attrs makes. A value can also be made from a draft,
which is mutable until it is finished.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast, overload

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


T = TypeVar("T", bound="Value")
R = TypeVar("R")
_new = object.__new__

# attrs would compile these three anew for each class: more than half of what a class costs to
# make, and importing this package is mostly making classes.
_COMPARISONS: dict[type, Callable[[Any], object]] = {}
_HASH_READERS: dict[type, Callable[[Any], object]] = {}
_DRAFTS: dict[type, type] = {}
_COPIERS: dict[type, Callable[[Any], Any]] = {}


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


def _build_draft(kind: type) -> type:
    """Build and store the draft class of a class: a subclass whose instances are mutable."""
    # Only a class that inherits neither method of a frozen class sets its attributes quickly.
    methods = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    _DRAFTS[kind] = type(f"_Draft{kind.__name__}", (kind,), {"__slots__": (), **methods})
    return _DRAFTS[kind]


def compile_copy(kind: type, names: Iterable[str]) -> Callable[[Any], Any]:
    """
    Return a function that copies the named fields of an object to a new draft of a class.

    It is compiled from source, as attrs compiles a constructor.
    """
    lines = [f" draft.{name} = value.{name}\n" for name in names]
    code = f"def copy(value):\n draft = new(kind)\n{''.join(lines)} return draft\n"
    scope: dict[str, Any] = {"new": _new, "kind": _DRAFTS.get(kind) or _build_draft(kind)}
    exec(code, scope)  # noqa: S102 - it has nothing but the names of the fields
    copy: Callable[[Any], Any] = scope["copy"]
    return copy


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


class derived(Generic[R]):  # noqa: N801 - it decorates, as functools.cached_property does
    """
    A property that is computed once and kept in a slot, which a base class of the value declares.

    attrs gives a class with a ``cached_property`` a ``__getattr__``, which makes reading each of
    its other fields five times as slow (line 1a of the benchmarks).
    """

    def __init__(self, compute: Callable[[Any], R]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self.slot = f"_{name}"

    @overload
    def __get__(self, value: None, kind: type) -> Self: ...

    @overload
    def __get__(self, value: object, kind: type) -> R: ...

    def __get__(self, value: object | None, kind: type) -> Self | R:
        if value is None:
            return self
        try:
            found: R = getattr(value, self.slot)
        except AttributeError:
            found = self.compute(value)
            object.__setattr__(value, self.slot, found)
        return found


def begin(kind: type) -> Any:  # noqa: ANN401 - a draft has the fields of the class
    """
    Return an empty, mutable draft of a value.

    Set every field of the draft as an attribute, and pass it to :func:`finish`. This takes a third
    of the time of the constructor, and checks and converts nothing (line 1a of the benchmarks).
    """
    return _new(_DRAFTS.get(kind) or _build_draft(kind))


def finish(kind: type[T], draft: Any) -> T:  # noqa: ANN401 - as above
    """Return the draft as a frozen value of its class."""
    draft.__class__ = kind
    value: T = draft
    return value


def copy_to_draft(value: Value) -> Any:  # noqa: ANN401 - as above
    """Return a mutable draft with the fields of a value; end it with :func:`finish`."""
    kind = value.__class__
    copy = _COPIERS.get(kind) or _build_copier(kind)
    return copy(value)


def _build_copier(kind: type) -> Callable[[Any], Any]:
    copy = compile_copy(kind, [field.name for field in _list_fields(kind)])
    _COPIERS[kind] = copy
    return copy


def evolve(value: T, changes: Mapping[str, object]) -> T:
    """
    Return a copy of a value with some fields changed, in a fifth of the time of ``attrs.evolve``.

    Nothing is checked or converted, neither the fields that stay nor those that change. Use it for
    classes that check nothing, and for fields that need no check (line 1a of the benchmarks).
    """
    kind = value.__class__
    copy = _COPIERS.get(kind) or _build_copier(kind)
    draft = copy(value)
    for name, changed in changes.items():
        setattr(draft, name, changed)
    draft.__class__ = kind  # as finish does, in the same call (line 4c of the benchmarks)
    evolved: T = draft
    return evolved

"""Values as JSON text, straight from their fields: what is kept is written at every move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, Flag
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, TypeAlias, cast

import attrs

from ..values import Value
from .scalars import told_decimal, told_moment

_Writer: TypeAlias = Callable[[Any], str]


def _amount(value: Decimal) -> str:
    return f'"{told_decimal(value)}"'


# A kind stands before the kinds that it is a special case of.
_SCALARS: tuple[tuple[type, _Writer], ...] = (
    (Flag, lambda value: written(value.value)),
    (bool, lambda value: "true" if value else "false"),
    (int, int.__repr__),
    (str, encode_basestring),
    (Decimal, _amount),
    (datetime, lambda value: f'"{told_moment(value)}"'),
    (date, lambda value: f'"{value.isoformat()}"'),
)


def _of_mapping(value: Mapping[str, object]) -> str:
    rows = [f"{encode_basestring(key)}:{written(value[key])}" for key in sorted(value)]
    return f"{{{','.join(rows)}}}"


def _of_row(value: tuple[object, ...]) -> str:
    if not value:
        return "[]"
    return f"[{','.join([_WRITERS[type(part)](part) for part in value])}]"


def _of_words(kind: type[Enum]) -> _Writer:
    return {word: written(word.value) for word in kind}.__getitem__


_Read: TypeAlias = Callable[[Any], tuple[object, ...]]


class _Fields(dict[type, tuple[tuple[str, ...], frozenset[str], _Read]]):
    """The names of each class's fields in order, those always written, and what reads them."""

    def __missing__(self, kind: type) -> tuple[tuple[str, ...], frozenset[str], _Read]:
        fields = attrs.fields(cast("type[attrs.AttrsInstance]", kind))
        names = tuple(sorted(field.name for field in fields if field.init))
        # An absent field is read as ``None``, so only a field with that default may be omitted.
        needed = frozenset(field.name for field in fields if field.default is not None)
        self[kind] = names, needed, _reader(names)
        return self[kind]


def _reader(names: tuple[str, ...]) -> _Read:
    if len(names) > 1:
        return attrgetter(*names)
    # An attrgetter of one name returns no tuple.
    return lambda value: tuple([getattr(value, name) for name in names])


_FIELDS = _Fields()

# Most of what is inside an entry was there before its last move: the last texts are kept. By
# identity, as comparing two values costs as much as writing one.
_KEPT: dict[int, tuple[object, str]] = {}
_MOST = 1_024


def _of_value(kind: type) -> _Writer:
    """Return what writes the values of a class whose values never change."""
    write = _of_fields(kind)

    def kept(value: object) -> str:
        known = _KEPT.get(id(value))
        if known is not None and known[0] is value:
            return known[1]
        text = write(value)
        if len(_KEPT) >= _MOST:
            _KEPT.clear()
        _KEPT[id(value)] = (value, text)
        return text

    return kept


def _of_fields(kind: type) -> _Writer:
    """Return what writes the values of an attrs class; its names are found once."""
    names, needed, read = _FIELDS[kind]
    heads = [(f'"{name}":', f'"{name}":null' if name in needed else None) for name in names]

    def write(value: object) -> str:
        rows = []
        for (head, absent), part in zip(heads, read(value), strict=True):
            if part is None:
                if absent:
                    rows.append(absent)
            elif type(part) is str:  # as most fields are
                rows.append(head + encode_basestring(part))
            else:
                rows.append(head + _WRITERS[type(part)](part))
        return f"{{{','.join(rows)}}}"

    return write


def _refused(value: object) -> str:
    msg = f"A {type(value).__name__} has no place in JSON."
    raise TypeError(msg)


def _writer_of(kind: type) -> _Writer:
    if attrs.has(kind):
        return _of_value(kind) if issubclass(kind, Value) else _of_fields(kind)
    if issubclass(kind, Mapping):
        return _of_mapping
    if issubclass(kind, (tuple, list)):
        return _of_row
    if issubclass(kind, Enum) and not issubclass(kind, Flag):
        return _of_words(kind)
    return next((write for general, write in _SCALARS if issubclass(kind, general)), _refused)


class _Writers(dict[type, _Writer]):
    """How the values of each kind are written, found out when the first one comes by."""

    def __missing__(self, kind: type) -> _Writer:
        self[kind] = _writer_of(kind)
        return self[kind]


_WRITERS = _Writers(
    {type(None): {None: "null"}.__getitem__, str: encode_basestring, Decimal: _amount}
)


def written(value: object) -> str:
    """
    Return a value as JSON text: its fields in the order of their names, without spaces.

    Omit a field whose value is ``None`` if ``None`` is its default.

    Takes attrs instances, mappings with text keys, tuples, lists and scalars.

    Raises:
        InvalidData: It holds what could not be loaded again: a moment without offset, a NaN.
        TypeError: Something else is inside, a float for example.
    """
    return _WRITERS[type(value)](value)


class _Merged(dict[tuple[type, tuple[str, ...]], tuple[str, ...]]):
    """The names of a class's fields and of what is written besides them, in order."""

    def __missing__(self, key: tuple[type, tuple[str, ...]]) -> tuple[str, ...]:
        kind, more = key
        self[key] = tuple(sorted({*_FIELDS[kind][0], *more}))
        return self[key]


_MERGED = _Merged()


def fields_written(value: object, instead: Mapping[str, object]) -> str:
    """Return an attrs instance as JSON text, with other or more fields than it has."""
    kind = type(value)
    names, needed, read = _FIELDS[kind]
    parts = dict(zip(names, read(value), strict=True))
    parts.update(instead)
    rows = [
        f'"{name}":{_WRITERS[type(part)](part)}'
        for name in _MERGED[kind, tuple(instead)]
        if (part := parts[name]) is not None or name in needed
    ]
    return f"{{{','.join(rows)}}}"

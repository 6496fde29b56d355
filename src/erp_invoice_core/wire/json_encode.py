"""The JSON encoder of stored values."""

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
from .scalars import format_decimal, format_moment

_Encoder: TypeAlias = Callable[[Any], str]


def _encode_amount(value: Decimal) -> str:
    return f'"{format_decimal(value)}"'


# A subtype is before its supertype.
_SCALARS: tuple[tuple[type, _Encoder], ...] = (
    (Flag, lambda value: encode_json(value.value)),
    (bool, lambda value: "true" if value else "false"),
    (int, int.__repr__),
    (str, encode_basestring),
    (Decimal, _encode_amount),
    (datetime, lambda value: f'"{format_moment(value)}"'),
    (date, lambda value: f'"{value.isoformat()}"'),
)


def _encode_mapping(value: Mapping[str, object]) -> str:
    rows = [f"{encode_basestring(key)}:{encode_json(value[key])}" for key in sorted(value)]
    return f"{{{','.join(rows)}}}"


def _encode_row(value: tuple[object, ...]) -> str:
    if not value:
        return "[]"
    return f"[{','.join([_ENCODERS[type(part)](part) for part in value])}]"


def _build_enum_encoder(kind: type[Enum]) -> _Encoder:
    return {word: encode_json(word.value) for word in kind}.__getitem__


_Read: TypeAlias = Callable[[Any], tuple[object, ...]]


class _Fields(dict[type, tuple[tuple[str, ...], frozenset[str], _Read]]):
    """The sorted field names of a class, those that are always written, and their getter."""

    def __missing__(self, kind: type) -> tuple[tuple[str, ...], frozenset[str], _Read]:
        fields = attrs.fields(cast("type[attrs.AttrsInstance]", kind))
        names = tuple(sorted(field.name for field in fields if field.init))
        # An absent field is read as ``None``, so only a field with that default may be omitted.
        needed = frozenset(field.name for field in fields if field.default is not None)
        self[kind] = names, needed, _build_reader(names)
        return self[kind]


def _build_reader(names: tuple[str, ...]) -> _Read:
    if len(names) > 1:
        return attrgetter(*names)
    # An attrgetter of one name returns no tuple.
    return lambda value: tuple([getattr(value, name) for name in names])


_FIELDS = _Fields()

# A change leaves most parts of an entry the same, so their last texts are reused. Parts are
# compared by identity, because comparing values costs as much as encoding them.
_CACHE: dict[int, tuple[object, str]] = {}
_MOST = 1_024


def _build_value_encoder(kind: type) -> _Encoder:
    """Return an encoder for a class of immutable values, which reuses texts."""
    write = _build_class_encoder(kind)

    def encode_once(value: object) -> str:
        known = _CACHE.get(id(value))
        if known is not None and known[0] is value:
            return known[1]
        text = write(value)
        if len(_CACHE) >= _MOST:
            _CACHE.clear()
        _CACHE[id(value)] = (value, text)
        return text

    return encode_once


def _build_class_encoder(kind: type) -> _Encoder:
    """Return an encoder for an attrs class."""
    names, needed, read = _FIELDS[kind]
    heads = [(f'"{name}":', f'"{name}":null' if name in needed else None) for name in names]

    def encode(value: object) -> str:
        rows = []
        for (head, absent), part in zip(heads, read(value), strict=True):
            if part is None:
                if absent:
                    rows.append(absent)
            elif type(part) is str:  # most fields are texts
                rows.append(head + encode_basestring(part))
            else:
                rows.append(head + _ENCODERS[type(part)](part))
        return f"{{{','.join(rows)}}}"

    return encode


def _refuse(value: object) -> str:
    msg = f"A {type(value).__name__} cannot be written as JSON."
    raise TypeError(msg)


def _build_encoder(kind: type) -> _Encoder:
    if attrs.has(kind):
        return _build_value_encoder(kind) if issubclass(kind, Value) else _build_class_encoder(kind)
    if issubclass(kind, Mapping):
        return _encode_mapping
    if issubclass(kind, (tuple, list)):
        return _encode_row
    if issubclass(kind, Enum) and not issubclass(kind, Flag):
        return _build_enum_encoder(kind)
    return next((write for general, write in _SCALARS if issubclass(kind, general)), _refuse)


class _Encoders(dict[type, _Encoder]):
    """The encoders by class, each built when the first value of the class is encoded."""

    def __missing__(self, kind: type) -> _Encoder:
        self[kind] = _build_encoder(kind)
        return self[kind]


_ENCODERS = _Encoders(
    {type(None): {None: "null"}.__getitem__, str: encode_basestring, Decimal: _encode_amount}
)


def encode_json(value: object) -> str:
    """
    Return a value as JSON text: its fields in the order of their names, without spaces.

    Omit a field whose value is ``None`` if ``None`` is its default.

    The value may contain attrs instances, mappings with text keys, tuples, lists and scalars.

    Raises:
        InvalidData: It has a value that could not be loaded again: a time without offset, a NaN.
        TypeError: It has a value of another type, as a float.
    """
    return _ENCODERS[type(value)](value)


class _Merged(dict[tuple[type, tuple[str, ...]], tuple[str, ...]]):
    """The sorted names of a class's fields and of additional values."""

    def __missing__(self, key: tuple[type, tuple[str, ...]]) -> tuple[str, ...]:
        kind, more = key
        self[key] = tuple(sorted({*_FIELDS[kind][0], *more}))
        return self[key]


_MERGED = _Merged()


def encode_fields(value: object, instead: Mapping[str, object]) -> str:
    """Return an attrs instance as JSON text, with some fields replaced or added."""
    kind = type(value)
    names, needed, read = _FIELDS[kind]
    parts = dict(zip(names, read(value), strict=True))
    parts.update(instead)
    rows = [
        f'"{name}":{_ENCODERS[type(part)](part)}'
        for name in _MERGED[kind, tuple(instead)]
        if (part := parts[name]) is not None or name in needed
    ]
    return f"{{{','.join(rows)}}}"

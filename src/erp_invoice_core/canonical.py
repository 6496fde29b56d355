"""
Canonical JSON of values, and the digest that is the SHA-256 of it.

Equal values have the same canonical JSON: fields in the order of their names, no spaces, characters
as they are unless JSON requires an escape. A field that has its default is omitted, so that a field
that a later version adds changes no digest; for the same reason no default of a released version is
ever changed.

A digest is a text of format and SHA-256: ``2:`` and 64 hexadecimal digits. Digests of format 1 have
no prefix; ``documents/former_digest.py`` computes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, Flag
from typing import Any, TypeAlias, cast

import attrs

from .values import Value

_Encoder: TypeAlias = Callable[[Any], str]

#: The start of a digest of the current format.
_FORMAT = "2:"
# Sums and products of valid amounts can have more digits than an amount of an input file.
_DECIMAL = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?\Z")
# A text of at most this length without exponent, NaN or infinity cannot have too many digits.
_SHORT = 100
_MICROSECOND = timedelta(microseconds=1)


class InvalidData(ValueError):
    """Stored data does not have the shape of the value that it should be."""


# ── texts of scalars ─────────────────────────────────────────


def is_plain(text: str) -> bool:
    """Return whether a text is a storable decimal without exponent."""
    return _DECIMAL.match(text) is not None


def format_decimal(value: Decimal) -> str:
    """
    Return an amount as text without exponent and with its trailing zeros.

    Raises:
        InvalidData: It is not a number, is infinite, or has too many digits.
    """
    text = str(value)
    if len(text) < _SHORT and value.is_finite() and "E" not in text:
        return text
    text = format(value, "f")
    if not is_plain(text):
        msg = f"{value} cannot be stored as an amount."
        raise InvalidData(msg)
    return text


def format_moment(value: datetime) -> str:
    """
    Return a time as text in ISO 8601.

    Raises:
        InvalidData: It has no offset.
    """
    if value.tzinfo is None:
        msg = f"The time {value.isoformat()} has no offset. Give one with its offset."
        raise InvalidData(msg)
    return value.isoformat()


# ── the encoder ──────────────────────────────────────────────

# A subtype is before its supertype.
_SCALARS: tuple[tuple[type, _Encoder], ...] = (
    (type(None), lambda _value: "null"),
    (bool, lambda value: "true" if value else "false"),
    (int, int.__repr__),
    (Decimal, lambda value: f'"{format_decimal(value)}"'),
    (datetime, lambda value: f'"{format_moment(value)}"'),
    (date, lambda value: f'"{value.isoformat()}"'),
    (timedelta, lambda value: str(value // _MICROSECOND)),
)


def _import_text_encoder() -> _Encoder:
    from json.encoder import encode_basestring  # noqa: PLC0415 - most imports encode nothing

    return encode_basestring


def _refuse(value: object) -> str:
    msg = f"A {type(value).__name__} cannot be written as JSON."
    raise TypeError(msg)


def _build_scalar(kind: type) -> _Encoder:
    if issubclass(kind, str):
        return _import_text_encoder()
    return next((encode for general, encode in _SCALARS if issubclass(kind, general)), _refuse)


def find_default(field: attrs.Attribute[Any]) -> object:
    """Return the default value of a field, or ``attrs.NOTHING`` if it is required."""
    default: Any = field.default
    return default.factory() if hasattr(default, "factory") else default


def _write_field(name: str, place: int, default: object) -> list[str]:
    """
    Return the source lines with which an encoder adds a field unless it has its default.

    The lines name the default ``default<place>``; ``place`` is the number of the field.
    """
    row = f"""add('"{name}":' + encoders[type(part)](part))"""
    if default is attrs.NOTHING:
        return [f" {row}"]
    if default is None:
        return [" if part is not None:", f"  {row}"]
    # Zeros after the point do not count in a comparison, but are kept.
    same = f"part is not default{place} and (part != default{place} or isinstance(part, Decimal))"
    return [f" if {same}:", f"  {row}"]


class _Encoders(dict[type, _Encoder]):
    """The encoders by class; each is built when the first value of its class is encoded."""

    def __init__(self, build: Callable[[type], _Encoder]) -> None:
        super().__init__()
        self._build = build

    def __missing__(self, kind: type) -> _Encoder:
        self[kind] = self._build(kind)
        return self[kind]


class JsonEncoder:
    """
    An encoder of values as JSON text, with the encoders of their classes.

    The values may contain attrs instances, mappings with text keys, tuples, lists, sets and
    scalars.
    """

    def __init__(self, *, compared: bool = False, reused: int = 0) -> None:
        """
        Set up without encoders; each is built when the first value of its class is encoded.

        Args:
            compared: Omit the fields that are declared with ``eq=False``.
            reused: The number of encoded texts to keep, so that the same object, by identity, is
                not encoded twice.
        """
        self._compared = compared
        self._reused = reused
        self._texts: dict[int, tuple[object, str]] = {}
        self._encoders: dict[type, _Encoder] = _Encoders(self._build)
        self._partial: dict[tuple[type, str], _Encoder] = {}

    def encode(self, value: object) -> str:
        """
        Return a value as JSON text without spaces, with the fields in the order of their names.

        Raises:
            InvalidData: A value could not be loaded again: a time without offset, a NaN.
            TypeError: A value has another type, as a float.
        """
        return self._encoders[type(value)](value)

    def encode_fields(self, value: object, without: str, more: Mapping[str, object]) -> str:
        """
        Return an attrs instance as JSON, without the field ``without`` and with those in ``more``.

        So a store writes a queue entry with the digest of its document in place of the document.
        """
        key = type(value), without
        encode = self._partial.get(key)
        if encode is None:
            encode = self._partial[key] = self._build_class_encoder(*key)
        written = encode(value)[1:-1]
        rows = [f'"{name}":{self.encode(part)}' for name, part in more.items()]
        return f"{{{','.join([written, *rows] if written else rows)}}}"

    def _build(self, kind: type) -> _Encoder:
        if attrs.has(kind):
            encode = self._build_class_encoder(kind)
            return self._reuse_texts(encode) if self._reused and issubclass(kind, Value) else encode
        if issubclass(kind, Mapping):
            return self._encode_mapping
        if issubclass(kind, AbstractSet):
            return self._encode_set
        if issubclass(kind, (tuple, list)):
            return self._encode_row
        return self._build_enum_encoder(kind) if issubclass(kind, Enum) else _build_scalar(kind)

    def _build_enum_encoder(self, kind: type[Enum]) -> _Encoder:
        if issubclass(kind, Flag):  # a combination of members is not listed
            return lambda value: self.encode(value.value)
        return {word: self.encode(word.value) for word in kind}.__getitem__

    def _build_class_encoder(self, kind: type, without: str = "") -> _Encoder:
        """
        Return the encoder of an attrs class, compiled from source with a line for each field.

        It takes two thirds of the time of a loop over the fields (benchmarks 4b and 4c).
        """
        fields = [
            field
            for field in attrs.fields(cast("type[attrs.AttrsInstance]", kind))
            if field.init and (field.eq or not self._compared) and field.name != without
        ]
        fields.sort(key=lambda field: field.name)
        names: dict[str, Any] = {"encoders": self._encoders, "Decimal": Decimal}
        lines = ["def encode(value):", " rows = []", " add = rows.append"]
        for place, field in enumerate(fields):
            default = names[f"default{place}"] = find_default(field)
            lines += [f" part = value.{field.name}", *_write_field(field.name, place, default)]
        lines.append(" return '{' + ','.join(rows) + '}'")
        exec("\n".join(lines), names)  # noqa: S102 - it has nothing but the names of the fields
        encode: _Encoder = names["encode"]
        return encode

    def _reuse_texts(self, encode: _Encoder) -> _Encoder:
        """Return an encoder that keeps the texts of immutable values, and returns them again."""
        texts = self._texts

        # Values are compared by identity, because comparing them costs as much as encoding them.
        def encode_once(value: object) -> str:
            known = texts.get(id(value))
            if known is not None and known[0] is value:
                return known[1]
            text = encode(value)
            if len(texts) >= self._reused:
                texts.clear()
            texts[id(value)] = (value, text)
            return text

        return encode_once

    def _encode_mapping(self, value: Mapping[str | Enum, object]) -> str:
        encoders = self._encoders
        texts: dict[str, str] = {
            key.value if isinstance(key, Enum) else key: encoders[type(part)](part)
            for key, part in value.items()
        }
        rows = [f"{encoders[type(key)](key)}:{texts[key]}" for key in sorted(texts)]
        return f"{{{','.join(rows)}}}"

    def _encode_set(self, value: AbstractSet[object]) -> str:
        return f"[{','.join(sorted(map(self.encode, value)))}]"

    def _encode_row(self, value: tuple[object, ...]) -> str:
        if not value:
            return "[]"
        encoders = self._encoders
        return f"[{','.join([encoders[type(part)](part) for part in value])}]"


_ENCODER = JsonEncoder()
_CANONICAL = JsonEncoder(compared=True)

encode_json = _ENCODER.encode


# ── canonical JSON and digests ───────────────────────────────


def encode_canonically(value: object) -> bytes:
    """
    Return the canonical JSON of a value, without the fields that are declared with ``eq=False``.

    Raises:
        InvalidData: The value has a time without offset, or a decimal that is not a number.
        TypeError: The value has a part of another type, as a float.
    """
    # No surrogate is a character, but an input may have one, and then a digest must have it too.
    return _CANONICAL.encode(value).encode("utf-8", "surrogatepass")


def compute_sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    from hashlib import sha256  # noqa: PLC0415 - it takes a tenth of the import time of the package

    return sha256(data).hexdigest()


def build_digest(sha256: str) -> str:
    """Return the digest of a value from the SHA-256 of its canonical JSON."""
    return _FORMAT + sha256


def compute_digest(value: object) -> str:
    """Return the digest of a value, such as ``2:9f86…``: the format of digests and a SHA-256."""
    return build_digest(compute_sha256(encode_canonically(value)))


def is_current(digest: str) -> bool:
    """Return whether a digest has the current format."""
    return digest.startswith(_FORMAT)

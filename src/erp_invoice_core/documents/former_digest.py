"""
Digests of format 1, which versions 0.1 to 0.3 computed.

An acceptance that was stored with such a digest keeps it. Format 1 is the SHA-256 of a canonical
text that no other module writes. The text has only the fields that a class had in version 0.3, so a
field that was added later does not change the digest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum, Flag
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias, cast

import attrs

from ..canonical import is_current

_Encoder: TypeAlias = Callable[[Any], str]


# fmt: off
#: The fields in version 0.3 of classes, by name, whose later fields are left out.
_FIELDS: Mapping[str, str] = MappingProxyType({
    "ExportDocument": """
        invoice_id company_id currency project_id job_origin_id vendor_id vendor_name
        vendor_origin_id commitment_id commitment_kind commitment_number commitment_origin_id number
        lines job_name commitment_title invoice_number period_id period_start period_end
        billing_date final""",
    "ExportLine": """
        item_id item_type line_item_id description gross retained released work stored
        accounting_method quantity unit_price uom cost_code cost_code_origin_id cost_type_origin_id
        line_origin_id change_order_origin_id""",
    "Declaration": """
        key name contract features prerequisites commitment_statuses privileges terms zero negative
        release_only number_scope retainage tax attachments currencies field_rules extra_fields
        withdraw unlink landing settings fidelity""",
    "StepTerms": """
        look_up visible_after settles_within replay replay_for compares_body enforces_key
        time_limit""",
    "FieldRule": """
        field validator limit at_export truncates message""",
    "ExportField": """
        key label required is_date""",
    "Setting": """
        name kind label required default choices""",
    "Notice": """
        code message source facts""",
})
# fmt: on


# A subclass comes before its base class.
_SCALARS: tuple[tuple[type, _Encoder], ...] = (
    (bool, lambda value: f"b{value:d}"),
    (Flag, lambda value: f"e{value.value}"),
    (int, lambda value: f"i{value}"),
    (Decimal, lambda value: f"d{_format_decimal(value)}"),
    (date, lambda value: f"t{value.isoformat()}"),
    (timedelta, lambda value: f"p{value.days}d{value.seconds}s{value.microseconds}"),
    (str, lambda value: f"s{value}"),
)
_NOTHING = {None: "1:~"}
# Heads of longer texts are not cached.
_LONG = 256


def _encode_text(value: str) -> str:
    return f"{len(value) + 1}:s{value}"


def _format_decimal(value: Decimal) -> str:
    text = str(value) if value else "0"
    if "E" in text:
        text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    return text


def _encode_amount(value: Decimal) -> str:
    text = _format_decimal(value)
    return f"{len(text) + 1}:d{text}"


def _build_scalar_encoder(kind: type) -> _Encoder:
    for general, encode in _SCALARS:
        if issubclass(kind, general):
            return lambda value: f"{len(text := encode(value))}:{text}"
    msg = f"A {kind.__name__} has no canonical text."
    raise TypeError(msg)


def _build_enum_encoder(kind: type[Enum]) -> _Encoder:
    return {word: f"{len(text := str(word.value)) + 1}:e{text}" for word in kind}.__getitem__


def _join(parts: list[str]) -> str:
    return f"({''.join([f'{len(part)}:{part}' for part in parts])})"


def _encode_mapping(value: Mapping[object, object]) -> str:
    items = sorted(value.items(), key=repr)
    return _join([f"{write_former_text(key)}={write_former_text(part)}" for key, part in items])


def _encode_set(value: frozenset[object]) -> str:
    return _join(sorted(map(write_former_text, value)))


def _encode_row(value: tuple[object, ...]) -> str:
    return _join([_ENCODERS[type(part)](part) for part in value])


class _Heads(dict[int, str]):
    """Cache of the text that precedes the value of one field, by the length of the value."""

    def __init__(self, name: str, mark: str) -> None:
        self._name = name
        self._mark = mark

    def __missing__(self, length: int) -> str:
        start = f"{self._name}={length + 1}:{self._mark}"
        head = f"{len(start) + length}:{start}"
        if length < _LONG:
            self[length] = head
        return head


def _build_class_encoder(kind: type) -> _Encoder:
    """Return the encoder of an attrs class, which reads the names of the fields only once."""
    fields = attrs.fields(cast("type[attrs.AttrsInstance]", kind))
    names = [field.name for field in fields if field.eq]
    if kind.__name__ in _FIELDS:
        names = _FIELDS[kind.__name__].split()
    if len(names) < 2:  # noqa: PLR2004 - an attrgetter of one name returns no tuple
        return lambda value: _join([f"{n}={write_former_text(getattr(value, n))}" for n in names])
    read = attrgetter(*names)
    # Most fields are text, an amount or None, and are encoded here without another call.
    heads = [
        (_Heads(name, "s"), _Heads(name, "d"), f"{name}=", _Heads(name, "~")[0]) for name in names
    ]

    def encode(value: object) -> str:
        parts = ["("]
        for (of_text, of_amount, head, absent), part in zip(heads, read(value), strict=True):
            if part is None:
                parts.append(absent)
                continue
            kind = type(part)
            if kind is str:
                parts += (of_text[len(part)], part)
            elif kind is Decimal:
                text = _format_decimal(part)
                parts += (of_amount[len(text)], text)
            else:
                text = head + _ENCODERS[kind](part)
                parts.append(f"{len(text)}:{text}")
        parts.append(")")
        return "".join(parts)

    return encode


def _build_encoder(kind: type) -> _Encoder:
    if attrs.has(kind):
        return _build_class_encoder(kind)
    if issubclass(kind, Mapping):
        return _encode_mapping
    if issubclass(kind, (frozenset, set)):
        return _encode_set
    if issubclass(kind, (tuple, list)):
        return _encode_row
    if issubclass(kind, Enum) and not issubclass(kind, Flag):
        return _build_enum_encoder(kind)
    return _build_scalar_encoder(kind)


class _Encoders(dict[type, _Encoder]):
    """Cache of the encoder of each class, which is built for its first value."""

    def __missing__(self, kind: type) -> _Encoder:
        self[kind] = _build_encoder(kind)
        return self[kind]


_ENCODERS = _Encoders(
    {type(None): _NOTHING.__getitem__, str: _encode_text, Decimal: _encode_amount}
)


def write_former_text(value: object) -> str:
    """
    Return a text that is the same for equal values only; 1.0 and 1.00 have the same text.

    Takes attrs instances, mappings with text keys, tuples, lists, sets and scalars.

    Raises:
        TypeError: The value has another type inside, as a float.
    """
    return _ENCODERS[type(value)](value)


def compute_former_digest(value: object) -> str:
    """Return the digest of format 1: the SHA-256 of the text, in hexadecimal."""
    from hashlib import sha256  # noqa: PLC0415 - it takes a tenth of the import time of the package

    return sha256(write_former_text(value).encode("utf-8", "surrogatepass")).hexdigest()


class Digested(Protocol):
    """A value that has a digest of the current format: a document or a declaration."""

    @property
    def digest(self) -> str:
        """The digest of the value, in the current format."""
        ...


def is_digest_of(digest: str, value: Digested) -> bool:
    """Return whether a digest is that of a value, in the current format or in format 1."""
    if digest == value.digest:
        return True
    return not is_current(digest) and digest == compute_former_digest(value)

"""The queue's values to and from plain data: the one converter, strict on the way in."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from cattrs import Converter

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["InvalidData", "dump", "encode", "load", "pack", "parse", "unpack"]

T = TypeVar("T")


class InvalidData(ValueError):
    """Stored data does not have the shape of the value that it should be."""


# Sums and products of lawful amounts have more digits than any amount of an input file.
_DECIMAL = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?\Z")


def _text(value: object, _type: object) -> str:
    if type(value) is not str:
        msg = f"Expected text, found {type(value).__name__}."
        raise InvalidData(msg)
    return value


def _decimal(value: object, kind: object) -> Decimal:
    text = _text(value, kind)
    if not _DECIMAL.match(text):
        msg = f"Expected a plain decimal, found {text[:40]!r}."
        raise InvalidData(msg)
    return Decimal(text)


def _moment(value: object, kind: object) -> datetime:
    moment = datetime.fromisoformat(_text(value, kind))
    if moment.tzinfo is None:
        msg = f"Expected a moment with its offset, found {value!r}."
        raise InvalidData(msg)
    return moment.astimezone(UTC)


def _told_decimal(value: Decimal) -> str:
    text = format(value, "f")
    if not _DECIMAL.match(text):
        msg = f"{value} is no amount that can be kept."
        raise InvalidData(msg)
    return text


def _told_moment(value: datetime) -> str:
    if value.tzinfo is None:
        msg = f"Give a moment with its offset, not {value.isoformat()}."
        raise InvalidData(msg)
    return value.isoformat()


def _day(value: object, kind: object) -> date:
    return date.fromisoformat(_text(value, kind))


def _whole(value: object, _type: object) -> int:
    if type(value) is not int:
        msg = f"Expected a whole number, found {type(value).__name__}."
        raise InvalidData(msg)
    return value


def _truth(value: object, _type: object) -> bool:
    if type(value) is not bool:
        msg = f"Expected true or false, found {type(value).__name__}."
        raise InvalidData(msg)
    return value


def _converter() -> Converter:
    converter = Converter(detailed_validation=False, forbid_extra_keys=False)
    converter.register_unstructure_hook(Decimal, _told_decimal)
    converter.register_unstructure_hook(datetime, _told_moment)
    converter.register_unstructure_hook(date, lambda value: value.isoformat())
    converter.register_unstructure_hook(MappingProxyType, dict)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook(datetime, _moment)
    converter.register_structure_hook(date, _day)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(int, _whole)
    converter.register_structure_hook(bool, _truth)
    converter.register_structure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, Enum),
        lambda value, kind: kind(value),
    )
    return converter


_CONVERTER = _converter()


def dump(value: object) -> dict[str, Any]:
    """
    Return an attrs instance as plain data: texts, whole numbers, lists and dicts.

    Raises:
        InvalidData: It holds what could not be loaded again: a moment without offset, a NaN.
    """
    plain: dict[str, Any] = _CONVERTER.unstructure(value)
    return plain


def load(data: Mapping[str, Any], kind: type[T]) -> T:
    """
    Return the value that the plain data describes.

    Raises:
        InvalidData: It describes none.
    """
    try:
        return _CONVERTER.structure(data, kind)
    except InvalidData:
        raise
    except Exception as error:
        msg = f"This is no {kind.__name__}: {error}"
        raise InvalidData(msg) from error


def encode(plain: Mapping[str, Any]) -> bytes:
    """Return plain data as JSON bytes, keys in order."""
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode(
        "utf-8", "surrogatepass"
    )


def pack(value: object) -> bytes:
    """Return an attrs instance as JSON bytes; equal values differ only in zeros after the point."""
    return encode(dump(value))


def parse(data: bytes, kind: type[object]) -> dict[str, Any]:
    """
    Return the plain data of JSON bytes that should describe such a value.

    Raises:
        InvalidData: They are no JSON object.
    """
    try:
        plain = json.loads(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        msg = f"This is no {kind.__name__}: {error}"
        raise InvalidData(msg) from error
    if not isinstance(plain, dict):
        msg = f"This is no {kind.__name__}: it is no JSON object."
        raise InvalidData(msg)
    return plain


def unpack(data: bytes, kind: type[T]) -> T:
    """
    Return the value that the JSON bytes describe.

    Raises:
        InvalidData: They describe none.
    """
    return load(parse(data, kind), kind)

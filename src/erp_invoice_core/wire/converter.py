"""The converter between stored plain data and the values of the queue."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn

from ..documents import ExportDocument, ExportLine
from ..verdict import Denial
from .json_encode import encode_fields, encode_json
from .scalars import InvalidData, format_decimal, format_moment, is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


T = TypeVar("T")


def _read_text(value: object, _type: object) -> str:
    if type(value) is not str:
        msg = f"Expected text, found {type(value).__name__}."
        raise InvalidData(msg)
    return value


def _read_decimal(value: object, kind: object) -> Decimal:
    text = _read_text(value, kind)
    if not is_plain(text):
        msg = f"Expected a plain decimal, found {text[:40]!r}."
        raise InvalidData(msg)
    return Decimal(text)


def _read_moment(value: object, kind: object) -> datetime:
    moment = datetime.fromisoformat(_read_text(value, kind))
    if moment.tzinfo is None:
        msg = f"Expected a time with its offset, found {value!r}."
        raise InvalidData(msg)
    return moment.astimezone(UTC)


def _read_day(value: object, kind: object) -> date:
    return date.fromisoformat(_read_text(value, kind))


def _read_int(value: object, _type: object) -> int:
    if type(value) is not int:
        msg = f"Expected a whole number, found {type(value).__name__}."
        raise InvalidData(msg)
    return value


def _read_bool(value: object, _type: object) -> bool:
    if type(value) is not bool:
        msg = f"Expected true or false, found {type(value).__name__}."
        raise InvalidData(msg)
    return value


def _build_denial_reader(kind: type[Denial], converter: Converter) -> Callable[[Any, Any], Denial]:
    structured = make_dict_structure_fn(kind, converter)
    return lambda value, _: structured(convert_denial(value), kind)


def _build_stored_reader(
    kind: type[ExportDocument | ExportLine],
) -> Callable[[Mapping[str, Any], object], object]:
    """
    Return a reader of stored values that skips the checks of the constructor.

    A later version may check more, and values that an earlier version stored must stay readable.
    """

    def read(data: Mapping[str, Any], _type: object) -> object:
        value = object.__new__(kind)
        for field in attrs.fields(attrs.resolve_types(kind)):
            if field.name in data:
                part = _CONVERTER.structure(data[field.name], field.type)
            elif field.default is attrs.NOTHING:
                msg = f"It has no {field.name}."
                raise InvalidData(msg)
            else:
                part = field.default
            object.__setattr__(value, field.name, part)
        return value

    return read


def _build_converter() -> Converter:
    converter = Converter(detailed_validation=False, forbid_extra_keys=False)
    converter.register_unstructure_hook(Decimal, format_decimal)
    converter.register_unstructure_hook(datetime, format_moment)
    converter.register_unstructure_hook(date, lambda value: value.isoformat())
    converter.register_unstructure_hook(MappingProxyType, dict)
    converter.register_structure_hook(Decimal, _read_decimal)
    converter.register_structure_hook(datetime, _read_moment)
    converter.register_structure_hook(date, _read_day)
    converter.register_structure_hook(str, _read_text)
    converter.register_structure_hook(int, _read_int)
    converter.register_structure_hook(bool, _read_bool)
    converter.register_structure_hook_factory(lambda kind: kind is Denial, _build_denial_reader)
    for kind in (ExportDocument, ExportLine):
        converter.register_structure_hook(kind, _build_stored_reader(kind))
    converter.register_structure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, Enum),
        lambda value, kind: kind(value),
    )
    return converter


_CONVERTER = _build_converter()


def _collect_types(kind: Any, found: dict[Any, None]) -> dict[Any, None]:  # noqa: ANN401 - a type of any form
    """Return the type, and all types of which its values are composed."""
    if kind not in found and kind not in {Ellipsis, type(None)}:
        found[kind] = None
        parts = get_args(kind)
        if attrs.has(kind):
            parts = tuple(field.type for field in attrs.fields(attrs.resolve_types(kind)))
        for part in parts:
            _collect_types(part, found)
    return found


def prepare(*kinds: type[object]) -> None:
    """Build the readers of these types now, which the first reading would build otherwise."""
    types: dict[Any, None] = {}
    for kind in kinds:
        _collect_types(kind, types)
    for _ in range(
        2
    ):  # building the reader of a mapping clears the readers built before, so build them twice
        for kind in types:
            _CONVERTER.get_structure_hook(kind)


def dump(value: object) -> dict[str, Any]:
    """
    Return an attrs instance as plain data: texts, whole numbers, lists and dicts.

    Raises:
        InvalidData: It has a value that could not be loaded again: a time without offset, a NaN.
    """
    plain: dict[str, Any] = _CONVERTER.unstructure(value)
    return plain


def load(data: Mapping[str, Any], kind: type[T]) -> T:
    """
    Return the instance that the plain data describes.

    Raises:
        InvalidData: The data does not describe an instance of the type.
    """
    try:
        return _CONVERTER.structure(data, kind)
    except InvalidData:
        raise
    except Exception as error:
        msg = f"This is not a {kind.__name__}: {error}"
        raise InvalidData(msg) from error


def pack(value: object, instead: Mapping[str, object] | None = None) -> bytes:
    """
    Return an attrs instance as JSON bytes; trailing zeros of decimals are kept.

    Args:
        value: The instance.
        instead: Values of fields that replace its own, or are added.

    Raises:
        InvalidData: It has a value that could not be loaded again: a time without offset, a NaN.
    """
    text = encode_fields(value, instead) if instead else encode_json(value)
    return text.encode("utf-8", "surrogatepass")


def parse(data: bytes, kind: type[object]) -> dict[str, Any]:
    """
    Return the plain data of JSON bytes, which must be an object.

    Raises:
        InvalidData: The bytes are not a JSON object.
    """
    try:
        plain = json.loads(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        msg = f"This is not a {kind.__name__}: {error}"
        raise InvalidData(msg) from error
    if not isinstance(plain, dict):
        msg = f"This is not a {kind.__name__}: it is not a JSON object."
        raise InvalidData(msg)
    return plain


def unpack(data: bytes, kind: type[T]) -> T:
    """
    Return the instance that the JSON bytes describe.

    Raises:
        InvalidData: The bytes do not describe an instance of the type.
    """
    return load(parse(data, kind), kind)


#: The code of a remedy that version 0.1 stored as a sentence and a role.
_SENTENCE = "stored.sentence"


def _convert_remedy(former: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": _SENTENCE,
        "action": None,
        "fact": None,
        "who": former.get("who"),
        "message": former.get("do"),
        "facts": {},
    }


def convert_denial(stored: Any) -> Any:  # noqa: ANN401 - any JSON value; the reader checks it
    """
    Return a stored denial in the current shape; one in that shape is returned unchanged.

    Version 0.1 stored remedies as one list of ``{do, who}``. Those of a permission were all needed,
    those of other denials were alternatives. The sentences are not changed.
    """
    remedies = stored.get("remedies") if isinstance(stored, dict) else None
    if not isinstance(remedies, list) or not all(isinstance(row, dict) for row in remedies):
        return stored
    if not remedies:
        return stored
    rows = list(map(_convert_remedy, remedies))
    needed_together = str(stored.get("code")).startswith("permission.")
    return {**stored, "remedies": [rows] if needed_together else [[row] for row in rows]}

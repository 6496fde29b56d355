"""
The converter between stored plain data and the values of the queue.

Stores keep entries, events and documents as JSON. Values that an earlier version stored must stay
readable.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import MappingProxyType, NoneType
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar, get_args

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn

from ..canonical import (
    InvalidData,
    encode_json,
    find_default,
    format_decimal,
    format_moment,
    is_plain,
)
from ..documents import ExportDocument, ExportLine, find_fast_json
from ..values import begin, finish
from ..verdict import Denial

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


T = TypeVar("T")


def _read_text(value: object, _type: object) -> str:
    if type(value) is not str:
        msg = f"Expected text, found {type(value).__name__}."
        raise InvalidData(msg)
    return value


def _read_decimal(value: object, kind: object) -> Decimal:
    if type(value) is str and is_plain(value):
        return Decimal(value)
    msg = f"Expected a plain decimal, found {_read_text(value, kind)[:40]!r}."
    raise InvalidData(msg)


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


_Part: TypeAlias = "Callable[[Any, Any], object]"
_TEXTS = (str, str | None)


def _read_optional(read: _Part) -> _Part:
    return lambda value, kind: None if value is None else read(value, kind)


def _find_part_reader(kind: Any) -> tuple[_Part, Any]:  # noqa: ANN401 - a type of any form
    """
    Return the reader of values of a type, and the type that the reader is called with.

    Of an optional type this is the type without ``None``.
    """
    parts = [part for part in get_args(kind) if part is not NoneType]
    if len(parts) == 1 and NoneType in get_args(kind):
        return _read_optional(_CONVERTER.get_structure_hook(parts[0])), parts[0]
    return _CONVERTER.get_structure_hook(kind), kind


@cache
def find_reader(kind: Any) -> Callable[[object], Any]:  # noqa: ANN401 - a type of any form
    """
    Return the reader of plain values of a type.

    For a wrong value the reader raises an exception of any class, which the caller must convert to
    ``InvalidData``, as :func:`load` does.
    """
    read, part = _find_part_reader(kind)
    return lambda value: read(value, part)


def find_plain_type(kind: Any) -> type | None:  # noqa: ANN401 - a type of any form
    """Return the type of the JSON values that are values of the given type, too, if it has one."""
    for plain in (str, bool, int):
        if kind in {plain, plain | None}:
            return plain
    return None


def _compile_stored_reader(kind: type[ExportDocument | ExportLine]) -> _Part:
    """
    Return a reader of stored values that skips the checks of the constructor.

    A later version may check more, and values that an earlier version stored must stay readable. A
    document has a thousand fields, so that the reader is compiled, as attrs compiles a constructor
    (line 2a of the benchmarks). For each field it gets a line such as
    ``part = get("uom", default_12); draft.uom = part if part is default_12 or type(part) is str
    else read_12(part, kind_12)``.
    """
    names: dict[str, Any] = {"begin": begin, "finish": finish, "kind": kind, "refuse": _refuse_gap}
    lines = ["def read(data, _type):", "draft, get = begin(kind), data.get"]
    for place, field in enumerate(attrs.fields(attrs.resolve_types(kind))):
        read, default = f"read_{place}(part, kind_{place})", f"default_{place}"
        names[f"read_{place}"], names[f"kind_{place}"] = _find_part_reader(field.type)
        names[default] = find_default(field)
        is_done = f"part is {default} or type(part) is str"  # most fields are texts
        if field.type not in _TEXTS:
            is_done = f"part is {default}"
        lines.append(f"part = get({field.name!r}, {default})")
        if names[default] is attrs.NOTHING:
            lines.append(f"if part is {default}: refuse({field.name!r})")
        lines.append(f"draft.{field.name} = part if {is_done} else {read}")
    exec("\n ".join([*lines, "return finish(kind, draft)"]), names)  # noqa: S102 - nothing but the names of the fields
    compiled: _Part = names["read"]
    return compiled


def _refuse_gap(name: str) -> NoReturn:
    msg = f"It has no {name}."
    raise InvalidData(msg)


def _build_word_reader(kind: type[Enum], _converter: Converter) -> Callable[[Any, Any], Enum]:
    words = {word.value: word for word in kind}
    return lambda value, _: words.get(value) or kind(value)


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
    # A factory, as the reader of a document needs those of its parts.
    converter.register_structure_hook_factory(
        lambda kind: kind in {ExportDocument, ExportLine}, _compile_stored_reader
    )
    converter.register_structure_hook_factory(
        lambda kind: isinstance(kind, type) and issubclass(kind, Enum), _build_word_reader
    )
    return converter


_CONVERTER = _build_converter()


def list_types(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a type of any form
    """Return the type, and all types of which its values are composed."""
    found: dict[Any, None] = {}
    waiting = [kind]
    while waiting:
        each = waiting.pop()
        if each in found or each in {Ellipsis, type(None)}:
            continue
        found[each] = None
        waiting += get_args(each)
        if attrs.has(each):
            waiting += [field.type for field in attrs.fields(attrs.resolve_types(each))]
    return tuple(found)


def prepare(*kinds: type[object]) -> None:
    """Build the readers of these types now, which the first reading would build otherwise."""
    types = dict.fromkeys(part for kind in kinds for part in list_types(kind))
    # Building the reader of a mapping clears the readers built before, so build them twice.
    for _ in range(2):
        for kind in types:
            _CONVERTER.get_structure_hook(kind)


def dump(value: object) -> dict[str, Any]:
    """
    Return an attrs instance as plain data: texts, whole numbers, lists and dicts.

    Raises:
        InvalidData: The instance has a value that could not be loaded again: a time without offset,
            a NaN.
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


def pack(value: object) -> bytes:
    """
    Return an attrs instance as JSON bytes; trailing zeros of decimals are kept.

    Raises:
        InvalidData: The instance has a value that could not be loaded again: a time without offset,
            a NaN.
    """
    return encode_json(value).encode("utf-8", "surrogatepass")


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


def remove_lines(data: bytes) -> bytes | None:
    """
    Return the JSON of a stored document, its list of lines emptied; ``None`` if it has no list.

    Nothing is parsed, so that the cost does not depend on the number of lines. The list is found by
    its text: only one field has the name ``lines``, the field after it is ``number``, and a quote
    within a text is escaped in JSON.
    """
    begin, end = data.find(_LINES), data.rfind(_AFTER_LINES)
    return None if begin < 0 or end < begin else data[: begin + len(_LINES)] + data[end:]


def unpack_document(data: bytes) -> ExportDocument:
    """
    Return the document that the JSON bytes describe.

    Raises:
        InvalidData: The bytes do not describe a document.
    """
    fast = find_fast_json()
    document = fast.decode(data) if fast else None
    if document is not None:
        return document
    plain = parse(data, ExportDocument)
    _share_codes(plain.get("lines"))
    return load(plain, ExportDocument)


def _share_codes(lines: object) -> None:
    """Let equal codes of a document's lines be one text each, as most lines repeat them."""
    share = dict[str, str]().setdefault
    for line in lines if isinstance(lines, list) else ():
        for name in _CODES if isinstance(line, dict) else ():
            if type(code := line.get(name)) is str:
                line[name] = share(code, code)


#: The code of a remedy that version 0.1 stored as a sentence and a role.
_SENTENCE = "stored.sentence"
#: The codes of a line that most lines of a document repeat (line 2d of the benchmarks).
_CODES = ("uom", "cost_type_origin_id", "tax_code")
_LINES = b'"lines":['
_AFTER_LINES = b'],"number":'


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
    Return a stored denial in the current form; one in that form is returned unchanged.

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

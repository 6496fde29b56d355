"""The values that hooks take and return, with the fields of each."""

from __future__ import annotations

import ast
import inspect
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import adapters

from .markdown import code, prose, table, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["PARTS", "list_values"]

#: The values in the order of a reader: the declaration, the request, the answers.
_NAMES = (
    "Declaration",
    "StepTerms",
    "FieldRule",
    "Rounding",
    "ExportField",
    "Setting",
    "ExportRequest",
    "ExportDocument",
    "ExportLine",
    "Attachment",
    "RequestAttachment",
    "Step",
    "Key",
    "Verdict",
    "Denial",
    "Remedy",
    "Notice",
    "Done",
    "Refused",
    "Deferred",
    "Unknown",
    "Receipt",
    "Found",
    "Absent",
    "Several",
    "CannotTell",
    "Gone",
    "Contents",
    "ContentsLine",
    "ContentsTax",
    "ContentsAttachment",
    "ErpPayment",
    "AccountingPeriod",
)
_SECTION = re.compile(r"^Attributes:\n(?P<body>(?:    .*\n?|\n)*)", re.MULTILINE)
_ATTRIBUTE = re.compile(r"^    (?P<name>\w+): (?P<text>.*(?:\n {8}.*)*)", re.MULTILINE)


def list_values() -> Iterator[type]:
    """Yield the classes of the values, in the order of the page."""
    for name in _NAMES:
        yield getattr(adapters, name)


def _read_meanings(value: type) -> dict[str, str]:
    """Return the meaning of each field by its name, from the docstring of the class."""
    section = _SECTION.search(inspect.getdoc(value) or "")
    found = _ATTRIBUTE.finditer(section["body"]) if section else ()
    return {each["name"]: prose(" ".join(each["text"].split())) for each in found}


def _read_types(value: type) -> dict[str, str]:
    """Return the annotation of each field by its name, also of inherited ones."""
    found: dict[str, str] = {}
    for kind in reversed(value.__mro__):
        texts = inspect.get_annotations(kind).items()
        found |= {name: str(text).replace("_Day", "date") for name, text in texts}
    return found


def _format_default(field: attrs.Attribute[object]) -> str:
    """Return the default of a field; a field without one is required."""
    default = field.default
    if default is attrs.NOTHING:
        return "required"
    if isinstance(default, timedelta):
        return f"{default.total_seconds():g} seconds"
    if isinstance(default, frozenset) and default:
        return words(sorted(map(str, default)))
    is_empty = default in ((), "", frozenset()) or isinstance(default, attrs.Factory)  # type: ignore[arg-type]  # typed as a function
    return "empty" if is_empty else code(str(default))


def _list_computed(value: type) -> Iterator[str]:
    """Yield a line about each public property and method of a class, from its source."""
    (node,) = ast.parse(inspect.getsource(value)).body
    assert isinstance(node, ast.ClassDef)
    for part in node.body:
        if not isinstance(part, ast.FunctionDef) or part.name.startswith("_"):
            continue
        marks = {ast.unparse(mark).rpartition(".")[2] for mark in part.decorator_list}
        if marks - {"property", "cached_property"}:
            continue
        given = ", ".join(
            f"{each.arg}: {ast.unparse(each.annotation or each)}" for each in part.args.args[1:]
        )
        called = part.name if marks else f"{part.name}({given})"
        sentence = prose(" ".join((ast.get_docstring(part) or "").partition("\n\n")[0].split()))
        assert part.returns is not None, called
        yield f"* {code(f'{called}: {ast.unparse(part.returns)}')}: {sentence}"


def _value(value: type) -> str:
    meanings, types = _read_meanings(value), _read_types(value)
    fields = [field for field in attrs.fields(value) if not field.name.startswith("_")]
    text = inspect.getdoc(value) or ""
    shown = text.partition("\n\n")[0] if meanings else text.partition("\n\nRaises:")[0]
    rows: list[tuple[str, ...]] = [
        (code(field.name), code(types[field.name]), _format_default(field)) for field in fields
    ]
    heads = ["Field", "Type", "Default"]
    if meanings:
        heads.append("Meaning")
        rows = [
            (*row, meanings.get(field.name, "")) for row, field in zip(rows, fields, strict=True)
        ]
    parts = [f"## {value.__name__}", prose(shown), table(heads, rows).rstrip()]
    if computed := list(_list_computed(value)):
        parts.append("\n".join(computed))
    return "\n\n".join(parts) + "\n"


def _values() -> str:
    return "\n".join(map(_value, list_values()))


PARTS: Mapping[str, Callable[[], str]] = {"values": _values}

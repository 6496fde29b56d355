"""The closed words, each with its sentence."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from erp_invoice_core.declaration.fidelity import LINE_FIELDS, UNITS, list_compared_fields

from .markdown import code, prose, table
from .source import PACKAGE, members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import Enum

__all__ = ["PARTS"]


def _words(module: str) -> str:
    path = PACKAGE / f"{module.replace('.', '/')}.py"
    home = import_module(f"erp_invoice_core.{module}")
    parts = []
    for name, sentences in members(path).items():
        if not any(sentences.values()):
            continue
        kind: type[Enum] = getattr(home, name)
        summary = (kind.__doc__ or "").strip().splitlines()[0]
        rows = [
            (code(each), code(str(kind[each].value)), text)
            for each, text in sentences.items()
            if text
        ]
        heads = ("In Python", "In data", "Meaning")
        parts.append(f"### `{name}`\n\n{prose(summary)}\n\n{table(heads, rows)}")
    return "\n".join(parts)


_COLUMNS = ("Field", "Compared as", "In `Contents`")


def _fields() -> str:
    """Return the fields whose fidelity can be declared."""
    shown = {field.name: field.contents for field in list_compared_fields()}
    shown |= {name: f"lines.{field.contents}" for name, field in LINE_FIELDS.items()}
    units = sorted(UNITS.items(), key=lambda row: row[0] not in shown)
    rows = [
        (code(name), unit.value, code(shown[name]) if name in shown else "") for name, unit in units
    ]
    return table(_COLUMNS, rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "fidelity-fields": _fields,
    "words": lambda: _words("vocabulary"),
    "sources": lambda: _words("verdict"),
    "answered-words": lambda: _words("exchange"),
    "declared-words": lambda: _words("declaration.vocabulary"),
}

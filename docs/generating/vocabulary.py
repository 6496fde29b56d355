"""The closed words, each with its sentence."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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


PARTS: Mapping[str, Callable[[], str]] = {
    "words": lambda: _words("vocabulary"),
    "sources": lambda: _words("verdict"),
    "declared-words": lambda: _words("declaration.vocabulary"),
}

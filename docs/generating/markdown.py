"""Markdown out of values: tables, cells, words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from erp_invoice_core.verdict import Remedy

__all__ = ["code", "format_remedies", "prose", "table", "words"]

_ROLE = re.compile(r":[a-z]+:`~?\.?([^`]+)`")


def code(text: str) -> str:
    """Return the text as code."""
    return f"`{text}`" if text else ""


def words(texts: Iterable[str]) -> str:
    """Return the texts as code, separated by commas, in their order."""
    return ", ".join(map(code, texts))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar in a cell is escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def format_remedies(remedies: Iterable[Iterable[Remedy]]) -> str:
    """Return the remedies of a denial, and who can use them."""
    return " Or: ".join(
        " Then: ".join(f"{each.message} ({each.who})" for each in together) for together in remedies
    )


def prose(text: str) -> str:
    """Return a docstring's text in Markdown: roles and double backticks become code."""
    named = _ROLE.sub(lambda role: f"`{role[1].rpartition('.')[2]}`", text)
    return named.replace("``", "`")

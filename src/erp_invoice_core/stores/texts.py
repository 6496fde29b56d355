"""Texts as database columns take them: any text goes in and comes out as it was."""

from __future__ import annotations

import re

__all__ = ["as_column", "from_column"]

# No database takes a lone surrogate, and not every one a NUL. What is escaped has a backslash and
# nothing else has, so that two texts never share a column.
_UNSAFE = re.compile("[\\\\\x00\ud800-\udfff]")


def as_column(text: str) -> str:
    """Return the text as it is kept in a column: itself, nearly always."""
    return text.encode("unicode_escape").decode() if _UNSAFE.search(text) else text


def from_column(text: str) -> str:
    """Return the text that is kept so."""
    return text.encode().decode("unicode_escape") if "\\" in text else text

"""
A table as CSV for a spreadsheet.

A spreadsheet runs a cell that begins with a sign such as ``=`` as a formula, even if it is a
vendor's name. Therefore such a text gets an apostrophe before it, by which spreadsheets treat it as
text. Amounts keep their sign. Control characters are escaped as on the screen.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from .escape import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def write_csv(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV by RFC 4180, the headings first; ``None`` is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_write_cell(cell) for cell in row])
    return text.getvalue()


def _write_cell(cell: object) -> str:
    text = "" if cell is None else str(cell)
    if _NUMBER.fullmatch(text):
        return text
    return escape(f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text)

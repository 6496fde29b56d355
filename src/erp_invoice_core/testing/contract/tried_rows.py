"""Tried rows: the rows of a declaration that a check tried, and why it left others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .words import Word


@attrs.define
class TriedRows:
    """
    The rows of a declaration that one check tried.

    A row is the beginning of the path of its words: ``terms.bill``, ``fidelity.due``, ``zero``. A
    check that names no row is about every word that it proves. One that names a row of a part of
    the declaration, as ``terms``, proves no word of the other rows of that part.

    Attributes:
        tried: The rows that were tried.
        left: The rows that were left, each with the reason.
    """

    tried: set[str] = attrs.Factory(set)
    left: dict[str, str] = attrs.Factory(dict)

    def note(self, row: str) -> None:
        """Note that a row was tried."""
        self.tried.add(row)

    def leave(self, row: str, why: str) -> None:
        """Note why a row proves nothing here, whatever else was tried of it."""
        self.left.setdefault(row, why)

    def list_left(self, words: Iterable[Word]) -> dict[Word, str]:
        """Return those of the words that were not tried, each with the reason."""
        parts = {row.split(".")[0] for row in self.tried if "." in row}
        found = {}
        for word in words:
            part, *rest = word.path.split(".")
            row = f"{part}.{rest[0]}" if rest else part
            why = self.left.get(word.path) or self.left.get(row)
            if why is None and part in parts and row not in self.tried:
                why = f"Tried with {', '.join(sorted(self.tried))} only."
            if why is not None:
                found[word] = why
        return found

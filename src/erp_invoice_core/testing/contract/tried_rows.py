"""
The record of the rows of a declaration that a check tried.

A check that could not try a row, or that saw the ERP do better than declared, records why the row
is not proved.
"""

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

    A row is the beginning of the path of some words: ``terms.bill``, ``fidelity.due``, ``zero``. A
    check that notes no row proves every word that it is about. A check that notes a row such as
    ``terms.bill`` proves no word of the other rows that begin with ``terms``.

    Attributes:
        tried: The rows that were tried.
        left: The rows that the check does not prove, each with the reason.
    """

    tried: set[str] = attrs.Factory(set)
    left: dict[str, str] = attrs.Factory(dict)

    def note(self, row: str) -> None:
        """Record that a row was tried."""
        self.tried.add(row)

    def leave(self, row: str, why: str) -> None:
        """Record why the check does not prove a row, even if the row was tried."""
        self.left.setdefault(row, why)

    def list_left(self, words: Iterable[Word]) -> dict[Word, str]:
        """Return those of the words that the check does not prove, each with the reason."""
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

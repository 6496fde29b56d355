"""The table of mutants that behave like the code, and may therefore survive."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import attrs

from .runs import Place, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@attrs.frozen(kw_only=True)
class Equivalent:
    """
    A mutant that behaves as the code does, and the reason in one sentence.

    The text of the line identifies it, before (``line``) and after (``mutant``) the change, because
    the number of a line changes with every edit above it.
    """

    path: str
    line: str
    mutant: str
    reason: str

    def is_at(self, place: Place) -> bool:
        """Return whether that mutant is this one, apart from the spaces of a line."""
        change = (_normalize_spaces(self.line), _normalize_spaces(self.mutant))
        return self.path == place.path and change == _read_change(place)

    def __str__(self) -> str:
        """Show the mutant as a survivor is shown, without the number of its line."""
        return f"{self.path}\n-{self.line}\n+{self.mutant}"


def _normalize_spaces(text: str) -> str:
    return " ".join(text.split())


def _select_signed(diff: str, sign: str) -> str:
    """Return the lines of a diff that have that sign, as one line."""
    return _normalize_spaces(
        " ".join(line[1:] for line in diff.splitlines() if line.startswith(sign))
    )


def _read_change(place: Place) -> tuple[str, str]:
    """Return the line that a mutant changes, and the line that it has instead."""
    return _select_signed(place.mutant.diff, "-"), _select_signed(place.mutant.diff, "+")


def read_equivalents(table: Path) -> list[Equivalent]:
    """Return the rows of the table; one with a key that is missing or unknown is an error."""
    rows = tomllib.loads(table.read_text("utf-8")).get("equivalent", [])
    return [Equivalent(**row) for row in rows]


def find_equivalent(equivalents: Iterable[Equivalent], place: Place) -> Equivalent | None:
    """Return the row of a mutant, if it has one."""
    return next((each for each in equivalents if each.is_at(place)), None)


def find_gone(equivalents: Iterable[Equivalent], package: Path) -> Iterator[Equivalent]:
    """Yield the rows whose mutant the code does not have any more."""
    there: dict[str, set[tuple[str, str]]] = {}
    for each in equivalents:
        if each.path not in there:
            is_file = (package / each.path).is_file()
            known = places(package, [each.path]) if is_file else ()
            there[each.path] = {_read_change(place) for place in known}
        if (_normalize_spaces(each.line), _normalize_spaces(each.mutant)) not in there[each.path]:
            yield each

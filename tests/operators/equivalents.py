"""The table of mutants that behave like the code, and may therefore survive."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import attrs

from .mutants import mutants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .mutants import Mutant
    from .runs import Place


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
        return self.path == place.path and change == _read_change(place.mutant)

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


def _read_change(mutant: Mutant) -> tuple[str, str]:
    """Return the line that a mutant changes, and the line that it has instead."""
    return _select_signed(mutant.diff, "-"), _select_signed(mutant.diff, "+")


def read_equivalents(table: Path) -> list[Equivalent]:
    """Return the rows of the table; one with a key that is missing or unknown is an error."""
    rows = tomllib.loads(table.read_text("utf-8")).get("equivalent", [])
    return [Equivalent(**row) for row in rows]


def find_equivalent(equivalents: Iterable[Equivalent], place: Place) -> Equivalent | None:
    """Return the row of a mutant, if it has one."""
    return next((each for each in equivalents if each.is_at(place)), None)


def find_gone(equivalents: Iterable[Equivalent], package: Path) -> Iterator[Equivalent]:
    """Yield the rows whose mutant the code does not have any more."""
    rows: dict[str, list[Equivalent]] = {}
    for each in equivalents:
        rows.setdefault(each.path, []).append(each)
    for path, listed in rows.items():
        there = _list_changes(package / path, listed)
        for each in listed:
            if (_normalize_spaces(each.line), _normalize_spaces(each.mutant)) not in there:
                yield each


def _list_changes(module: Path, listed: Iterable[Equivalent]) -> set[tuple[str, str]]:
    """Return the changes of the mutants of a module in the lines that rows have."""
    if not module.is_file():
        return set()
    source, wanted = module.read_text("utf-8"), [_normalize_spaces(each.line) for each in listed]
    texts = enumerate(map(_normalize_spaces, source.splitlines()), start=1)
    lines = {number for number, text in texts if text and any(text in line for line in wanted)}
    return {_read_change(mutant) for mutant in mutants(source, lines)}

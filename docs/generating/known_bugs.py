"""The table of known bugs: the event elsewhere, and how soon the simulation finds it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.simulation.known_bugs import KNOWN_BUGS

from .markdown import table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.simulation.mutant import Mutant

__all__ = ["PARTS"]

#: ``make soak`` writes these figures into ``build/known_bugs.json``.
_FIGURES = Path(__file__).with_name("known_bugs.json")
_THREAD = re.compile(r"(?P<repository>[^#]+)#(?P<number>\d+)")
_FILE = re.compile(r"(?P<repository>[^,]+), (?P<path>.+)")


def _link(source: str) -> str:
    """Return a link to an issue, or to the repository of a file."""
    if thread := _THREAD.fullmatch(source):
        address = f"https://github.com/{thread['repository']}/issues/{thread['number']}"
        return f"[{source}]({address})"
    file = _FILE.fullmatch(source)
    assert file is not None
    return f"[{source}](https://github.com/{file['repository']})"


def _row(bug: Mutant, all_figures: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
    figures = all_figures[bug.name]
    spread = f"{figures['median']:.0f} ({figures['fewest']:.0f} to {figures['most']:.0f})"
    sources = ", ".join(map(_link, bug.sources))
    return f"`{bug.name}`", f"{bug.happened} {sources}", bug.rebuilt, spread


def _known_bugs() -> str:
    figures = json.loads(_FIGURES.read_text(encoding="utf-8"))
    heads = ("Bug", "Event elsewhere", "Mutant of this library", "Runs until found")
    return table(heads, (_row(bug, figures) for bug in KNOWN_BUGS.values()))


PARTS: Mapping[str, Callable[[], str]] = {"known-bugs": _known_bugs}

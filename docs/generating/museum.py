"""The museum: what went wrong elsewhere, rebuilt here, and how soon it is noticed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from erp_invoice_core.testing.simulation.museum import MUSEUM

from .markdown import table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from erp_invoice_core.testing.simulation import Mutant

__all__ = ["PARTS"]

#: What ``make soak`` wrote into ``build/museum.json``.
_NOTICED = Path(__file__).with_name("museum.json")
_THREAD = re.compile(r"(?P<repository>[^#]+)#(?P<number>\d+)")
_FILE = re.compile(r"(?P<repository>[^,]+), (?P<path>.+)")


def _linked(source: str) -> str:
    """Return a link to a thread; a file is named with its repository."""
    if thread := _THREAD.fullmatch(source):
        address = f"https://github.com/{thread['repository']}/issues/{thread['number']}"
        return f"[{source}]({address})"
    file = _FILE.fullmatch(source)
    assert file is not None
    return f"[{source}](https://github.com/{file['repository']})"


def _row(piece: Mutant, noticed: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
    figures = noticed[piece.name]
    spread = f"{figures['median']:.0f} ({figures['fewest']:.0f} to {figures['most']:.0f})"
    sources = ", ".join(map(_linked, piece.sources))
    return f"`{piece.name}`", f"{piece.happened} {sources}", piece.rebuilt, spread


def _museum() -> str:
    noticed = json.loads(_NOTICED.read_text(encoding="utf-8"))
    heads = ("Piece", "What happened elsewhere", "Rebuilt here", "Noticed after histories")
    return table(heads, (_row(piece, noticed) for piece in MUSEUM.values()))


PARTS: Mapping[str, Callable[[], str]] = {"museum": _museum}

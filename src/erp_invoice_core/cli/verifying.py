"""The verb ``verify``: whether the stored history is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .answer import DONE, REFUSED, Answer
from .options import Options
from .site import opened

if TYPE_CHECKING:
    from .text import Screen

__all__ = ["verify"]


def verify(
    options: Options,
    *,
    seal: Annotated[
        bool, typer.Option("--seal", help="Print one digest over everything, to keep elsewhere.")
    ] = False,
) -> Answer:
    """Check that no event was edited, removed, added or swapped."""
    with opened(options, read_only=True) as site:
        found = site.queue.verify()
    document: dict[str, Any] = {
        "ok": found.ok,
        "entries": found.entries,
        "events": found.events,
        "problems": [
            {"path": each.entry_id, "code": each.code, "message": each.message}
            for each in found.problems
        ],
    }
    if seal:
        document["seal"] = found.seal

    def tell(screen: Screen) -> None:
        for each in found.problems:
            screen.line(f"{each.code}: {each.message}", style="red")
        verdict = "whole" if found.ok else "not whole"
        screen.line(f"{found.entries} entries, {found.events} events: {verdict}.")
        if seal:
            screen.line(f"Seal: {found.seal}")

    return Answer(status=DONE if found.ok else REFUSED, document=document, tell=tell)

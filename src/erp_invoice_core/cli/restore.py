"""The verb ``restored``: a person says that the database was restored from a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from . import shapes
from .answer import DONE, Answer, bad
from .options import Options
from .site import opened

if TYPE_CHECKING:
    from ..documents import Restore
    from .text import Screen

__all__ = ["restored", "tell_restore"]

_LONGEST = 1_000


def tell_restore(screen: Screen, restore: Restore) -> None:
    """Write when the database was restored, and what follows from it."""
    moment = restore.at.strftime("%Y-%m-%d %H:%M:%S")
    screen.line(f"Restored {moment} UTC (restore {restore.number}): {restore.why}", style="yellow")
    screen.line(
        "Before an invoice is created the ERP is asked whether it has it; where it cannot be "
        "asked, a person is.",
        indent=4,
    )


def restored(
    options: Options,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Which backup, by whom.")
    ] = "Said with erp-invoice restored.",
) -> Answer:
    """Record that the database was restored: nothing is created before the ERP was asked."""
    if not reason.strip() or len(reason) > _LONGEST:
        sentence = f"Give a reason of 1 to {_LONGEST} characters."
        raise bad("--reason", "usage.invalid", sentence)
    with opened(options, any_ledger=True) as site:
        restore = site.store.record_restore(reason.strip())
    return Answer(
        status=DONE,
        document={"restored": shapes.restore(restore)},
        tell=lambda screen: tell_restore(screen, restore),
    )

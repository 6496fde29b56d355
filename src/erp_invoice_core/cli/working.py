"""The verb ``work``: a worker exports what was accepted, and looks up what is in doubt."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ..vocabulary import Action, ExportStatus
from ..worker import Worker
from .answer import DONE, REFUSED, Answer, bad
from .options import Options
from .shapes import result as shape
from .site import Site, opened
from .telling import tell_answer

if TYPE_CHECKING:
    from ..events import AuditEvent
    from ..queue import Result
    from .text import Screen

__all__ = ["work"]

_LEASE = 60.0
_DAY = 86400.0
_SETTLED = frozenset({Action.POST, Action.REFUSE, Action.LOSE, Action.DEFER})
_BAD_ENDS = frozenset({ExportStatus.FAILED, ExportStatus.UNKNOWN})


def lease_of(options: Options) -> timedelta:
    """
    Return the lease that was asked for.

    Raises:
        BadInput: It is not between a second and a day.
    """
    seconds = _LEASE if options.lease is None else options.lease
    if not 1 <= seconds <= _DAY:
        raise bad("--lease", "usage.invalid", "Say a lease from 1 to 86400 seconds.")
    return timedelta(seconds=seconds)


def work(
    options: Options,
    *,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Go on until nothing is leased and nothing is due.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", help="Entries at most.", min=1)
    ] = None,
) -> Answer:
    """Export what was accepted, and look up what is in doubt."""
    if until_idle and limit is not None:
        raise bad("--limit", "usage.invalid", "Say either --until-idle or --limit.")
    lease = lease_of(options)
    with _progress() as progress:
        task = progress.add_task("Exporting", total=None)

        def observe(event: AuditEvent) -> None:
            if event.action in _SETTLED:
                progress.advance(task)

        with opened(options, observe=observe) as site:
            if not progress.disable:
                progress.update(task, total=_waiting(site))
            worker = Worker(site.queue, lease=lease)
            results = worker.run_until_idle() if until_idle else worker.run_once(limit)
    return _answer(results)


def _waiting(site: Site) -> int | None:
    count = sum(1 for entry in site.store.entries() if entry.due_at is not None)
    return count or None


def _progress() -> Progress:
    """Return a bar on standard error, shown on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True, force_terminal=sys.stderr.isatty())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _answer(results: list[Result]) -> Answer:
    """Return an item per entry touched, as it stands at the end."""
    touched = list({each.id: each for each in results}.values())
    ended_badly = any(each.entry.status in _BAD_ENDS for each in touched)

    def tell(screen: Screen) -> None:
        for each in touched:
            status, version = each.entry.status.value, each.entry.version
            tell_answer(screen, f"{each.id}: {status} (version {version})", each.verdict)
        if not touched:
            screen.line("Nothing is due.")

    return Answer(
        status=REFUSED if ended_badly else DONE,
        document={"results": [shape(each.id, each.verdict, each.entry) for each in touched]},
        tell=tell,
    )

"""The verb ``work``: runs a worker."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ...documents import Restore
from ...flow import Wait, WaitFor
from ...queue import Result
from ...stores.rows import from_column
from ...values import Value
from ...vocabulary import Action, ExportStatus, InvoiceStatus
from ...worker import Worker
from ..context import CommandContext, open_context
from ..json_shapes import restore_to_json, result_to_json, wait_to_json
from ..ledgers import record_ledgers, require_ledgers
from ..options import Options, Verb
from ..output import DONE, REFUSED, Answer, build_bad_input
from ..shutdown import handle_signals
from ..text import print_answer, print_restore, print_wait
from ..waits import find_invoice_wait

if TYPE_CHECKING:
    from ...events import AuditEvent
    from ..text import Screen


_LEASE = 60.0
_DAY = 86400.0
_SETTLED = frozenset({Action.POST, Action.REFUSE, Action.LOSE, Action.DEFER})
_SILENT = "{name} does not answer. Its entries stay due; run work again once it answers."
_BAD_ENDS = frozenset({ExportStatus.FAILED, ExportStatus.UNKNOWN})


def read_lease(options: Options) -> timedelta:
    """
    Return the lease of the option ``--lease``.

    Raises:
        BadInput: The lease is not from a second to a day.
    """
    seconds = _LEASE if options.lease is None else options.lease
    if not 1 <= seconds <= _DAY:
        raise build_bad_input(
            "--lease",
            "usage.invalid",
            "The lease must be from 1 to 86400 seconds, and is {seconds:g}.",
            seconds=seconds,
        )
    return timedelta(seconds=seconds)


@click.command("work", cls=Verb)
@click.option(
    "--until-idle",
    is_flag=True,
    help="Continue until no entry is claimed by a worker and none is due.",
)
@click.option(
    "--concurrency",
    metavar="N",
    type=click.IntRange(1, 64),
    help="The number of entries of each connection that are exported at the same time.",
)
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="End after N entries.")
@click.pass_obj
def work(
    options: Options, *, until_idle: bool, concurrency: int | None, limit: int | None
) -> Answer:
    """Export accepted invoices, and look up calls in doubt."""
    if limit is not None and (until_idle or concurrency is not None):
        raise build_bad_input(
            "--limit",
            "usage.invalid",
            "--limit cannot be combined with --until-idle or --concurrency. Leave it out.",
        )
    lease = read_lease(options)
    with _build_progress() as progress:
        task = progress.add_task("Exporting", total=None)

        def observe(event: AuditEvent) -> None:
            if event.action in _SETTLED:
                progress.advance(task)

        with open_context(options, observe=observe) as context, handle_signals() as stop:
            require_ledgers(context.store, context.connections)
            record_ledgers(context.store, context.connections)
            if not progress.disable:
                progress.update(task, total=_count_waiting(context))
            worker = Worker(context.queue, lease=lease, concurrency=concurrency or 1)
            if limit is not None:
                results = worker.run_once(limit, stop=stop.event)
            else:
                results = worker.run_until_idle(stop.event, patient=until_idle)
            touched = {each.id: each for each in results}
            waits = _find_waits(context, touched)
            restore = context.store.restore()
    done = _Work(
        touched=list(touched.values()),
        waits=waits,
        unreachable=worker.unreachable,
        restore=restore,
    )
    return _answer(done, stop.status)


#: The entries that may be delayed: with a time at which they are due, or unknown.
_DELAYED = """
    SELECT id FROM erp_entries
        WHERE company = '' AND (wake_at IS NOT NULL OR status = 'unknown') ORDER BY id
"""


def _find_waits(context: CommandContext, touched: Mapping[str, Result]) -> dict[str, Wait]:
    """Return by id what entries wait for: those this run worked on, and those deferred before."""
    ids = [from_column(str(id_)) for (id_,) in context.records.rows.query(_DELAYED)]
    others = context.store.entries([id_ for id_ in ids if id_ not in touched])
    delayed = {entry.id: entry for entry in others if entry.delay is not None}
    entries = delayed | {id_: result.entry for id_, result in touched.items()}
    found = {}
    for id_ in sorted(entries):
        # These entries were sent, so the status of the invoice is not needed.
        wait = find_invoice_wait(entries[id_], InvoiceStatus.APPROVED, context.connections)
        if wait is not None:
            found[id_] = wait
    return found


def _count_waiting(context: CommandContext) -> int | None:
    count = sum(1 for entry in context.store.entries() if entry.due_at is not None)
    return count or None


def _build_progress() -> Progress:
    """Return a progress bar on standard error, visible only on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True, force_terminal=sys.stderr.isatty())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _needs_person(wait: Wait | None) -> bool:
    return wait is not None and wait.waits_for is WaitFor.PERSON


@attrs.frozen(kw_only=True, eq=False, repr=False)
class _Work(Value):
    """
    The result of a worker's run.

    Attributes:
        touched: The results of the entries that it worked on.
        waits: By entry id, what the entry waits for now.
        unreachable: The connections whose ERP did not answer.
        restore: The last restore of the database; ``None`` if there was no restore.
    """

    touched: Sequence[Result]
    waits: Mapping[str, Wait]
    unreachable: Sequence[str]
    restore: Restore | None

    @property
    def others(self) -> dict[str, Wait]:
        """The waits, by entry id, of the entries that this run did not work on."""
        ids = {each.id for each in self.touched}
        return {id_: wait for id_, wait in self.waits.items() if id_ not in ids}

    @property
    def ended_badly(self) -> bool:
        """Return whether an entry of the run failed, is unknown, or waits for a person."""
        return any(
            each.entry.status in _BAD_ENDS or _needs_person(self.waits.get(each.id))
            for each in self.touched
        )


def _print_result(screen: Screen, done: _Work) -> None:
    if done.restore is not None:
        print_restore(screen, done.restore)
    for each in done.touched:
        status, version = each.entry.status.value, each.entry.version
        print_answer(screen, f"{each.id}: {status} (version {version})", each.verdict)
        if each.id in done.waits:
            print_wait(screen, done.waits[each.id], indent=2)
    for name in done.unreachable:
        screen.print_line(_SILENT.format(name=name))
    if not done.touched and not done.unreachable:
        screen.print_line("Nothing is due.")
    for id_, wait in done.others.items():
        print_wait(screen, wait, id_)


def _answer(done: _Work, stopped: int | None) -> Answer:
    """
    Return the answer: the final state of each entry of the run, and the unreachable ERPs.

    Its exit status is *stopped* after a signal, else 1 if the run ended badly, else 0.
    """
    document: dict[str, object] = {
        "results": [
            result_to_json(each.id, each.verdict, each.entry)
            | {"waits": wait_to_json(done.waits.get(each.id))}
            for each in done.touched
        ]
    }
    if done.restore is not None:
        document["restored"] = restore_to_json(done.restore)
    if done.others:
        document["waiting"] = [
            {"id": id_, "waits": wait_to_json(wait)} for id_, wait in done.others.items()
        ]
    if done.unreachable:
        document["unreachable"] = list(done.unreachable)
    status = REFUSED if done.ended_badly else DONE
    return Answer(
        status=stopped or status, document=document, write=lambda to: _print_result(to, done)
    )

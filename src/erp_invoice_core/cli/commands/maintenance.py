"""The verbs for a whole database: ``verify``, ``restored``, ``moved``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...records.table import DocumentKind
from ...stores import Finding
from .. import json_shapes
from ..context import open_context
from ..ledgers import replace_ledger, resolve_ledgers
from ..options import Options
from ..output import DONE, REFUSED, Answer, bad_input
from ..text import print_restore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..context import CommandContext
    from ..text import Screen


def verify(
    options: Options,
    *,
    seal: Annotated[
        bool, typer.Option("--seal", help="Print one digest over everything, to keep elsewhere.")
    ] = False,
) -> Answer:
    """Check that no event, entry or loaded document was edited, removed, added or swapped."""
    with open_context(options, read_only=True) as context:
        found = context.queue.verify()
        problems = [*found.problems, *_document_findings(context)]
    document: dict[str, Any] = {
        "ok": not problems,
        "entries": found.entries,
        "events": found.events,
        "problems": [
            {"path": each.entry_id, "code": each.code, "message": each.message} for each in problems
        ],
    }
    if seal:
        document["seal"] = found.seal

    def write(screen: Screen) -> None:
        for each in problems:
            screen.line(f"{each.code}: {each.message}", style="red")
        verdict = "not whole" if problems else "whole"
        screen.line(f"{found.entries} entries, {found.events} events: {verdict}.")
        if seal:
            screen.line(f"Seal: {found.seal}")

    return Answer(status=REFUSED if problems else DONE, document=document, write=write)


def _document_findings(context: CommandContext) -> Iterator[Finding]:
    """Yield what is wrong with the loaded documents, and which invoices of the queue lack one."""
    company, stored = context.documents.company(), context.documents.company_id()
    if stored is not None and (company is None or company.id != stored):
        sentence = f"The row of company {stored!a} was edited, or cannot be read: restore it."
        yield Finding(ascii(stored)[1:-1], "document.edited", sentence)
    for each in context.documents.findings():
        yield Finding(each.id, each.code, each.message)
    loaded = context.documents.digests(DocumentKind.REQUISITION)
    for entry in context.store.entries():
        if entry.seq and entry.id not in loaded:
            sentence = f"What was loaded of invoice {entry.id} is missing: load it again."
            yield Finding(entry.id, "document.lost", sentence)


_LONGEST = 1_000


def restored(
    options: Options,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Which backup, by whom.")
    ] = "Said with erp-invoice restored.",
) -> Answer:
    """Record that the database was restored: nothing is created before the ERP was asked."""
    if not reason.strip() or len(reason) > _LONGEST:
        sentence = f"Give a reason of 1 to {_LONGEST} characters."
        raise bad_input("--reason", "usage.invalid", sentence)
    with open_context(options, any_ledger=True) as context:
        restore = context.store.record_restore(reason.strip())
    return Answer(
        status=DONE,
        document={"restored": json_shapes.restore(restore)},
        write=lambda screen: print_restore(screen, restore),
    )


_Name = Annotated[
    str, typer.Argument(metavar="CONNECTION", help="A connection to a ledger.", show_default=False)
]


def moved(options: Options, connection: _Name) -> Answer:
    """Record that a connection's ledger, the same one, lies at its present path now."""
    with open_context(options, any_ledger=True) as context:
        path = resolve_ledgers(context.connections).get(
            context.connection(connection, "CONNECTION")
        )
        if path is None:
            sentence = f"Name a connection to a ledger: {connection} has no path."
            raise bad_input("CONNECTION", "usage.invalid", sentence)
        before = replace_ledger(context.store, connection, path)

    def write(screen: Screen) -> None:
        screen.line(f"{connection}: {before or 'nothing recorded'} -> {path}")

    document = {"moved": {"connection": connection, "before": before, "after": path}}
    return Answer(status=DONE, document=document, write=write)

"""The verbs for a whole database: ``verify``, ``restored``, ``moved``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...records.kept_facts import find_damaged_facts
from ...records.kinds import RecordKind
from ...stores.finding_rows import build_finding
from ...stores.record_rows import FACTS_TABLE
from ..context import open_context
from ..database import read_companies
from ..json_shapes import restore_to_json
from ..ledgers import replace_ledger, resolve_ledgers
from ..options import Options, Verb
from ..output import DONE, REFUSED, Answer, build_bad_input
from ..text import print_restore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...stores import Finding
    from ..context import CommandContext
    from ..text import Screen

_IN_PYTHON = "Call verify(store.chains()) in Python, with a store of each company."


@click.command("verify", cls=Verb)
@click.option("--seal", is_flag=True, help="Print one digest of all events, to keep elsewhere.")
@click.pass_obj
def verify(options: Options, *, seal: bool) -> Answer:
    """
    Verify the audit log and the loaded records.

    Reports every event, entry or exported document that was edited, removed, added or swapped, and
    every damaged record. It also verifies the audit log of an application that loads no records.
    """
    with open_context(options, read_only=True, any_queue=True) as context:
        others = _list_other_companies(context)
        found = context.queue.verify()
        problems = [*found.problems, *_find_record_problems(context)]
    document: dict[str, Any] = {
        "ok": not problems,
        "entries": found.entries,
        "events": found.events,
        "problems": [
            {
                "path": each.entry_id,
                "code": each.code,
                "message": each.message,
                "facts": dict(each.facts),
            }
            for each in problems
        ],
    }
    if others:
        document["other_companies"] = others
    if seal:
        document["seal"] = found.seal

    def write(screen: Screen) -> None:
        for each in problems:
            screen.print_line(f"{each.code}: {each.message}", style="red")
        verdict = "not whole" if problems else "whole"
        screen.print_line(f"{found.entries} entries, {found.events} events: {verdict}.")
        if others:
            names = ", ".join(map(ascii, others))
            screen.print_line(f"Not verified: the companies {names}. {_IN_PYTHON}", style="yellow")
        if seal:
            screen.print_line(f"Seal: {found.seal}")

    return Answer(status=REFUSED if problems else DONE, document=document, write=write)


def _list_other_companies(context: CommandContext) -> list[str]:
    """
    Return the companies whose entries the command does not read.

    Raises:
        BadInput: No entry is of the company that the command reads, and there are no records.
    """
    companies = read_companies(context.records.rows)
    own = context.store.company
    others = [each for each in companies if each != own]
    if others and own not in companies and not _has_records(context):
        raise build_bad_input(
            "--db",
            "database.other_companies",
            "The entries of this database are of named companies, which the command does not read. "
            "Call verify(store.chains()) in Python, with a store of each company.",
        )
    return others


def _has_records(context: CommandContext) -> bool:
    """Return whether records were loaded; a host's database may have their tables, but no row."""
    rows = context.records.rows
    return any(
        rows.has_table(table) and rows.query(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - constants
        for table in ("erp_company", "erp_records")
    )


def _find_record_problems(context: CommandContext) -> Iterator[Finding]:
    """
    Yield a finding for each damaged loaded record, and for each entry without a record.

    If nothing was loaded, it yields nothing: the application has invoices of its own.
    """
    if not _has_records(context):
        return
    rows = context.records.rows
    if not all(map(rows.has_table, ("erp_company", "erp_records"))):
        for entry in context.store.entries():
            yield build_finding(entry.id, "document.lost", invoice=entry.id)
        return
    company, stored = context.records.read_company(), context.records.read_company_id()
    if stored is not None and (company is None or company.id != stored):
        shown = ascii(stored)
        yield build_finding(shown[1:-1], "document.edited", company=shown)
    yield from context.records.find_damage()
    for id_ in find_damaged_facts(rows) if rows.has_table(FACTS_TABLE) else ():
        yield build_finding(id_, "document.edited", invoice=id_)
    loaded = context.records.read_digests(RecordKind.REQUISITION)
    for entry in context.store.entries():
        if entry.seq and entry.id not in loaded:
            yield build_finding(entry.id, "document.lost", invoice=entry.id)


_LONGEST = 1_000


@click.command("restored", cls=Verb)
@click.option(
    "--reason",
    metavar="TEXT",
    default="Recorded with erp-invoice restored.",
    help="The backup, and the person who restored it.",
)
@click.pass_obj
def record_restore(options: Options, reason: str) -> Answer:
    """
    Record that the database was restored from a backup.

    From then on the worker looks up each invoice in the ERP before it creates a document.
    """
    if not reason.strip() or len(reason) > _LONGEST:
        sentence = f"Give a reason of 1 to {_LONGEST} characters."
        raise build_bad_input("--reason", "usage.invalid", sentence)
    with open_context(options, any_ledger=True) as context:
        restore = context.store.record_restore(reason.strip())
    return Answer(
        status=DONE,
        document={"restored": restore_to_json(restore)},
        write=lambda screen: print_restore(screen, restore),
    )


@click.command("moved", cls=Verb)
@click.argument("connection", metavar="CONNECTION")
@click.pass_obj
def record_move(options: Options, connection: str) -> Answer:
    """
    Record the new path of a ledger that was moved.

    The new path is read from the settings of CONNECTION: change it there first.
    """
    with open_context(options, any_ledger=True) as context:
        path = resolve_ledgers(context.connections).get(
            context.require_connection(connection, "CONNECTION")
        )
        if path is None:
            sentence = f"Name a connection to a ledger: {connection} has no path."
            raise build_bad_input("CONNECTION", "usage.invalid", sentence)
        before = replace_ledger(context.store, connection, path)

    def write(screen: Screen) -> None:
        screen.print_line(f"{connection}: {before or 'nothing recorded'} -> {path}")

    document = {"moved": {"connection": connection, "before": before, "after": path}}
    return Answer(status=DONE, document=document, write=write)

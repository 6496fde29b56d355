"""The verb ``mappings``: lists codes without a mapped id in the ERP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from ...adapters import InvalidSettings, Mappings, MappingTable, read_mappings
from ...documents import MappingKind, Problem
from ...records.kinds import RecordKind
from ...rules.mapped_codes import list_needed_codes
from ...vocabulary import ExportStatus
from ..connections import DEFAULT
from ..context import open_context
from ..options import Options, Verb
from ..output import DONE, REFUSED, Answer, BadInput, build_bad_input
from ..text import Column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...declaration import Declaration
    from ...rules import Case
    from ..context import CommandContext
    from ..text import Screen

#: The number of invoices whose facts are read at once.
_TOGETHER = 500


@attrs.define
class _Need:
    """
    The invoices that need an id in the ERP for one code of the source.

    Attributes:
        name: The name of the vendor or job that has the code; empty for other kinds of codes.
        ids: The ids of these invoices.
    """

    name: str = ""
    ids: list[str] = attrs.Factory(list)


@click.command("mappings", cls=Verb)
@click.argument("act", metavar="check")
@click.argument("files", metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--connection",
    metavar="NAME",
    help="The ERP connection. Default: that of --to, else beancount.",
)
@click.pass_obj
def mappings(options: Options, act: str, files: Sequence[Path], connection: str | None) -> Answer:
    """
    List the codes of loaded invoices for which a connection has no id in its ERP.

    "mappings check FILE..." reads the ids from CSV files with the columns kind, code and erp_id.
    Without FILE it reads the mapping file of the connection. Synced invoices are left out, as they
    need no ids any more.
    """
    if act != "check":
        raise build_bad_input("check", "usage.invalid", "Write mappings check [FILE...].")
    with open_context(options, read_only=True) as context:
        name = context.require_connection(connection or options.to or DEFAULT, "--connection")
        erp = context.queue.connections.find_declaration(name)
        if erp is None:
            sentence = f"The adapter of connection {name} is not loaded. Install it first."
            raise build_bad_input("--connection", "adapter.unknown", sentence)
        known = _read_files(files) if files else context.queue.connections.find_mappings(name)
        needs = _find_needs(context, erp, known)
    return _answer(name, needs, known)


def _read_files(files: Sequence[Path]) -> MappingTable:
    """
    Return the rows of all files as one table.

    Raises:
        BadInput: With every problem of every file.
    """
    problems: list[Problem] = []
    rows: dict[tuple[MappingKind, str], tuple[str, Path]] = {}
    for file in files:
        try:
            table = read_mappings(file, str(file))
        except InvalidSettings as invalid:
            problems += invalid.problems
            continue
        for kind, code, erp_id in table.rows:
            other = rows.setdefault((kind, code), (erp_id, file))[1]
            if other is not file:
                sentence = f"The {kind.value} {code!r} is in {other} already. Write it once."
                problems.append(Problem(str(file), "mapping.invalid", sentence))
    if problems:
        raise BadInput(problems)
    return MappingTable((kind, code, erp_id) for (kind, code), (erp_id, _) in rows.items())


def _list_open_cases(context: CommandContext) -> Iterator[Case]:
    """Yield the facts of each loaded invoice that is not synced."""
    ids = sorted(context.records.read_digests(RecordKind.REQUISITION))
    for place in range(0, len(ids), _TOGETHER):
        some = ids[place : place + _TOGETHER]
        entries = {entry.id: entry for entry in context.store.entries(some)}
        waiting = [
            id_
            for id_ in some
            if id_ not in entries or entries[id_].status is not ExportStatus.SYNCED
        ]
        yield from context.queue.facts(waiting).values()


def _find_needs(
    context: CommandContext, erp: Declaration, known: Mappings | None
) -> dict[tuple[MappingKind, str], _Need]:
    """Return each code that must be mapped to an ERP id, by kind and code, with the invoices."""
    covered = (
        [kind for kind in MappingKind if known(kind, ()) is not None] if known is not None else []
    )
    needs: dict[tuple[MappingKind, str], _Need] = {}
    for case in _list_open_cases(context):
        for kind, code in list_needed_codes(case, erp, covered):
            need = needs.setdefault((kind, code), _Need(_find_name(case, kind)))
            need.ids.append(case.invoice_id or "")
    return needs


def _find_name(case: Case, kind: MappingKind) -> str:
    if case.document is None:
        return ""
    names = {
        MappingKind.VENDOR: case.document.vendor_name,
        MappingKind.JOB: case.document.job_name,
    }
    return names.get(kind, "")


def _answer(
    connection: str, needs: dict[tuple[MappingKind, str], _Need], known: Mappings | None
) -> Answer:
    ids = {
        kind: (known(kind, [code for each, code in needs if each is kind]) or {}) if known else {}
        for kind in MappingKind
    }
    missing = {row: need for row, need in needs.items() if row[1] not in ids[row[0]]}

    def write(screen: Screen) -> None:
        if missing:
            screen.print_table(
                (Column("Kind"), Column("Code"), Column("Name"), Column("Invoices", figures=True)),
                [
                    (kind.value, code, need.name, str(len(need.ids)))
                    for (kind, code), need in missing.items()
                ],
            )
        screen.print_line(
            f"{connection}: codes that need an id: {len(needs)}; without one: {len(missing)}."
        )

    return Answer(
        status=REFUSED if missing else DONE,
        document={
            "connection": connection,
            "needed": len(needs),
            "missing": [
                {"kind": kind.value, "code": code, "name": need.name, "invoices": need.ids}
                for (kind, code), need in missing.items()
            ],
        },
        write=write,
    )

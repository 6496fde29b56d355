"""The verb ``load``: loads all files in one transaction."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs
import click

from ...documents import Problem
from ...records.kept_facts import keep_facts
from ...records.kinds import RecordKind
from ...records.lazy_records import open_records
from ...records.table import RecordTable, group_by_kind, open_rows
from ...stores import UnreadableEntry
from ...wire.procore import KINDS, MAX_SIZE, Reading, Records, Source, read_files
from ...wire.procore.problem_rows import build_problem
from ..attachments import StoredFile, add_digests, keep_files, remove_unreferenced_files
from ..context import CommandContext, open_context, open_file_store
from ..database import choose_database
from ..edit_lock import LockedIds, LockResult, apply_lock
from ..json_shapes import problems_to_json, result_to_json
from ..options import Options, Verb
from ..output import DONE, REFUSED, Answer, BadInput, build_bad_input
from ..settings import IMPORTED
from ..text import print_answer

if TYPE_CHECKING:
    from ...documents import Invoice
    from ...records.table import RecordDatabase
    from ...wire.procore import LoadedRecord
    from ..database import DatabaseConnection
    from ..text import Screen


_PLURALS = {kind: f"{kind.value}s" for kind in RecordKind}


@attrs.frozen(kw_only=True)
class _Outcome:
    """The result of a load: counts by kind, unchanged records, refused changes."""

    reading: Reading
    warnings: Sequence[Problem]
    changed: Mapping[RecordKind, Sequence[str]]
    lock: LockResult

    @property
    def loaded(self) -> dict[str, int]:
        """The numbers of new or changed records, by kind."""
        return {
            name: len(self.changed[kind])
            for kind, name in _PLURALS.items()
            if kind is not RecordKind.COST_CODE or self.reading.cost_codes
        }

    @property
    def unchanged(self) -> int:
        """The number of records that were loaded already and are equal."""
        total = sum(len(getattr(self.reading, name)) for name in _PLURALS.values())
        touched = {*self.changed[RecordKind.REQUISITION], *self.lock.refused_ids}
        others = sum(
            len(ids) for kind, ids in self.changed.items() if kind is not RecordKind.REQUISITION
        )
        return total - others - len(touched)


_HELP = f"""
Load commitments and invoices from JSON files, all of them or nothing.

A file is a document of the input format or an answer of Procore's API; - is standard input.
KIND says of which kind a file is if its content fits several: {", ".join(KINDS)}.
"""


@click.command("load", cls=Verb, help=_HELP)
@click.argument("file", metavar="[KIND=]FILE...", nargs=-1, required=True)
@click.option(
    "--files",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The directory with the content of the attachments, in files of their names.",
)
@click.option(
    "--max-size",
    metavar="BYTES",
    type=click.IntRange(min=1),
    default=MAX_SIZE,
    help="The largest size of all files together.",
)
@click.pass_obj
def load(options: Options, file: Sequence[str], files: Path | None, max_size: int) -> Answer:
    """Load files, in one transaction."""
    if files is not None and not files.is_dir():
        raise build_bad_input(
            "--files", "usage.invalid", "{files} is not a directory. Name one.", files=files
        )
    given = _Input(sources=read_sources(file, max_size), max_size=max_size)
    found: Mapping[str, StoredFile] = {}
    reading = None
    # A refused load must not leave an empty database.
    if not choose_database(options).is_there():
        reading = given.read(Records())
        _check_import(options, reading)
        if files is not None:
            found = keep_files(_list_file_names(reading), files, open_file_store(options))
    with open_context(options, create=True, any_ledger=True) as context:
        if files is not None and reading is None:
            known = _open_known(context, context.records.db)
            found = keep_files(
                _list_file_names(given.read(known, drop=False)), files, context.files
            )
        with context.store.transaction() as db:
            if reading is None:
                reading = given.read(_open_known(context, db))
            elif open_rows(db).query("SELECT 1 FROM erp_records LIMIT 1"):
                raise BadInput([build_problem("--db", "database.busy")])
            outcome = _load(context, db, reading, found=found)
        remove_unreferenced_files(context)
    return _answer(outcome)


@attrs.frozen(kw_only=True)
class _Input:
    """The files of a load, and the largest total size in bytes that is allowed."""

    sources: list[Source]
    max_size: int

    def read(self, known: Records, *, drop: bool = True) -> Reading:
        """
        Return the records of the files.

        Args:
            known: The records that are loaded already, to which the files may refer.
            drop: True to free the memory of the files' content; false if it is read again.

        Raises:
            BadInput: A file cannot be read, or a record is not valid.
        """
        reading = read_files(self.sources, max_size=self.max_size, known=known, drop=drop)
        if reading.problems:
            raise BadInput(map(self._name_file, reading.problems))
        return reading

    def _name_file(self, problem: Problem) -> Problem:
        """Return the problem; if it has no path, its path becomes the names of the files."""
        if problem.path:
            return problem
        return attrs.evolve(problem, path=", ".join(source.name for source in self.sources))


def _check_import(options: Options, reading: Reading) -> None:
    """
    Check that the invoices with an ERP id can be imported as synced entries.

    They are imported into a temporary database, because a refused load must create no database.

    Raises:
        BadInput: The import would be refused, such as for an ERP id that two invoices have.
    """
    if not any(each.value.origin_id for each in reading.requisitions):
        return
    with TemporaryDirectory(prefix="erp-invoice-") as folder:
        elsewhere = attrs.evolve(options, db=str(Path(folder) / "rehearsal.db"))
        with (
            open_context(elsewhere, create=True) as context,
            context.store.transaction() as db,
        ):
            import_all(context, db, reading.requisitions)


def _open_known(context: CommandContext, database: RecordDatabase) -> Records:
    return attrs.evolve(open_records(database), sent=LockedIds(context.store))


def _list_file_names(reading: Reading) -> list[str]:
    """Return the file names of the attachments."""
    return [file.filename for each in reading.requisitions for file in each.value.attachments]


def _load(
    context: CommandContext,
    db: DatabaseConnection,
    reading: Reading,
    *,
    found: Mapping[str, StoredFile],
) -> _Outcome:
    """Store the records; the content of attachments was stored before the transaction."""
    table = RecordTable(db)
    warnings = list(reading.warnings)
    invoices = add_digests(reading.requisitions, found, warnings)
    equal = table.find_equal(RecordKind.REQUISITION, invoices)
    others = [each for each in invoices if each.id not in equal]
    stored = table.get_many(RecordKind.REQUISITION, [each.id for each in others])
    outcome = apply_lock(context, db, others, stored)
    changed = table.put_all(attrs.evolve(reading, requisitions=outcome.kept))
    kept = [*outcome.kept, *(each for each in invoices if each.id in equal)]
    _keep_facts(table, reading, stored | {each.id: each.value for each in kept})
    import_all(context, db, invoices)
    return _Outcome(reading=reading, warnings=warnings, changed=changed, lock=outcome)


def _keep_facts(table: RecordTable, reading: Reading, invoices: Mapping[str, Invoice]) -> None:
    """Compute and store the facts of the invoices, so that later verbs need not compute them."""
    assert reading.company is not None, "A reading with problems has no invoices."
    given: Mapping[RecordKind, Mapping[str, Any]] = {
        kind: {each.id: each.value for each in records}
        for kind, records in group_by_kind(reading).items()
        if kind is not RecordKind.REQUISITION
    }
    keep_facts(table, invoices, reading.company.id, given)


def _answer(outcome: _Outcome) -> Answer:
    refused = outcome.lock.refused
    document: dict[str, Any] = {
        "loaded": outcome.loaded,
        "unchanged": outcome.unchanged,
        "ignored_fields": outcome.reading.ignored_fields,
        "warnings": problems_to_json(outcome.warnings),
        "problems": [],
        "results": [result_to_json(each.id, each.verdict, each.entry) for each in refused],
    }
    return Answer(
        status=REFUSED if refused else DONE,
        document=document,
        write=lambda screen: _print_outcome(screen, outcome),
    )


def _print_outcome(screen: Screen, outcome: _Outcome) -> None:
    counts = ", ".join(
        f"{count} {name.removesuffix('s') if count == 1 else name}".replace("_", " ")
        for name, count in outcome.loaded.items()
        if count
    )
    screen.print_line(f"Loaded: {counts or 'nothing new'}.")
    screen.print_line(f"Unchanged: {outcome.unchanged}.")
    if outcome.reading.ignored_fields:
        screen.print_line(
            f"Ignored, as they are not read: {outcome.reading.ignored_fields} fields."
        )
    for warning in outcome.warnings:
        screen.print_line(
            f"{warning.path}: {warning.message} ({warning.code})", style="yellow", indent=2
        )
    for each in outcome.lock.refused:
        heading = f"{each.id}: unchanged ({each.entry.status.value})"
        print_answer(screen, heading, each.verdict)


def import_all(
    context: CommandContext,
    db: DatabaseConnection,
    given: Sequence[LoadedRecord[Invoice]],
) -> None:
    """
    Create synced entries for the invoices that have an ERP id and no entry.

    Raises:
        BadInput: An ERP id belongs to another invoice.
    """
    erp_ids = {each.id: each.value.origin_id for each in given if each.value.origin_id}
    known = {
        entry.id
        for entry in context.store.entries(list(erp_ids))
        if entry.version or isinstance(entry, UnreadableEntry)
    }
    fresh = {id_: erp_id for id_, erp_id in erp_ids.items() if id_ not in known}
    if not fresh:
        return
    results = context.queue.import_synced(fresh, connection=IMPORTED, on=db)
    by_id = {each.id: each for each in given}
    problems = [
        Problem(by_id[each.id].build_path("origin_id"), reason.code, reason.message, reason.facts)
        for each in results
        for reason in each.verdict.denials
    ]
    if problems:
        raise BadInput(problems)


_PIECE = 1024 * 1024
_INPUT = "-"


def read_sources(arguments: Sequence[str], max_size: int) -> list[Source]:
    """
    Return the content of the named files; each argument is ``[KIND=]FILE``.

    At most one byte more than the allowed total is read.

    Raises:
        BadInput: Some files cannot be read; it has a problem for each of them.
    """
    found = []
    problems: list[Problem] = []
    left = max_size + 1
    for argument in arguments:
        kind, name = _split(argument)
        if not name:
            unnamed = build_bad_input(
                "FILE",
                "usage.invalid",
                "The name of the file is empty. Name a file, or - for standard input.",
            )
            problems.extend(unnamed.problems)
            continue
        try:
            data = _read_content(name, left)
        except (OSError, ValueError) as fault:
            facts = {"file": name, "reason": getattr(fault, "strerror", None) or fault}
            if kind is None and "=" in name:
                facts["kinds"] = ", ".join(KINDS)
            where = "FILE" if len(arguments) == 1 else name
            problems.append(build_problem(where, "file.unreadable", **facts))
            continue
        left -= len(data)
        found.append(Source(data=data, name=name, kind=kind))
        if left <= 0:
            break  # too large together: nothing is read of the rest
    if problems:
        raise BadInput(problems)
    return found


def _split(argument: str) -> tuple[str | None, str]:
    """Return kind and path of ``KIND=FILE``; without a known kind, ``None`` and the argument."""
    kind, equals, path = argument.partition("=")
    return (kind, path) if equals and kind in KINDS else (None, argument)


def _read_content(name: str, size: int) -> bytes:
    if name == _INPUT:
        return _read_at_most(size, sys.stdin.buffer)
    with Path(name).open("rb") as content:
        return _read_at_most(size, content)


def _read_at_most(size: int, content: BinaryIO) -> bytes:
    """Return at most ``size`` bytes, read in pieces, so that only the bytes read take memory."""
    found = bytearray()
    while len(found) < size:
        piece = content.read(min(size - len(found), _PIECE))
        if not piece:
            break
        found += piece
    return bytes(found)

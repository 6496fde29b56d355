"""The context of a verb: its open database, queue and connections."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from ..adapters import Adapters, Connections
from ..adapters.text import shorten
from ..documents import Actor, replace_attachments
from ..queue import ExportQueue
from ..queue.arguments import LONGEST
from ..records.facts import build_cases
from ..records.kinds import RecordKind
from ..records.table import RECORD_UNREADABLE, RecordTable
from ..rules.case import replace_facts
from ..stores.record_rows import FACTS_TABLE
from .connections import add_profile, read_connections
from .database import Store, choose_database, read_companies
from .file_store import FileStore
from .ledgers import check_ledgers
from .output import BadInput, build_bad_input, build_problem, reserve_output
from .settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..documents import Commitment, Invoice, NumberUse
    from ..events import AuditEvent
    from ..rules import Case
    from ..verdict import Denial
    from .database import Database
    from .options import Options


@attrs.frozen(kw_only=True)
class CommandContext:
    """
    An open database, with its queue and its connections.

    Attributes:
        records: The loaded records, as committed.
        files: The file store of attachments, if it has a directory.
    """

    store: Store
    records: RecordTable
    queue: ExportQueue
    connections: Connections
    files: FileStore | None

    def find_person(self, person: str) -> Actor:
        """
        Return the person of that id.

        Raises:
            BadInput: No person has that id.
        """
        found: Actor | None = self.records.get(RecordKind.USER, person)
        if found is None and self.records.find_unreadable(RecordKind.USER, [person]):
            sentence = f"The loaded record of person {person} cannot be read. Load it again."
            raise build_bad_input("--as", "person.unreadable", sentence)
        if found is None:
            raise build_bad_input(
                "--as",
                "person.unknown",
                f"There is no person {person!r}. Name a loaded one; erp-invoice people lists them.",
            )
        return found

    def require_loaded(self, ids: Sequence[str]) -> None:
        """
        Check that the invoices of those ids were loaded; their records are not read.

        Raises:
            BadInput: Some invoices were not loaded; with a problem for each.
        """
        blank = [place for place, id_ in enumerate(ids) if not id_.strip()]
        if blank:
            raise BadInput(
                build_problem(
                    f"ids[{place}]",
                    "invoice.id_malformed",
                    "The invoice id is blank. Correct the id.",
                )
                for place in blank
            )
        loaded = self.records.find_ids(RecordKind.REQUISITION, ids)
        problems = [
            build_problem(
                f"ids[{place}]",
                "invoice.unknown",
                "Load invoice {id} first. It is not loaded; erp-invoice list has the ids.",
                id=shorten(id_, LONGEST),
            )
            for place, id_ in enumerate(ids)
            if id_ not in loaded
        ]
        if problems:
            raise BadInput(problems)

    def find_invoice(self, id_: str) -> Invoice | None:
        """
        Return a loaded invoice, or ``None`` if it cannot be read.

        Raises:
            BadInput: The invoice was not loaded.
        """
        self.require_loaded([id_])
        invoice: Invoice | None = self.records.get(RecordKind.REQUISITION, id_)
        return invoice

    def explain_unreadable(self, ids: Sequence[str]) -> dict[str, Denial]:
        """Return, by invoice id, a denial for each invoice that needs an unreadable record."""
        found: dict[str, Invoice] = self.records.get_many(RecordKind.REQUISITION, ids)
        missing = [id_ for id_ in ids if id_ not in found]
        reasons = {
            id_: _make_unreadable(id_, "invoice", id_)
            for id_ in self.records.find_unreadable(RecordKind.REQUISITION, missing)
        }
        commitments: dict[str, Commitment] = self.records.get_many(
            RecordKind.COMMITMENT, {invoice.commitment_id for invoice in found.values()}
        )
        vendors = self.records.get_many(
            RecordKind.VENDOR, {one.vendor_id for one in commitments.values()}
        )
        projects = self.records.get_many(
            RecordKind.PROJECT, {one.project_id for one in commitments.values()}
        )
        for id_, invoice in found.items():
            commitment = commitments.get(invoice.commitment_id)
            if commitment is None:
                reasons[id_] = _make_unreadable(id_, "commitment", invoice.commitment_id)
            elif commitment.vendor_id not in vendors:
                reasons[id_] = _make_unreadable(id_, "vendor", commitment.vendor_id)
            elif commitment.project_id not in projects:
                reasons[id_] = _make_unreadable(id_, "project", commitment.project_id)
        return reasons

    def require_connection(self, name: str, said_with: str = "--to") -> str:
        """
        Return the name of a connection, after a check that it exists.

        Args:
            name: The name.
            said_with: The option or argument that gave the name, for the error.

        Raises:
            BadInput: There is no such connection.
        """
        if name not in self.connections:
            there = ", ".join(sorted(each.name for each in self.connections)) or "none"
            sentence = f"There is no connection {name!r}. Name one of: {there}."
            raise build_bad_input(said_with, "connection.unknown", sentence)
        return name


def _make_unreadable(id_: str, kind: str, identity: str) -> Denial:
    return RECORD_UNREADABLE.deny({"id": id_, "kind": kind, "document": identity})


@contextmanager
def open_context(
    options: Options,
    *,
    create: bool = False,
    read_only: bool = False,
    any_ledger: bool = False,
    any_queue: bool = False,
    observe: Callable[[AuditEvent], None] | None = None,
) -> Iterator[CommandContext]:
    """
    Open the database.

    Args:
        options: The options, which name the database.
        create: Create the database if it is missing.
        read_only: Create and lock nothing, so that read permission is enough; only older tables on
            a server are migrated.
        any_ledger: Also open it if a connection names another ledger than the recorded one.
        any_queue: Also open it if it has entries without loaded records, as that of a host.
        observe: Called with each event.

    Raises:
        BadInput: The database is missing or empty, or has no loaded records, the settings are not
            valid, or a connection names another ledger than the recorded one.
    """
    # A plugin may print while it loads or in a hook; that must not be part of the answer.
    with (
        reserve_output(),
        _open(
            options,
            create=create,
            read_only=read_only,
            any_ledger=any_ledger,
            any_queue=any_queue,
            observe=observe,
        ) as context,
    ):
        yield context


@contextmanager
def _open(
    options: Options,
    *,
    create: bool,
    read_only: bool,
    any_ledger: bool,
    any_queue: bool,
    observe: Callable[[AuditEvent], None] | None,
) -> Iterator[CommandContext]:
    named = choose_database(options)
    installed = Adapters.installed()
    add_profile(installed, options.to)
    settings, connections = read_connections(options.settings, installed, named.beside, os.environ)
    if not create:
        _require_loaded(named, any_queue=any_queue)
    files = _locate_files(settings.files_dir, named.beside)
    with (named.open_read_only if read_only else named.open)() as (store, records):
        if not (read_only or any_ledger):
            check_ledgers(records, connections)

        has_kept = not read_only or records.has_table(FACTS_TABLE)

        def find_cases(ids: Sequence[str]) -> Mapping[str, Case]:
            cases = build_cases(records, ids, has_kept=has_kept)
            return {id_: _drop_unkept_digests(case, files) for id_, case in cases.items()}

        table = RecordTable(records)

        def find_numbers(vendor_id: str, number: str) -> list[NumberUse]:
            found = table.numbers.find_alike([(vendor_id, number)])
            return [use for uses in found.values() for use in uses]

        context = CommandContext(
            store=store,
            records=table,
            queue=ExportQueue(
                store,
                connections,
                find_cases,
                settings.policy,
                observe=observe,
                numbers=find_numbers,
                attachments=None if files is None else files.open,
            ),
            connections=connections,
            files=files,
        )
        if options.to is not None:
            context.require_connection(options.to)
        yield context


def open_file_store(options: Options) -> FileStore | None:
    """Return the file store for a database that may not exist yet; ``None`` without a folder."""
    return _locate_files(read_settings(options.settings).files_dir, choose_database(options).beside)


def _has_entries(named: Database) -> bool:
    with named.open_read_only() as (_, records):
        return bool(read_companies(records))


def _locate_files(named: Path | None, database: Path | None) -> FileStore | None:
    """Return the file store: in the named directory, or in ``<database>.files``."""
    if named is None and database is not None:
        path = database.resolve()
        named = path.with_name(f"{path.name}.files")
    return None if named is None else FileStore(named)


def _drop_unkept_digests(case: Case, files: FileStore | None) -> Case:
    """Return the case without the digests of attachments whose content the file store lacks."""
    document = case.document
    if document is None or not any(file.digest for file in document.attachments):
        return case
    attachments = tuple(
        file if files is not None and files.has(file.digest) else attrs.evolve(file, digest=None)
        for file in document.attachments
    )
    if attachments == document.attachments:
        return case
    return replace_facts(case, {"document": replace_attachments(document, attachments)})


def _require_loaded(named: Database, *, any_queue: bool) -> None:
    """
    Check that the database has loaded records; with *any_queue*, that it has those or entries.

    Raises:
        BadInput: The database is missing or empty, or has entries without loaded records.
    """
    if named.is_there():
        return
    if named.has_queue() and _has_entries(named):
        if any_queue:
            return
        raise build_bad_input(
            "--db",
            "database.no_records",
            "The database {name} has entries, but no loaded records, which this verb needs. Load the "
            "files again if the records were lost. An application with invoices of its own calls the "
            "library instead.",
            name=named.name,
        )
    if named.is_empty():
        raise build_bad_input(
            "--db",
            "database.empty",
            "The database {name} is empty. Load a file first.",
            name=named.name,
        )
    raise build_bad_input(
        "--db",
        "database.missing",
        "There is no database {name}. Load a file first.",
        name=named.name,
    )

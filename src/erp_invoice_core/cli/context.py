"""The open database of a command with its queue and connections."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from ..adapters import Adapters, Connections
from ..adapters.text import shorten
from ..documents import Actor, Problem
from ..queue import ExportQueue
from ..queue.arguments import LONGEST
from ..records.facts import build_cases
from ..records.table import DOCUMENT_UNREADABLE, DocumentKind, DocumentTable
from ..vocabulary import ExportStatus
from .connections import build_connections
from .database import Store, choose_database
from .file_store import FileStore
from .ledgers import check_ledgers
from .output import BadInput, build_bad_input, reserve_output
from .settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..documents import Commitment, Invoice
    from ..events import AuditEvent
    from ..rules import Case
    from ..verdict import Denial
    from .database import Database
    from .options import Options


@attrs.frozen(kw_only=True)
class CommandContext:
    """
    An open database with everything around it.

    Attributes:
        documents: The loaded documents as they are committed.
        files: The content of attachments, if there is a folder for it.
    """

    store: Store
    documents: DocumentTable
    queue: ExportQueue
    connections: Connections
    files: FileStore | None

    def find_person(self, person: str) -> Actor:
        """
        Return the person of that id.

        Raises:
            BadInput: No person has that id.
        """
        found: Actor | None = self.documents.get(DocumentKind.USER, person)
        if found is None and self.documents.find_unreadable(DocumentKind.USER, [person]):
            sentence = f"Load person {person} again: what was loaded cannot be read."
            raise build_bad_input("--as", "person.unreadable", sentence)
        if found is None:
            raise build_bad_input(
                "--as", "person.unknown", f"Name a person who was loaded: {person} was not."
            )
        return found

    def find_invoices(self, ids: Sequence[str]) -> dict[str, Invoice]:
        """
        Return the invoices of those ids, without those of which nothing can be read.

        Raises:
            BadInput: Some were not loaded; a problem for each.
        """
        found: dict[str, Invoice] = self.documents.get_many(DocumentKind.REQUISITION, ids)
        damaged = self.documents.find_unreadable(DocumentKind.REQUISITION, set(ids) - found.keys())
        problems = [
            Problem(
                f"ids[{place}]",
                "invoice.unknown",
                f"Load invoice {shorten(id_, LONGEST)} first: it is not here.",
            )
            for place, id_ in enumerate(ids)
            if id_ not in found and id_ not in damaged
        ]
        if problems:
            raise BadInput(problems)
        return found

    def explain_unreadable(self, ids: Sequence[str]) -> dict[str, Denial]:
        """Return for each invoice of which something cannot be read what it is, and what to do."""
        found: dict[str, Invoice] = self.documents.get_many(DocumentKind.REQUISITION, ids)
        missing = [id_ for id_ in ids if id_ not in found]
        reasons = {
            id_: _make_unreadable(id_, "invoice", id_)
            for id_ in self.documents.find_unreadable(DocumentKind.REQUISITION, missing)
        }
        commitments: dict[str, Commitment] = self.documents.get_many(
            DocumentKind.COMMITMENT, {invoice.commitment_id for invoice in found.values()}
        )
        vendors = self.documents.get_many(
            DocumentKind.VENDOR, {one.vendor_id for one in commitments.values()}
        )
        projects = self.documents.get_many(
            DocumentKind.PROJECT, {one.project_id for one in commitments.values()}
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
        Return the name of a connection that is there.

        Raises:
            BadInput: It is not.
        """
        if name not in self.connections:
            there = ", ".join(sorted(each.name for each in self.connections)) or "none"
            sentence = f"Name a connection that is there ({there}): {name} is not."
            raise build_bad_input(said_with, "connection.unknown", sentence)
        return name


def _make_unreadable(id_: str, kind: str, identity: str) -> Denial:
    return DOCUMENT_UNREADABLE.deny({"id": id_, "kind": kind, "document": identity})


@contextmanager
def open_context(
    options: Options,
    *,
    create: bool = False,
    read_only: bool = False,
    any_ledger: bool = False,
    observe: Callable[[AuditEvent], None] | None = None,
) -> Iterator[CommandContext]:
    """
    Open the database.

    Args:
        options: They name it.
        create: Make it where it is missing.
        read_only: Make, migrate and lock nothing: read permission is enough.
        any_ledger: Open it also where a connection names another ledger than the recorded one.
        observe: Called with each event.

    Raises:
        BadInput: It is not there, nothing was loaded into it, the settings are wrong, or a
            connection names another ledger than the one that the database books into.
    """
    # A plug-in may print while it loads or in a hook; that must not mix with the answer.
    with reserve_output(), _open(options, create, read_only, any_ledger, observe) as context:
        yield context


@contextmanager
def _open(
    options: Options,
    create: bool,  # noqa: FBT001 - as given to the function above
    read_only: bool,  # noqa: FBT001 - the same
    any_ledger: bool,  # noqa: FBT001 - the same
    observe: Callable[[AuditEvent], None] | None,
) -> Iterator[CommandContext]:
    named = choose_database(options)
    settings = read_settings(options.settings)
    connections = build_connections(settings, Adapters.installed(), named.beside, os.environ)
    if not create:
        _require_loaded(named)
    files = _locate_files(settings.files_dir, named.beside)
    with (named.open_read_only if read_only else named.open)() as (store, documents):
        if not (read_only or any_ledger):
            check_ledgers(documents, connections)

        def known(ids: Sequence[str]) -> Mapping[str, Case]:
            cases = build_cases(
                documents, ids, unsynced=lambda among: _select_unsynced(store, among)
            )
            return {id_: _drop_unkept_digests(case, files) for id_, case in cases.items()}

        yield CommandContext(
            store=store,
            documents=DocumentTable(documents),
            queue=ExportQueue(
                store,
                connections,
                known,
                settings.policy,
                observe=observe,
                attachments=None if files is None else files.open,
            ),
            connections=connections,
            files=files,
        )


def open_file_store(options: Options) -> FileStore | None:
    """Return the store of attachments of a database that need not be there yet."""
    return _locate_files(read_settings(options.settings).files_dir, choose_database(options).beside)


def _locate_files(named: Path | None, database: Path | None) -> FileStore | None:
    """Return the store of attachments: the folder that was named, or ``<database>.files``."""
    if named is None and database is not None:
        path = database.resolve()
        named = path.with_name(f"{path.name}.files")
    return None if named is None else FileStore(named)


def _drop_unkept_digests(case: Case, files: FileStore | None) -> Case:
    """Return the case without the digests of attachments whose content is not kept here."""
    document = case.document
    if document is None or not any(file.digest for file in document.attachments):
        return case
    attachments = tuple(
        file if files is not None and files.has(file.digest) else attrs.evolve(file, digest=None)
        for file in document.attachments
    )
    return attrs.evolve(case, document=attrs.evolve(document, attachments=attachments))


def _require_loaded(named: Database) -> None:
    """
    Require that something was loaded into the database.

    Raises:
        BadInput: It is not there, or empty.
    """
    if named.is_there():
        return
    empty, missing = (
        f"Load a file first: the database {named.name} is empty.",
        f"Load a file first: there is no database {named.name}.",
    )
    if named.is_empty():
        raise build_bad_input("--db", "database.empty", empty)
    raise build_bad_input("--db", "database.missing", missing)


def _select_unsynced(store: Store, ids: Collection[str]) -> list[str]:
    entries = store.entries(list(ids))
    return [entry.id for entry in entries if entry.status is not ExportStatus.SYNCED]

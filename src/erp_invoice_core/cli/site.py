"""What a verb works on: the database, its people and invoices, the queue and its connections."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ..adapters import Adapters, Connections
from ..documents import Actor, Problem
from ..queue import ExportQueue
from ..stores import SqliteStore
from ..stores.document_facts import facts
from ..stores.documents import DocumentKind, DocumentTable
from ..vocabulary import ExportStatus
from .answer import BadInput, bad
from .connections import connections_of
from .settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ..documents import Invoice
    from ..events import AuditEvent
    from .options import Options

__all__ = ["DATABASE", "Site", "opened"]

DATABASE = "erp.db"


@attrs.frozen(kw_only=True)
class Site:
    """
    An open database with everything around it.

    Attributes:
        reading: A connection that only reads, and sees what is committed.
        documents: The loaded documents, over that connection.
    """

    store: SqliteStore
    reading: sqlite3.Connection
    documents: DocumentTable
    queue: ExportQueue
    connections: Connections

    def person(self, person: str) -> Actor:
        """
        Return the person of that id.

        Raises:
            BadInput: There is none.
        """
        found: Actor | None = self.documents.get(DocumentKind.USER, person)
        if found is None:
            raise bad("--as", "person.unknown", f"Name a person who was loaded: {person} was not.")
        return found

    def invoices(self, ids: Sequence[str]) -> dict[str, Invoice]:
        """
        Return the invoices of those ids.

        Raises:
            BadInput: Some were not loaded; a problem for each.
        """
        found: dict[str, Invoice] = self.documents.many(DocumentKind.REQUISITION, ids)
        problems = [
            Problem(
                f"ids[{place}]", "invoice.unknown", f"Load invoice {id_} first: it is not here."
            )
            for place, id_ in enumerate(ids)
            if id_ not in found
        ]
        if problems:
            raise BadInput(problems)
        return found

    def connection(self, name: str) -> str:
        """
        Return the name of a connection that is there.

        Raises:
            BadInput: It is not.
        """
        if name not in self.connections:
            there = ", ".join(sorted(each.name for each in self.connections)) or "none"
            sentence = f"Name a connection that is there ({there}): {name} is not."
            raise bad("--to", "connection.unknown", sentence)
        return name


def database(options: Options) -> Path:
    """
    Return the path of the database file.

    Raises:
        BadInput: A URL was given, or what cannot be the name of a file.
    """
    given = DATABASE if options.db is None else options.db
    if given.startswith(("postgresql:", "postgres:")):
        sentence = "Name a file (SQLite): PostgreSQL comes with a later version."
        raise bad("--db", "database.unsupported", sentence)
    path = Path(given)
    if not path.name or "\0" in given:
        raise bad("--db", "usage.invalid", "Name a file for the database.")
    return path


@contextmanager
def opened(
    options: Options,
    *,
    create: bool = False,
    observe: Callable[[AuditEvent], None] | None = None,
) -> Iterator[Site]:
    """
    Open the database; with ``create`` it is made where it is missing.

    Raises:
        BadInput: It is not there, or the settings are wrong.
    """
    path = database(options)
    settings = read_settings(options.settings)
    connections = connections_of(settings, Adapters.installed(), path, os.environ)
    if not create and not path.is_file():
        raise bad("--db", "database.missing", f"Load a file first: there is no database {path}.")
    store = SqliteStore(path)
    with closing(store), store.transaction() as writing:
        DocumentTable(writing).create()
    with closing(store), closing(_reading(path)) as reading:
        yield Site(
            store=store,
            reading=reading,
            documents=DocumentTable(reading),
            queue=ExportQueue(
                store,
                connections,
                lambda ids: facts(reading, ids, unsynced=lambda among: _unsynced(store, among)),
                settings.policy,
                observe=observe,
            ),
            connections=connections,
        )


def _reading(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only=ON")
    return connection


def _unsynced(store: SqliteStore, ids: Collection[str]) -> list[str]:
    entries = store.entries(list(ids))
    return [entry.id for entry in entries if entry.status is not ExportStatus.SYNCED]

"""The database of the option ``--db``, in SQLite or PostgreSQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import attrs

from ..records.table import DocumentTable, open_rows
from ..stores import SqliteStore, StoreFault
from ..stores.sqlite.connection import has_table
from .output import build_bad_input

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import psycopg

    from ..stores import PostgresStore
    from ..stores.document_rows import DocumentRows
    from .options import Options


DATABASE = "erp.db"
#: The longest time in seconds to wait for a server or for a lock on it.
SERVER_WAIT = 10.0

Store: TypeAlias = "SqliteStore | PostgresStore"
#: A database connection of the store, in a transaction.
DatabaseConnection: TypeAlias = "sqlite3.Connection | psycopg.Connection[Any]"


class Database(Protocol):
    """The database of the queue and of the loaded documents."""

    @property
    def name(self) -> str:
        """The name that is shown to a person; it never contains a password."""
        ...

    @property
    def beside(self) -> Path | None:
        """The path of its file, if it has one; a ledger can be beside it."""
        ...

    def is_there(self) -> bool:
        """Return whether documents were loaded into it at any time."""
        ...

    def is_empty(self) -> bool:
        """Return whether the database exists, but nothing was ever loaded into it."""
        ...

    def open(self) -> AbstractContextManager[tuple[Store, DocumentRows]]:
        """Yield the queue's store, and the committed documents."""
        ...

    def open_read_only(self) -> AbstractContextManager[tuple[Store, DocumentRows]]:
        """Yield the same for reading; nothing is created, migrated or locked."""
        ...


@attrs.frozen
class _SqliteDatabase:
    """A SQLite file."""

    beside: Path

    @property
    def name(self) -> str:
        """The path."""
        return str(self.beside)

    def is_there(self) -> bool:
        """Return whether the file exists and has the tables of the documents."""
        return self.beside.is_file() and not self.is_empty()

    def is_empty(self) -> bool:
        """Return whether the file exists without the tables of the documents."""
        return self.beside.is_file() and not has_table(self.beside.absolute(), "erp_documents")

    @contextmanager
    def open(self) -> Iterator[tuple[Store, DocumentRows]]:
        """Yield the store, and the documents over a connection that only reads."""
        store = SqliteStore(self.beside)
        with closing(store), store.transaction() as writing:
            DocumentTable(writing).create()
        with closing(store), closing(_open_reader(self.beside)) as reading:
            yield store, open_rows(reading)

    @contextmanager
    def open_read_only(self) -> Iterator[tuple[Store, DocumentRows]]:
        """Yield the store and the documents over one connection that only reads."""
        with SqliteStore(self.beside, read_only=True, complete_copy=_complete_documents) as store:
            yield store, store.documents()


def _complete_documents(copy: sqlite3.Connection) -> None:
    DocumentTable(copy).create()


def _open_reader(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only=ON")
    return connection


@attrs.frozen
class _PostgresDatabase:
    """A schema on a PostgreSQL server."""

    _url: str = attrs.field(repr=False)
    beside: None = None

    @property
    def name(self) -> str:
        """A fixed text, because the URL may contain a password."""
        return "at this URL"

    def is_there(self) -> bool:
        """Return whether the tables of the documents exist."""
        from ..stores.postgres.connection import has_table  # noqa: PLC0415 - psycopg is an extra

        return has_table(self._url, "erp_documents", wait=SERVER_WAIT)

    def is_empty(self) -> bool:
        """Return ``False``, as a schema without the tables counts as missing."""
        return False

    @contextmanager
    def open(self) -> Iterator[tuple[Store, DocumentRows]]:
        """Yield the store and the documents, both over the connection of the calling thread."""
        from ..stores import PostgresStore  # noqa: PLC0415 - psycopg is an extra

        with closing(PostgresStore(self._url, wait=SERVER_WAIT)) as store:
            with store.transaction() as writing:
                DocumentTable(writing).create()
            yield store, store.documents()

    @contextmanager
    def open_read_only(self) -> Iterator[tuple[Store, DocumentRows]]:
        """
        Yield the store and the documents, both over a connection that needs to read only.

        Tables of an older version are migrated first; that needs the right to change them.
        """
        from ..stores import PostgresStore  # noqa: PLC0415 - psycopg is an extra
        from ..stores.postgres.schema import OlderTables  # noqa: PLC0415 - the same

        try:
            store = PostgresStore(self._url, wait=SERVER_WAIT, read_only=True)
        except OlderTables as older:
            try:
                with self.open():  # also those of the documents
                    pass
            except StoreFault:
                raise older from None
            store = PostgresStore(self._url, wait=SERVER_WAIT, read_only=True)
        with store:
            yield store, store.documents()


def _open_postgres_database(url: str) -> Database:
    if find_spec("psycopg") is None:
        sentence = "PostgreSQL needs psycopg, which is not installed. Run in a clone: pip install '.[postgres]'."
        raise build_bad_input("--db", "database.unsupported", sentence)
    return _PostgresDatabase(url)


def choose_database(options: Options) -> Database:
    """
    Return the database that the options name.

    Raises:
        BadInput: The name is not valid for a database.
    """
    given = DATABASE if options.db is None else options.db
    if given.startswith(("postgresql:", "postgres:")):
        return _open_postgres_database(given)
    path = Path(given)
    if not path.name or "\0" in given:
        raise build_bad_input("--db", "usage.invalid", "The database has no name. Name a file.")
    return _SqliteDatabase(path)

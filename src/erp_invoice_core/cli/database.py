"""The database of the option ``--db``, in SQLite or PostgreSQL."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import attrs

from ..records.table import RecordTable, open_rows
from ..stores import SqliteStore, StoreFault
from ..stores.record_rows import OLDER_TABLE
from ..stores.rows import from_column
from ..stores.sqlite.connection import has_table
from ..values import Value
from .output import build_bad_input

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import psycopg

    from ..stores import PostgresStore
    from ..stores.record_rows import RecordRows
    from .options import Options


DATABASE = "erp.db"
#: The longest time in seconds to wait for a server or for a lock on it.
SERVER_WAIT = 10.0

_SERVER = ("postgresql://", "postgres://")
# A text like the address of a server, which may have a password, is never shown as a file's name.
_LIKE_ADDRESS = re.compile(r"://|^\s*postgres[^/]*:|\bpassword\s*=", re.IGNORECASE)

#: The tables of this version and of older ones that exist once records were loaded.
LOADED_INTO = ("erp_records", OLDER_TABLE)
#: The table that exists once a queue was opened in the database, in every version.
_QUEUE_TABLE = "erp_entries"
_COMPANIES = "SELECT company FROM erp_entries UNION SELECT company FROM erp_events ORDER BY 1"

Store: TypeAlias = "SqliteStore | PostgresStore"
#: A database connection of the store, in a transaction.
DatabaseConnection: TypeAlias = "sqlite3.Connection | psycopg.Connection[Any]"


class Database(Protocol):
    """The database of the queue and of the loaded records."""

    @property
    def name(self) -> str:
        """The name that is shown to a person; it never contains a password."""
        ...

    @property
    def beside(self) -> Path | None:
        """The path of the database file, beside which a ledger may be; ``None`` on a server."""
        ...

    def is_there(self) -> bool:
        """Return whether records were loaded into it at any time."""
        ...

    def is_empty(self) -> bool:
        """Return whether the database exists, but nothing was ever loaded into it."""
        ...

    def has_queue(self) -> bool:
        """Return whether the database has the tables of a queue."""
        ...

    def open(self) -> AbstractContextManager[tuple[Store, RecordRows]]:
        """Yield the queue's store, and the committed records."""
        ...

    def open_read_only(self) -> AbstractContextManager[tuple[Store, RecordRows]]:
        """Yield the store and the records for reading; nothing is created or locked."""
        ...


@attrs.frozen(eq=False, repr=False)
class _SqliteDatabase(Value):
    """A SQLite file."""

    beside: Path

    @property
    def name(self) -> str:
        """The path."""
        return str(self.beside)

    def is_there(self) -> bool:
        """Return whether the file exists and has the tables of the records."""
        return self.beside.is_file() and not self.is_empty()

    def is_empty(self) -> bool:
        """Return whether the file exists without the tables of the records."""
        return self.beside.is_file() and not any(
            has_table(self.beside.absolute(), name) for name in LOADED_INTO
        )

    def has_queue(self) -> bool:
        """Return whether the file exists and has the tables of a queue."""
        return self.beside.is_file() and has_table(self.beside.absolute(), _QUEUE_TABLE)

    @contextmanager
    def open(self) -> Iterator[tuple[Store, RecordRows]]:
        """Yield the store, and the records over a connection that only reads."""
        store = SqliteStore(self.beside)
        with closing(store), store.transaction() as writing:
            RecordTable(writing).create()
        with closing(store), closing(_open_reader(self.beside)) as reading:
            yield store, open_rows(reading)

    @contextmanager
    def open_read_only(self) -> Iterator[tuple[Store, RecordRows]]:
        """Yield the store and the records over one connection that only reads."""
        with SqliteStore(self.beside, read_only=True, complete_copy=_complete_records) as store:
            yield store, store.records()


def _complete_records(copy: sqlite3.Connection) -> None:
    RecordTable(copy).create()


def _open_reader(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA query_only=ON")
    return db


@attrs.frozen(eq=False, repr=False)
class _PostgresDatabase(Value):
    """A schema on a PostgreSQL server."""

    _url: str = attrs.field(repr=False)
    beside: None = None

    @property
    def name(self) -> str:
        """A fixed text, because the URL may contain a password."""
        return "at this URL"

    def is_there(self) -> bool:
        """Return whether the tables of the records exist."""
        from ..stores.postgres.connection import has_table  # noqa: PLC0415 - psycopg is an extra

        return any(has_table(self._url, name, wait=SERVER_WAIT) for name in LOADED_INTO)

    def is_empty(self) -> bool:
        """Return ``False``, as a schema without the tables counts as missing."""
        return False

    def has_queue(self) -> bool:
        """Return whether the schema has the tables of a queue."""
        from ..stores.postgres.connection import has_table  # noqa: PLC0415 - psycopg is an extra

        return has_table(self._url, _QUEUE_TABLE, wait=SERVER_WAIT)

    @contextmanager
    def open(self) -> Iterator[tuple[Store, RecordRows]]:
        """Yield the store and the records, both over the connection of the calling thread."""
        from ..stores import PostgresStore  # noqa: PLC0415 - psycopg is an extra

        with closing(PostgresStore(self._url, wait=SERVER_WAIT)) as store:
            with store.transaction() as writing:
                RecordTable(writing).create()
            yield store, store.records()

    @contextmanager
    def open_read_only(self) -> Iterator[tuple[Store, RecordRows]]:
        """
        Yield the store and the records, both over a connection that only reads.

        Tables of an older version are migrated first; that needs the right to change them.
        """
        from ..stores import PostgresStore  # noqa: PLC0415 - psycopg is an extra
        from ..stores.postgres.schema import OlderTables  # noqa: PLC0415 - the same

        try:
            store = PostgresStore(self._url, wait=SERVER_WAIT, read_only=True)
        except OlderTables as older:
            try:
                with self.open():  # also those of the records
                    pass
            except StoreFault:
                raise older from None
            store = PostgresStore(self._url, wait=SERVER_WAIT, read_only=True)
        with store:
            yield store, store.records()


def read_companies(rows: RecordRows) -> list[str]:
    """Return the companies with entries or events in the database of the records, sorted."""
    return [from_column(str(company)) for (company,) in rows.query(_COMPANIES)]


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
    if given.startswith(_SERVER):
        return _open_postgres_database(given)
    if _LIKE_ADDRESS.search(given):
        raise build_bad_input(
            "--db",
            "usage.invalid",
            "This text is neither the name of a file nor the URL of a PostgreSQL server. "
            "Name a file, or write postgresql://USER@HOST/NAME.",
        )
    path = Path(given)
    if not path.name or "\0" in given:
        raise build_bad_input("--db", "usage.invalid", "The database has no name. Name a file.")
    if path.is_dir():
        raise build_bad_input(
            "--db", "usage.invalid", "{name} is a folder. Name a file.", name=given
        )
    return _SqliteDatabase(path)

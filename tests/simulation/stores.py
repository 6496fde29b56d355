"""The stores of the runs: memory, SQLite files, a PostgreSQL database."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from erp_invoice_core.stores import MemoryStore, SqliteStore
from erp_invoice_core.stores.unreadable_rows import set_aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from erp_invoice_core.stores import PostgresStore, Store

#: Makes an empty store and returns what opens it, once for every process.
NewStore: TypeAlias = "Callable[[], Opener]"
KINDS = ("memory", "sqlite", "postgres")

# A power failure is not simulated, and memory is quicker than a disk.
_MEMORY = Path("/dev/shm")  # noqa: S108 - where it is there, it is the system's own


class _FileOpener:
    """Opens one SQLite file, and makes backups of it beside it."""

    def __init__(self, path: Path, opened: list[SqliteStore]) -> None:
        self._path = path
        self._opened = opened

    def __call__(self) -> Store:
        self._opened.append(SqliteStore(self._path))
        return self._opened[-1]

    def backup(self) -> Callable[[], None]:
        """Back up the committed data, and return a function that restores it."""
        return file_backup(self._path, self._path.with_suffix(".backup"))

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Make the row of an entry unreadable, and return a function that puts it back."""
        return file_damage(self._path, entry_id)


class _DatabaseOpener:
    """Opens one PostgreSQL database; connections that are idle are used again."""

    def __init__(self, opened: list[PostgresStore], new: Callable[[], PostgresStore]) -> None:
        self._idle = list(opened)
        self._opened = opened
        self._new = new

    def __call__(self) -> Store:
        if self._idle:
            return self._idle.pop()
        self._opened.append(self._new())
        return self._opened[-1]

    def backup(self) -> Callable[[], None]:
        """Back up the committed data, and return a function that restores it."""
        return database_backup(self._opened[0])

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Make the row of an entry unreadable, and return a function that puts it back."""
        return database_damage(self._opened[0], entry_id)


def _folder() -> Path | None:
    return _MEMORY if os.access(_MEMORY, os.W_OK) else None


class _Files:
    """SQLite files in a folder, one for each run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._opened: list[SqliteStore] = []

    def new(self) -> Opener:
        """Remove the former file."""
        self.close()
        for old in self._folder.iterdir():
            old.unlink()
        self._number += 1
        return _FileOpener(self._folder / f"{self._number}.db", self._opened)

    def close(self) -> None:
        """Close what was opened."""
        while self._opened:
            self._opened.pop().close()


class _Database:
    """A PostgreSQL database, emptied for each run; its connections stay open."""

    def __init__(self, dsn: str) -> None:
        from erp_invoice_core.stores import PostgresStore  # noqa: PLC0415 - psycopg is an extra

        self._open = partial(PostgresStore, dsn)
        self._stores: list[PostgresStore] = [self._open()]

    def new(self) -> Opener:
        """Empty the tables."""
        with self._stores[0].transaction() as db:
            db.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY")
        return _DatabaseOpener(self._stores, self._open)

    def close(self) -> None:
        """Close every connection."""
        for store in self._stores:
            store.close()


@contextmanager
def open_stores(kind: str, dsn: str | None = None) -> Iterator[NewStore]:
    """
    Provide empty stores of a kind, one after the other; a new one ends the former.

    Args:
        kind: One of :data:`KINDS`.
        dsn: The PostgreSQL database; the queue's tables in it are emptied.

    Raises:
        ValueError: There is no such kind, or no database is named.
    """
    with ExitStack() as stack:
        if kind == "memory":
            yield MemoryOpener
        elif kind == "sqlite":
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="simulation-", dir=_folder())
            )
            files = _Files(Path(folder))
            stack.callback(files.close)
            yield files.new
        elif kind == "postgres" and dsn:
            database = _Database(dsn)
            stack.callback(database.close)
            yield database.new
        else:
            msg = f"Name a kind of store ({', '.join(KINDS)}), and for postgres a database."
            raise ValueError(msg)


# === Backups of a run's store, and damaged rows; both are put back later.

#: Not the text of any entry.
_DAMAGED = b"{"
#: The tables of a PostgreSQL database that belong to the queue.
TABLES = (
    "erp_entries",
    "erp_events",
    "erp_number_slots",
    "erp_shared_number_slots",
    "erp_document_owners",
    "erp_commands",
    "erp_restores",
)


class Opener(Protocol):
    """Opens the store of one run, and makes backups of it."""

    def __call__(self) -> Store:
        """Open the store for another process."""
        ...

    def backup(self) -> Callable[[], None]:
        """Back up the committed data, and return a function that restores it."""
        ...

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Make the row of an entry unreadable, and return a function that puts it back."""
        ...


class _Memory(MemoryStore):
    """A queue in memory that can go back to an earlier state of itself."""

    def backup(self) -> Callable[[], None]:
        """Back up the committed data, and return a function that restores it."""
        kept, restore = self._tables.copy(), self._restore

        def back() -> None:
            self._tables, self._restore = kept.copy(), restore

        return back

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Set the entry aside, and return a function that puts it back."""
        rows = self._tables.entries
        former = rows[entry_id]
        rows[entry_id] = set_aside(entry_id, "Its bytes are damaged.")

        def back() -> None:
            rows[entry_id] = former

        return back


class MemoryOpener:
    """A queue in memory: all processes share one."""

    def __init__(self) -> None:
        """Begin empty."""
        self._store = _Memory()

    def __call__(self) -> Store:
        """Return the store."""
        return self._store

    def backup(self) -> Callable[[], None]:
        """Back up the committed data, and return a function that restores it."""
        return self._store.backup()

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Set the entry aside, and return a function that puts it back."""
        return self._store.damage(entry_id)


def file_backup(path: Path, copy: Path) -> Callable[[], None]:
    """Back up a SQLite database with SQLite, and return a function that restores it."""

    def copy_(source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there)

    copy_(path, copy)
    return lambda: copy_(copy, path)


def file_damage(path: Path, entry_id: str) -> Callable[[], None]:
    """Overwrite the body of an entry in a SQLite file; return a function that puts it back."""

    def write(body: object) -> object:
        with closing(sqlite3.connect(path)) as db, db:
            found = db.execute("SELECT body FROM erp_entries WHERE id = ?", (entry_id,))
            ((former,),) = found.fetchall()
            db.execute("UPDATE erp_entries SET body = ? WHERE id = ?", (body, entry_id))
        return former

    former = write(_DAMAGED)
    return lambda: (write(former), None)[1]


def database_damage(store: PostgresStore, entry_id: str) -> Callable[[], None]:
    """Overwrite the body of an entry in PostgreSQL; return a function that puts it back."""

    def write(body: object) -> object:
        with store.transaction() as db:
            found = db.execute("SELECT body FROM erp_entries WHERE id = %s", (entry_id,))
            ((former,),) = found.fetchall()
            db.execute("UPDATE erp_entries SET body = %s WHERE id = %s", (body, entry_id))
        return former

    former = write(_DAMAGED)
    return lambda: (write(former), None)[1]


def database_backup(store: PostgresStore) -> Callable[[], None]:
    """Copy the queue's tables in their database; return a function that restores them."""
    with store.transaction() as db:
        for table in TABLES:
            db.execute(f"DROP TABLE IF EXISTS kept_{table}")
            db.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")

    def back() -> None:
        with store.transaction() as db:
            db.execute(f"TRUNCATE {', '.join(TABLES)}")
            for table in TABLES:
                rows = f"SELECT * FROM kept_{table}"  # noqa: S608 - the names are ours
                db.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE {rows}")

    return back

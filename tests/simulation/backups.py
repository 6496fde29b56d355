"""Backups of a history's store, and rows that are damaged: what was kept is put back later."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

from erp_invoice_core.stores import MemoryStore
from erp_invoice_core.stores.unreadable_rows import set_aside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from erp_invoice_core.stores import PostgresStore, Store

__all__ = [
    "TABLES",
    "MemoryOpener",
    "Opener",
    "database_backup",
    "database_damage",
    "file_backup",
    "file_damage",
]

#: No entry reads so.
_DAMAGED = b"{"
#: The tables of a PostgreSQL database that belong to the queue.
TABLES = (
    "erp_entries",
    "erp_events",
    "erp_slots",
    "erp_slots_shared",
    "erp_owners",
    "erp_commands",
    "erp_restores",
)


class Opener(Protocol):
    """Opens the store of one history, and makes backups of it."""

    def __call__(self) -> Store:
        """Open the store for another process."""
        ...

    def backup(self) -> Callable[[], None]:
        """Keep what is committed, and return what puts it back."""
        ...

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Make the row of an entry unreadable, and return what puts its bytes back."""
        ...


class _Memory(MemoryStore):
    """A queue in memory that can go back to an earlier state of itself."""

    def backup(self) -> Callable[[], None]:
        """Keep what is committed, and return what puts it back."""
        kept, restore = self._tables.copy(), self._restore

        def back() -> None:
            self._tables, self._restore = kept.copy(), restore

        return back

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Set the entry aside, and return what puts it back."""
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
        """Keep what is committed, and return what puts it back."""
        return self._store.backup()

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Set the entry aside, and return what puts it back."""
        return self._store.damage(entry_id)


def file_backup(path: Path, copy: Path) -> Callable[[], None]:
    """Copy a SQLite database by SQLite's own means, and return what puts the copy back."""

    def copied(source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there)

    copied(path, copy)
    return lambda: copied(copy, path)


def file_damage(path: Path, entry_id: str) -> Callable[[], None]:
    """Overwrite the body of an entry in a SQLite file, and return what puts it back."""

    def written(body: object) -> object:
        with closing(sqlite3.connect(path)) as connection, connection:
            found = connection.execute("SELECT body FROM erp_entries WHERE id = ?", (entry_id,))
            ((former,),) = found.fetchall()
            connection.execute("UPDATE erp_entries SET body = ? WHERE id = ?", (body, entry_id))
        return former

    former = written(_DAMAGED)
    return lambda: (written(former), None)[1]


def database_damage(store: PostgresStore, entry_id: str) -> Callable[[], None]:
    """Overwrite the body of an entry in PostgreSQL, and return what puts it back."""

    def written(body: object) -> object:
        with store.transaction() as connection:
            found = connection.execute("SELECT body FROM erp_entries WHERE id = %s", (entry_id,))
            ((former,),) = found.fetchall()
            connection.execute("UPDATE erp_entries SET body = %s WHERE id = %s", (body, entry_id))
        return former

    former = written(_DAMAGED)
    return lambda: (written(former), None)[1]


def database_backup(store: PostgresStore) -> Callable[[], None]:
    """Copy the queue's tables beside themselves, and return what puts the rows back."""
    with store.transaction() as connection:
        for table in TABLES:
            connection.execute(f"DROP TABLE IF EXISTS kept_{table}")
            connection.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")

    def back() -> None:
        with store.transaction() as connection:
            connection.execute(f"TRUNCATE {', '.join(TABLES)}")
            for table in TABLES:
                rows = f"SELECT * FROM kept_{table}"  # noqa: S608 - the names are ours
                connection.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE {rows}")

    return back

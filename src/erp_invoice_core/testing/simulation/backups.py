"""Backups of a history's store: what is kept now can be put back later."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Protocol

from ...stores import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...stores import PostgresStore, Store

__all__ = ["MemoryOpener", "Opener", "database_backup", "file_backup"]

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


class _Memory(MemoryStore):
    """A queue in memory that can go back to an earlier state of itself."""

    def backup(self) -> Callable[[], None]:
        """Keep what is committed, and return what puts it back."""
        kept, restore = self._tables.copy(), self._restore

        def back() -> None:
            self._tables, self._restore = kept.copy(), restore

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


def file_backup(path: Path, copy: Path) -> Callable[[], None]:
    """Copy a SQLite database by SQLite's own means, and return what puts the copy back."""

    def copied(source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there)

    copied(path, copy)
    return lambda: copied(copy, path)


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

"""Where the histories' stores come from: memory, SQLite files, a PostgreSQL database."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ...stores import MemoryStore, SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...stores import PostgresStore, Store

__all__ = ["KINDS", "NewStore", "shelf"]

#: Makes an empty store and returns what opens it, once for every process.
NewStore: TypeAlias = "Callable[[], Callable[[], Store]]"
KINDS = ("memory", "sqlite", "postgres")

# What a disk keeps when the power fails is no matter of these histories: memory is quicker.
_MEMORY = Path("/dev/shm")  # noqa: S108 - where it is there, it is the system's own
_TABLES = "erp_entries, erp_events, erp_slots, erp_owners, erp_commands"


def _in_memory() -> Callable[[], Store]:
    store = MemoryStore()
    return lambda: store


def _folder() -> Path | None:
    return _MEMORY if os.access(_MEMORY, os.W_OK) else None


class _Files:
    """SQLite files in a folder, one for each history."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._opened: list[SqliteStore] = []

    def new(self) -> Callable[[], Store]:
        """Clear the former file away."""
        self.close()
        for old in self._folder.iterdir():
            old.unlink()
        self._number += 1
        path = self._folder / f"{self._number}.db"

        def opened() -> Store:
            self._opened.append(SqliteStore(path))
            return self._opened[-1]

        return opened

    def close(self) -> None:
        """Close what was opened."""
        while self._opened:
            self._opened.pop().close()


class _Database:
    """A PostgreSQL database, emptied for each history; its connections are kept."""

    def __init__(self, dsn: str) -> None:
        from ...stores import PostgresStore  # noqa: PLC0415 - psycopg is an extra

        self._open = partial(PostgresStore, dsn)
        self._stores: list[PostgresStore] = [self._open()]

    def new(self) -> Callable[[], Store]:
        """Empty the tables."""
        with self._stores[0].transaction() as connection:
            connection.execute(f"TRUNCATE {_TABLES} RESTART IDENTITY")
        idle = list(self._stores)

        def opened() -> Store:
            if idle:
                return idle.pop()
            self._stores.append(self._open())
            return self._stores[-1]

        return opened

    def close(self) -> None:
        """Close every connection."""
        for store in self._stores:
            store.close()


@contextmanager
def shelf(kind: str, dsn: str | None = None) -> Iterator[NewStore]:
    """
    Provide empty stores of a kind, one after the other; a new one ends the former.

    Args:
        kind: One of :data:`KINDS`.
        dsn: Names the PostgreSQL database; its tables of ours are emptied.

    Raises:
        ValueError: There is no such kind, or no database is named.
    """
    with ExitStack() as stack:
        if kind == "memory":
            yield _in_memory
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

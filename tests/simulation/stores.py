"""Where the histories' stores come from: memory, SQLite files, a PostgreSQL database."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from erp_invoice_core.stores import SqliteStore

from .backups import (
    TABLES,
    MemoryOpener,
    Opener,
    database_backup,
    database_damage,
    file_backup,
    file_damage,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from erp_invoice_core.stores import PostgresStore, Store

__all__ = ["KINDS", "NewStore", "shelf"]

#: Makes an empty store and returns what opens it, once for every process.
NewStore: TypeAlias = "Callable[[], Opener]"
KINDS = ("memory", "sqlite", "postgres")

# What a disk keeps when the power fails is no matter of these histories: memory is quicker.
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
        """Keep what is committed, and return what puts it back."""
        return file_backup(self._path, self._path.with_suffix(".backup"))

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Make the row of an entry unreadable, and return what puts its bytes back."""
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
        """Keep what is committed, and return what puts it back."""
        return database_backup(self._opened[0])

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Make the row of an entry unreadable, and return what puts its bytes back."""
        return database_damage(self._opened[0], entry_id)


def _folder() -> Path | None:
    return _MEMORY if os.access(_MEMORY, os.W_OK) else None


class _Files:
    """SQLite files in a folder, one for each history."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._opened: list[SqliteStore] = []

    def new(self) -> Opener:
        """Clear the former file away."""
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
    """A PostgreSQL database, emptied for each history; its connections are kept."""

    def __init__(self, dsn: str) -> None:
        from erp_invoice_core.stores import PostgresStore  # noqa: PLC0415 - psycopg is an extra

        self._open = partial(PostgresStore, dsn)
        self._stores: list[PostgresStore] = [self._open()]

    def new(self) -> Opener:
        """Empty the tables."""
        with self._stores[0].transaction() as connection:
            connection.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY")
        return _DatabaseOpener(self._stores, self._open)

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

"""Database connections to a SQLite file, one per thread and process."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from ..errors import CommitUnknown
from .columns import query
from .errors import NO_ANSWER, is_without_room, translate_errors
from .read_only import connect_read_only
from .schema import open_readable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


# Each checkpoint of the log costs three fsyncs, so it is allowed to reach 40 MB.
_WAL_PAGES = 8192
_PAGE_BYTES = 4096
# A forked process must not even close a connection of its parent.
_INHERITED: list[sqlite3.Connection] = []


class ThreadConnection:
    """
    A connection of one thread, closed by garbage collection; a read-only one creates no file.

    Raises:
        StoreFault: The file cannot be opened, or is not a database; for reading only, also if it is
            empty or of a newer version.
    """

    def __init__(
        self,
        path: Path,
        wait: float,
        *,
        read_only: bool = False,
        complete_copy: Callable[[sqlite3.Connection], object] | None = None,
    ) -> None:
        self.pid = os.getpid()
        with translate_errors():
            self.db = (
                _connect_to_read(path, wait, complete_copy)
                if read_only
                else _connect_to_write(path, wait)
            )

    @property
    def is_ours(self) -> bool:
        """Return whether this process opened the connection."""
        return self.pid == os.getpid()

    def close(self) -> None:
        """Close the connection, unless this process was forked from the one that opened it."""
        if self.is_ours:
            self.db.close()
        else:
            _INHERITED.append(self.db)

    def __del__(self) -> None:
        if hasattr(self, "db"):
            self.close()


def _connect_to_read(
    path: Path, wait: float, complete_copy: Callable[[sqlite3.Connection], object] | None
) -> sqlite3.Connection:
    db = connect_read_only(path, wait)
    try:
        return open_readable(db, complete_copy)
    except BaseException:
        db.close()
        raise


def _connect_to_write(path: Path, wait: float) -> sqlite3.Connection:
    # One thread uses it, but another thread may collect it.
    db = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute(f"PRAGMA wal_autocheckpoint={_WAL_PAGES}")
        # After a long transaction, as a load of many records, the log gives its space back.
        db.execute(f"PRAGMA journal_size_limit={_WAL_PAGES * _PAGE_BYTES}")
    except BaseException:
        db.close()
        raise
    return db


def commit(db: sqlite3.Connection) -> None:
    """
    Commit a transaction, or roll it back if the commit fails.

    Raises:
        CommitUnknown: The answer of the commit was lost.
        sqlite3.Error: The commit failed; nothing was stored.
    """
    try:
        db.execute("COMMIT")
    except sqlite3.Error as error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        elif not is_without_room(error):
            raise CommitUnknown(NO_ANSWER) from error
        raise


def has_table(path: Path, name: str) -> bool:
    """
    Return whether the file has a table.

    Raises:
        StoreFault: The file cannot be read, or is not a database.
    """
    with translate_errors(), closing(connect_read_only(path, 0.0)) as db:
        found = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return bool(query(db, found, name))

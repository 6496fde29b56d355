"""Database connections to a SQLite file, one per thread and process."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from .columns import query
from .errors import translate_errors
from .read_only import connect_read_only
from .schema import open_readable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


# Each time that the log is written back costs three fsyncs; it stays below 40 MB for that.
_WAL_PAGES = 8192
# A connection must not even be closed in a process that was forked from its owner's.
_INHERITED: list[sqlite3.Connection] = []


class ThreadConnection:
    """
    An open connection, closed when it is let go; one that only reads makes no file.

    Raises:
        StoreFault: The file cannot be opened, or is no database; or it is empty or too new, and
            may only be read.
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
            self.connection = (
                _connect_to_read(path, wait, complete_copy)
                if read_only
                else _connect_to_write(path, wait)
            )

    @property
    def is_ours(self) -> bool:
        """Return whether it was opened by this process."""
        return self.pid == os.getpid()

    def close(self) -> None:
        """Close it, or, in a forked process, only let it be."""
        if self.is_ours:
            self.connection.close()
        else:
            _INHERITED.append(self.connection)

    def __del__(self) -> None:
        if hasattr(self, "connection"):
            self.close()


def _connect_to_read(
    path: Path, wait: float, complete_copy: Callable[[sqlite3.Connection], object] | None
) -> sqlite3.Connection:
    connection = connect_read_only(path, wait)
    try:
        return open_readable(connection, complete_copy)
    except BaseException:
        connection.close()
        raise


def _connect_to_write(path: Path, wait: float) -> sqlite3.Connection:
    # One thread uses it; another one may be the one that clears it away.
    connection = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={_WAL_PAGES}")
    except BaseException:
        connection.close()
        raise
    return connection


def has_table(path: Path, name: str) -> bool:
    """
    Return whether the file has that table.

    Raises:
        StoreFault: The file cannot be read, or is not a database.
    """
    with translate_errors(), closing(connect_read_only(path, 0.0)) as connection:
        found = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return bool(query(connection, found, name))

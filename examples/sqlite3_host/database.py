"""The host's database: its table, and its transactions, which run again after a conflict."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from erp_invoice_core import HostMustRetry

from ..harbor_point import BILLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["connect", "create", "run_with_retry", "transaction"]

T = TypeVar("T")

_TRIES = 5
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY = 0xFF


def connect(path: str) -> sqlite3.Connection:
    """Open the file; ``transaction`` begins transactions, and a commit is on the disk."""
    database = sqlite3.connect(path, timeout=5.0, isolation_level=None)
    database.execute("PRAGMA synchronous = FULL")
    return database


def create(database: sqlite3.Connection) -> None:
    """Make the table, with the first bills; amounts are whole cents."""
    with transaction(database):
        database.execute(
            "CREATE TABLE bills (id TEXT PRIMARY KEY, number TEXT NOT NULL,"
            " status TEXT NOT NULL, cents INTEGER NOT NULL, sent_by TEXT)"
        )
        database.executemany("INSERT INTO bills VALUES (?, ?, ?, ?, NULL)", BILLS)


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Take the write lock at the start; commit at the end, roll back on an exception."""
    database.execute("BEGIN IMMEDIATE")
    with database:
        yield


def run_with_retry(work: Callable[[], T]) -> T:
    """Run a whole transaction, and run it again if the database was busy."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except (HostMustRetry, sqlite3.OperationalError) as error:
            if not _is_busy(error):
                raise
        time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - so that two hosts do not meet again
    return work()


def _is_busy(error: HostMustRetry | sqlite3.OperationalError) -> bool:
    """Return whether the queue, or a statement of the host, found the database busy."""
    if isinstance(error, HostMustRetry):
        return True
    return error.sqlite_errorcode & _PRIMARY in _BUSY

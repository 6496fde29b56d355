"""Translation of SQLite's errors into errors of the store."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import HostMustRetry, StoreBusy, StoreError, StoreFault

if TYPE_CHECKING:
    from collections.abc import Iterator


_LOG = logging.getLogger(__name__)
NO_ANSWER = "Read the entry again before anything else: the commit gave no answer."

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY = 0xFF
_NO_ROOM = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}
_SENTENCES = {
    sqlite3.SQLITE_READONLY: "Make the database writable: nothing was stored.",
    sqlite3.SQLITE_NOTADB: "This file is not a SQLite database. Name a database of the queue.",
    sqlite3.SQLITE_CORRUPT: "Restore the database from a copy: this file is damaged.",
    sqlite3.SQLITE_CANTOPEN: "Name a database in a folder that is there and can be opened.",
}


def is_without_room(error: sqlite3.Error) -> bool:
    """
    Return whether a page could not be written: no space on the disk, or a limit on the file's size.

    The page that makes a transaction count is written last, with a checksum: it is not there.
    """
    return getattr(error, "sqlite_errorcode", 0) in _NO_ROOM


def _translate_error(error: sqlite3.Error, *, host: bool) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code in _BUSY:
        _LOG.warning("The database was busy.", extra={"event": "store_busy", "error": name})
        if host:
            return HostMustRetry("Roll back and run the transaction again: the database was busy.")
        return StoreBusy("Try again: others held the database for too long.")
    _LOG.error(
        "The database could not do it: %s.", name, extra={"event": "store_failed", "error": name}
    )
    if is_without_room(error):
        return StoreFault("Free space on the disk: nothing was stored.")
    return StoreFault(_SENTENCES.get(code, f"The database could not do it: {error}."))


@contextmanager
def translate_errors(*, host: bool = False) -> Iterator[None]:
    """Raise a :class:`StoreError` with a sentence instead of SQLite's error."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate_error(error, host=host) from error

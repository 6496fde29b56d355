"""Translation of SQLite's errors into errors of the store."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

import attrs

from ..errors import HostMustRetry, StoreBusy, StoreError, StoreFault

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


_LOG = logging.getLogger(__name__)
NO_ANSWER = "The commit gave no answer. Read the entry again first."

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY = 0xFF
_NO_ROOM = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}
_SENTENCES = {
    sqlite3.SQLITE_READONLY: "The database cannot be written. Nothing was stored. Make it writable.",
    sqlite3.SQLITE_NOTADB: "This file is not a SQLite database. Name a database of the queue.",
    sqlite3.SQLITE_CORRUPT: "This file is damaged. Restore the database from a copy.",
    sqlite3.SQLITE_CANTOPEN: "The database file cannot be opened. Name one in an existing, readable folder.",
}


def is_without_room(error: sqlite3.Error) -> bool:
    """
    Return whether a page could not be written, because of a full disk or a size limit.

    Then the transaction is not committed, because SQLite writes its commit record last.
    """
    return getattr(error, "sqlite_errorcode", 0) in _NO_ROOM


def _translate_error(error: sqlite3.Error, *, host: bool) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code in _BUSY:
        _LOG.warning("The database was busy.", extra={"event": "store_busy", "error": name})
        if host:
            return HostMustRetry("The database was busy. Roll back and run the transaction again.")
        return StoreBusy("Other processes locked the database for too long. Try again.")
    _LOG.error(
        "A database operation failed: %s.", name, extra={"event": "store_failed", "error": name}
    )
    if is_without_room(error):
        return StoreFault("The disk is full. Nothing was stored. Free space on it.")
    return StoreFault(_SENTENCES.get(code, f"The database reports an error: {error}."))


@attrs.frozen
class _Translation:
    """
    A block whose SQLite errors are translated.

    It is a class, as each transaction enters three of them, and a context manager that is written
    as a generator takes longer (benchmark 4a).
    """

    host: bool

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise _translate_error(error, host=self.host) from error


_OWN, _OF_HOST = _Translation(host=False), _Translation(host=True)


def translate_errors(*, host: bool = False) -> AbstractContextManager[None]:
    """
    Raise a :class:`StoreError` with a sentence instead of SQLite's error.

    ``host`` is true for a host's connection, on which a busy database raises :class:`HostMustRetry`
    instead of :class:`StoreBusy`.
    """
    return _OF_HOST if host else _OWN

"""Translation of PostgreSQL's errors into errors of the store, without secrets."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors

from ..errors import HostMustRetry, StoreBusy, StoreError, StoreFault

if TYPE_CHECKING:
    from collections.abc import Iterator


_BUSY = (
    errors.LockNotAvailable,
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.QueryCanceled,
)
_LOG = logging.getLogger(__name__)
# The server, or the network to it, is not available now.
_AWAY = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.TooManyConnections,
    errors.IdleInTransactionSessionTimeout,
    errors.ConnectionException,
    errors.ConnectionFailure,
    errors.ConnectionDoesNotExist,
)
_SENTENCES: tuple[tuple[type[psycopg.Error], str], ...] = (
    (errors.DiskFull, "The database's disk is full. Nothing was stored. Free space on it."),
    (
        errors.ReadOnlySqlTransaction,
        "This database can only be read. Name one that can be written.",
    ),
    (errors.InsufficientPrivilege, "The database's user has no right to do this ({}). Grant it."),
    (
        errors.UndefinedTable,
        "The tables of the queue are missing here ({}). Name the database and the schema with them.",
    ),
)


def is_gone(db: psycopg.Connection[Any]) -> bool:
    """Return whether the connection is broken, so that the last result is unknown."""
    return db.broken or db.closed


def translate_error(error: psycopg.Error, *, host: bool = False, gone: bool = False) -> StoreError:
    """
    Return the error of the store for an error of PostgreSQL.

    Args:
        error: The error of psycopg.
        host: True if it happened on a host's connection, in the host's transaction.
        gone: True if the connection is broken.
    """
    kind_of = "store_failed"
    if isinstance(error, _BUSY):
        kind_of = "store_busy"
    elif gone or isinstance(error, _AWAY):
        kind_of = "store_unavailable"
    name = type(error).__name__
    extra = {"event": kind_of, "error": name, "sqlstate": error.sqlstate}
    _LOG.warning("A database operation failed: %s.", name, extra=extra)
    if isinstance(error, _BUSY) or (host and isinstance(error, errors.InFailedSqlTransaction)):
        if host:
            return HostMustRetry("The database was busy. Roll back and run the transaction again.")
        return StoreBusy("Other processes locked the database for too long. Try again.")
    if gone or isinstance(error, _AWAY):
        if host:
            return HostMustRetry("The connection broke. Connect and run the transaction again.")
        return StoreBusy("The connection to the database broke. Nothing was stored. Try again.")
    statements = (error.diag.message_primary or type(error).__name__).rstrip(".")
    for kind, sentence in _SENTENCES:
        if isinstance(error, kind):
            return StoreFault(sentence.format(statements))
    return StoreFault(f"The database reports an error: {statements}.")


@contextmanager
def translate_errors(db: psycopg.Connection[Any], *, host: bool = False) -> Iterator[None]:
    """
    Raise a :class:`StoreError` with a sentence instead of PostgreSQL's error.

    ``host`` is true for a host's connection, on which a lock or a broken connection raises
    :class:`HostMustRetry` instead of :class:`StoreBusy`.
    """
    try:
        yield
    except psycopg.Error as error:
        raise translate_error(error, host=host, gone=is_gone(db)) from error

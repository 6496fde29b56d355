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
# The server, or the way to it, is not there at the moment.
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
    (errors.DiskFull, "Free space on the database's disk: nothing was stored."),
    (errors.ReadOnlySqlTransaction, "Name a database that can be written to: this one only reads."),
    (errors.InsufficientPrivilege, "Grant the database's user the right to do this: {}."),
    (
        errors.UndefinedTable,
        "Name the database and the schema with the queue's tables: they are missing here ({}).",
    ),
)


def is_gone(connection: psycopg.Connection[Any]) -> bool:
    """Return whether the connection broke, so that the last result is unknown."""
    return connection.broken or connection.closed


def translate_error(error: psycopg.Error, *, host: bool = False, gone: bool = False) -> StoreError:
    """
    Return the error of the store for an error of PostgreSQL.

    Args:
        error: PostgreSQL's own.
        host: It happened on a host's connection, in the host's transaction.
        gone: The connection broke.
    """
    kind_of = "store_failed"
    if isinstance(error, _BUSY):
        kind_of = "store_busy"
    elif gone or isinstance(error, _AWAY):
        kind_of = "store_unavailable"
    name = type(error).__name__
    extra = {"event": kind_of, "error": name, "sqlstate": error.sqlstate}
    _LOG.warning("The database did not do it: %s.", name, extra=extra)
    if isinstance(error, _BUSY) or (host and isinstance(error, errors.InFailedSqlTransaction)):
        if host:
            return HostMustRetry("Roll back and run the transaction again: the database was busy.")
        return StoreBusy("Try again: others held the database for too long.")
    if gone or isinstance(error, _AWAY):
        if host:
            return HostMustRetry("Connect and run the transaction again: the connection broke.")
        return StoreBusy("Try again: the connection to the database broke, nothing was stored.")
    statements = (error.diag.message_primary or type(error).__name__).rstrip(".")
    for kind, sentence in _SENTENCES:
        if isinstance(error, kind):
            return StoreFault(sentence.format(statements))
    return StoreFault(f"The database could not do it: {statements}.")


@contextmanager
def translate_errors(connection: psycopg.Connection[Any], *, host: bool = False) -> Iterator[None]:
    """Raise a :class:`StoreError` with a sentence instead of PostgreSQL's error."""
    try:
        yield
    except psycopg.Error as error:
        raise translate_error(error, host=host, gone=is_gone(connection)) from error

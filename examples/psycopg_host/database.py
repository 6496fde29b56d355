"""The host's database: its table, and its transactions, which run again after a conflict."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import psycopg
from psycopg import errors

from erp_invoice_core import HostMustRetry

from ..harbor_point import BILLS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Database", "connect", "create", "run_with_retry"]

T = TypeVar("T")

#: A connection with any row factory.
Database: TypeAlias = psycopg.Connection[Any]

_TRIES = 5
#: The errors of a conflict, in the queue, in a statement of the host, or in a commit.
_AGAIN = (
    HostMustRetry,
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
)


def connect(dsn: str) -> Database:
    """Open a connection whose transactions are ``transaction()`` blocks."""
    return psycopg.connect(dsn, autocommit=True)


def create(database: Database) -> None:
    """Make the table, with the first bills; amounts are whole cents."""
    with database.transaction(), database.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bills (id text PRIMARY KEY, number text NOT NULL,"
            " status text NOT NULL, cents integer NOT NULL, sent_by text)"
        )
        cursor.executemany("INSERT INTO bills VALUES (%s, %s, %s, %s)", BILLS)


def run_with_retry(work: Callable[[], T]) -> T:
    """Run a whole transaction, and run it again if the database asks for it."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except _AGAIN:
            time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - so that two hosts do not meet again
    return work()

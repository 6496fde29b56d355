"""The host's engine, the driver's own connection, and transactions that run again."""

from __future__ import annotations

import random
import sqlite3
import time
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from erp_invoice_core import HostMustRetry

from ..harbor_point import BILLS
from .models import Base, Bill

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

__all__ = ["create", "engine_at", "get_driver_connection", "get_reading_engine", "run_with_retry"]

T = TypeVar("T")

_TRIES = 5
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY = 0xFF
#: serialization_failure, deadlock_detected, lock_not_available
_AGAIN = {"40001", "40P01", "55P03"}


def engine_at(url: str) -> Engine:
    """Return an engine; on SQLite its transactions begin with those of SQLAlchemy."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_beginning_to_us)
        event.listen(engine, "begin", _begin)
    return engine


def _leave_beginning_to_us(connection: sqlite3.Connection, _record: object) -> None:
    # Python's driver would begin only before a change, and not at all before a SELECT.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    # The write lock from the start: no other process writes between our read and our write.
    kind = "DEFERRED" if connection.get_execution_options().get("reading") else "IMMEDIATE"
    connection.exec_driver_sql(f"BEGIN {kind}")


def get_reading_engine(engine: Engine) -> Engine:
    """Return the engine for transactions that only read: on SQLite they do not wait for writers."""
    return engine.execution_options(reading=True)


def create(engine: Engine) -> None:
    """Make the tables, with the first bills."""
    Base.metadata.create_all(engine)
    with sessionmaker(engine).begin() as session:
        for bill_id, number, status, cents in BILLS:
            session.add(Bill(id=bill_id, number=number, status=status, cents=cents))


def get_driver_connection(session: Session) -> object:
    """Return the driver's connection under a session, with its transaction open."""
    connection = session.connection()
    connection.exec_driver_sql("SELECT 1")  # psycopg begins with the first statement
    return connection.connection.driver_connection


def run_with_retry(work: Callable[[], T]) -> T:
    """Run a whole transaction, and run it again if the database asks for it."""
    for _ in range(_TRIES - 1):
        try:
            return work()
        except (HostMustRetry, DBAPIError) as error:
            if not _is_to_be_retried(error):
                raise
        time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - so that two hosts do not meet again
    return work()


def _is_to_be_retried(error: HostMustRetry | DBAPIError) -> bool:
    """Return whether the queue, or a statement of the host, had a conflict."""
    if isinstance(error, HostMustRetry):
        return True
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return getattr(error.orig, "sqlstate", None) in _AGAIN or code & _PRIMARY in _BUSY

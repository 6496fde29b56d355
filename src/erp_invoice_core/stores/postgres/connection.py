"""Connections to a PostgreSQL database, and its address."""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from contextlib import closing, suppress
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import PipelineStatus, TransactionStatus

from ..errors import HostMustRetry, NoTransaction, StoreBusy, StoreFault
from .errors import translate_errors
from .sql import open_cursor

_LOG = logging.getLogger(__name__)
_PAUSE = 0.05
_LONGEST_PAUSE = 0.5
# Messages of libpq or the server about a refused connection. They have no code, and waiting does
# not remove their causes.
_HOPELESS = (
    "password authentication failed",
    "no password supplied",
    "does not exist",
    "no pg_hba.conf entry",
    "could not translate host name",
    "is not permitted to log in",
    "invalid ",
)
# A stricter setting of synchronous_commit, as remote_apply, is not changed.
_SETTINGS = """
    SELECT set_config('lock_timeout', %s, {local}),
        set_config('idle_in_transaction_session_timeout', %s, {local}),
        set_config('default_transaction_isolation', 'read committed', {local}),
        set_config('synchronous_commit', CASE current_setting('synchronous_commit')
            WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, {local})
"""
# A process that stops within a transaction must not lock entries for ever.
_IDLE = "60s"
#: The largest number of open connections without a thread.
_MOST_IDLE = 8


class Target:
    """
    The address of a PostgreSQL database, as a connection string.

    The string may have a password, which is never shown.

    Raises:
        StoreFault: The string is not an address of a database.
    """

    def __init__(self, dsn: str, wait: float) -> None:
        try:
            self._settings: dict[str, Any] = conninfo_to_dict(dsn)
        except psycopg.Error:
            # The message of libpq may quote the password.
            msg = "This text is not an address of a PostgreSQL database. Write postgresql://USER@HOST/NAME."
            raise StoreFault(msg) from None
        self.wait = wait

    def __repr__(self) -> str:
        return f"Target({self.name})"

    @property
    def name(self) -> str:
        """Host and database, without secrets."""
        host = self._settings.get("host") or self._settings.get("hostaddr") or "this machine"
        return f"{self._settings.get('dbname') or 'the default database'} on {host}"

    def connect(self) -> ThreadConnection:
        """
        Return a connection of the store, with autocommit, READ COMMITTED and durable commits.

        Raises:
            StoreBusy: The server did not answer in time.
            StoreFault: The server refuses, or the database cannot be used.
        """
        until, pause = time.monotonic() + self.wait, _PAUSE
        while True:
            try:
                return self._open(until)
            except psycopg.Error as error:
                statements = str(error)
                if any(words in statements for words in _HOPELESS):
                    msg = f"The database {self.name} refuses the connection. Check address, user, password and name."
                    raise StoreFault(msg) from error
                if time.monotonic() + pause >= until:
                    extra = {"event": "store_unavailable", "database": self.name}
                    _LOG.warning("The database %s does not answer.", self.name, extra=extra)
                    msg = f"The database {self.name} does not answer. Try again."
                    raise StoreBusy(msg) from error
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _open(self, until: float) -> ThreadConnection:
        left = max(2, int(until - time.monotonic()))
        timeout = max(1000, int(self.wait * 1000))
        ours = {
            "connect_timeout": left,
            "tcp_user_timeout": timeout,
            "application_name": "erp_invoice_core",
            **self._settings,
            "client_encoding": "UTF8",
        }
        db = ThreadConnection.connect(**ours, autocommit=True, prepare_threshold=0)
        try:
            self._configure(db)
        except BaseException:
            db.close()
            raise
        return db

    def _configure(self, db: ThreadConnection) -> None:
        if db.info.parameter_status("server_encoding") != "UTF8":
            msg = f"The database {self.name} does not have the encoding UTF-8. Name one that has."
            raise StoreFault(msg)
        timeout = f"{max(1, int(self.wait * 1000))}ms"
        ((server,),) = db.execute("SELECT pg_backend_pid()", prepare=False).fetchall()
        if server == db.info.backend_pid:
            db.execute(_SETTINGS.format(local="false"), (timeout, _IDLE), prepare=False)
            return
        # Behind a pooler the next transaction may be on another server process, without the
        # settings and prepared statements of this one.
        db.prepare_threshold = None
        db.each = ((_SETTINGS.format(local="true"), (timeout, _IDLE)),)


class ThreadConnection(psycopg.Connection[Any]):
    """A connection of one thread; garbage collection closes it, but not in a forked process."""

    def __init__(self, *given: Any, **more: Any) -> None:  # noqa: ANN401 - as in psycopg
        self.pid = os.getpid()
        #: Statements at the start of each transaction, if the session does not keep settings.
        self.each: tuple[tuple[str, tuple[object, ...]], ...] = ()
        super().__init__(*given, **more)

    @property
    def is_usable(self) -> bool:
        """Return whether this process opened the connection and it is not broken."""
        return self.pid == os.getpid() and not self.closed

    def release(self) -> None:
        """Close the connection, unless another process opened it."""
        if self.pid == os.getpid():
            self.close()

    def __del__(self, *_: Any) -> None:  # noqa: ANN401 - as in psycopg, to warn with
        if hasattr(self, "pgconn"):
            self.release()


class IdleConnections:
    """
    Connections of threads that have ended, for the next threads.

    The threads of a worker end with each run; those of its next run need not connect again.
    """

    def __init__(self) -> None:
        self._connections: deque[ThreadConnection] = deque()

    def take(self) -> ThreadConnection | None:
        """Return an open connection, or ``None`` if no open one is kept."""
        while self._connections:
            with suppress(IndexError):  # another thread has taken the last one
                db = self._connections.pop()
                if db.is_usable:
                    return db
        return None

    def put(self, db: ThreadConnection) -> None:
        """Keep a connection for another thread; close it if it is not idle or enough are kept."""
        is_idle = db.is_usable and db.info.transaction_status == TransactionStatus.IDLE
        if is_idle and len(self._connections) < _MOST_IDLE:
            self._connections.append(db)
        else:
            db.release()

    def close(self) -> None:
        """Close all connections."""
        while (db := self.take()) is not None:
            db.release()


class ThreadSlot:
    """The connection of one thread, passed to the idle connections when the thread ends."""

    def __init__(self, idle: IdleConnections) -> None:
        self.db: ThreadConnection | None = None
        self._idle = idle

    def __del__(self) -> None:
        if self.db is not None:
            self._idle.put(self.db)


def require_transaction(db: object) -> psycopg.Connection[Any]:
    """
    Return a host's connection, after a check that it has an open transaction.

    Raises:
        NoTransaction: It has no open transaction, or is not a connection.
        HostMustRetry: The transaction has failed already.
    """
    if isinstance(db, psycopg.Connection) and not db.closed:
        status = db.info.transaction_status
        if status == TransactionStatus.INERROR:
            msg = "The transaction has failed already. Roll back and run it again."
            raise HostMustRetry(msg)
        if db.pgconn.pipeline_status != PipelineStatus.OFF:
            msg = "The connection is in pipeline mode. End the pipeline, then call again."
            raise NoTransaction(msg)
        if status == TransactionStatus.INTRANS:
            return db
    msg = "The connection has no open transaction. Begin one, then call again."
    raise NoTransaction(msg)


def has_table(dsn: str, name: str, *, wait: float = 10.0) -> bool:
    """
    Return whether the database at ``dsn`` has a table of that name in its search path.

    Raises:
        StoreFault: The server refuses.
        StoreBusy: The server did not answer in time.
    """
    with closing(Target(dsn, wait).connect()) as db, translate_errors(db):
        found = open_cursor(db).execute("SELECT to_regclass(%s)::text", (name,), binary=True)
        return found.fetchone() != (None,)

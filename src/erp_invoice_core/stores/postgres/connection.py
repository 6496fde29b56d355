"""Connections to a PostgreSQL database, and its address."""

from __future__ import annotations

import logging
import os
import time
from contextlib import closing
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
# Messages of libpq or the server before there is a connection. They have no code, and
# waiting does not help against their causes.
_HOPELESS = (
    "password authentication failed",
    "no password supplied",
    "does not exist",
    "no pg_hba.conf entry",
    "could not translate host name",
    "is not permitted to log in",
    "invalid ",
)
# A setting under which a commit waits for more than this server's own disk is kept.
_SETTINGS = """
    SELECT set_config('lock_timeout', %s, {local}),
        set_config('idle_in_transaction_session_timeout', %s, {local}),
        set_config('default_transaction_isolation', 'read committed', {local}),
        set_config('synchronous_commit', CASE current_setting('synchronous_commit')
            WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, {local})
"""
# A process that is stopped in the middle of a transaction must not hold entries for ever.
_IDLE = "60s"


class Target:
    """
    A PostgreSQL database as its connection string names it.

    The string may hold a password; it is kept here and shown nowhere.

    Raises:
        StoreFault: The string names no database.
    """

    def __init__(self, dsn: str, wait: float) -> None:
        try:
            self._settings: dict[str, Any] = conninfo_to_dict(dsn)
        except psycopg.Error:
            # The message of libpq may quote the password.
            msg = "Name a PostgreSQL database, as postgresql://USER@HOST/NAME: this text is not an address."
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
        Return a connection of our own: autocommit, READ COMMITTED, durable commits.

        Raises:
            StoreBusy: The server could not be had in time.
            StoreFault: It refuses, or is not one that can be used.
        """
        until, pause = time.monotonic() + self.wait, _PAUSE
        while True:
            try:
                return self._open(until)
            except psycopg.Error as error:
                statements = str(error)
                if any(words in statements for words in _HOPELESS):
                    msg = f"Check address, user, password and name of the database {self.name}."
                    raise StoreFault(msg) from error
                if time.monotonic() + pause >= until:
                    extra = {"event": "store_unavailable", "database": self.name}
                    _LOG.warning("The database %s does not answer.", self.name, extra=extra)
                    msg = f"Try again: the database {self.name} does not answer."
                    raise StoreBusy(msg) from error
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _open(self, until: float) -> ThreadConnection:
        left = max(2, int(until - time.monotonic()))
        patience = max(1000, int(self.wait * 1000))
        ours = {
            "connect_timeout": left,
            "tcp_user_timeout": patience,
            "application_name": "erp_invoice_core",
            **self._settings,
            "client_encoding": "UTF8",
        }
        connection = ThreadConnection.connect(**ours, autocommit=True, prepare_threshold=0)
        try:
            self._configure(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _configure(self, connection: ThreadConnection) -> None:
        if connection.info.parameter_status("server_encoding") != "UTF8":
            msg = f"Name a database in UTF-8: {self.name} has another encoding."
            raise StoreFault(msg)
        patience = f"{max(1, int(self.wait * 1000))}ms"
        ((server,),) = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchall()
        if server == connection.info.backend_pid:
            connection.execute(_SETTINGS.format(local="false"), (patience, _IDLE), prepare=False)
            return
        # A pooler is between: the next transaction may be on another server process, which knows
        # neither our settings nor our prepared statements.
        connection.prepare_threshold = None
        connection.each = ((_SETTINGS.format(local="true"), (patience, _IDLE)),)


class ThreadConnection(psycopg.Connection[Any]):
    """An open connection, closed when it is let go, but never by a process that inherited it."""

    def __init__(self, *given: Any, **more: Any) -> None:  # noqa: ANN401 - psycopg's own
        self.pid = os.getpid()
        #: Statements that begin each transaction of our own, if a session keeps no settings.
        self.each: tuple[tuple[str, tuple[object, ...]], ...] = ()
        super().__init__(*given, **more)

    @property
    def is_usable(self) -> bool:
        """Return whether it was opened by this process, and has not broken since."""
        return self.pid == os.getpid() and not self.closed

    def release(self) -> None:
        """Close it, or keep it open if another process opened it."""
        if self.pid == os.getpid():
            self.close()

    def __del__(self, *_: Any) -> None:  # noqa: ANN401 - psycopg's own, to warn with
        if hasattr(self, "pgconn"):
            self.release()


def require_transaction(connection: object) -> psycopg.Connection[Any]:
    """
    Return a host's connection if it has a transaction open.

    Raises:
        NoTransaction: It has none, or is no connection.
        HostMustRetry: The transaction has failed already.
    """
    if isinstance(connection, psycopg.Connection) and not connection.closed:
        status = connection.info.transaction_status
        if status == TransactionStatus.INERROR:
            msg = "Roll back and run the transaction again: it has failed already."
            raise HostMustRetry(msg)
        if connection.pgconn.pipeline_status != PipelineStatus.OFF:
            msg = "End the pipeline on the connection, then call again."
            raise NoTransaction(msg)
        if status == TransactionStatus.INTRANS:
            return connection
    msg = "Begin a transaction on the connection, then call again."
    raise NoTransaction(msg)


def has_table(dsn: str, name: str, *, wait: float = 10.0) -> bool:
    """
    Return whether the table can be seen from there.

    Raises:
        StoreFault: The database refuses.
        StoreBusy: The server could not be had in time.
    """
    with closing(Target(dsn, wait).connect()) as connection, translate_errors(connection):
        found = open_cursor(connection).execute(
            "SELECT to_regclass(%s)::text", (name,), binary=True
        )
        return found.fetchone() != (None,)

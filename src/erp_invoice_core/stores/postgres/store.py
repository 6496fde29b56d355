"""The queue in a PostgreSQL database: durable, many processes on many machines."""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from psycopg.pq import TransactionStatus

from ..errors import StoreBusy, StoreFault
from ..papers import prepare_to_read
from .document_rows import StoreRows
from .faults import is_gone, told
from .hosting import in_transaction
from .reading import PostgresReading
from .restore import LAST, notice_restore, record_restore, restore_of
from .schema import check_readable, migrate, require_known
from .talk import HostTalk, OwnTalk, asked
from .target import Target
from .time import ServerTime
from .transaction import PostgresHost, PostgresPeople, PostgresWork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import Self

    import psycopg

    from ...documents import Restore
    from ..document_rows import DocumentRows
    from ..ports import PeopleTransaction, WorkTransaction
    from .line import Line
    from .values import Row

__all__ = ["PostgresStore"]

_VERSION = "SELECT coalesce(max(version), 0)::bigint FROM erp_schema"
_P = TypeVar("_P", bound=PostgresPeople)
_SNAPSHOT = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ())


class PostgresStore(PostgresReading):
    """
    Serves many machines: READ COMMITTED, durable commits, rows locked one by one, server time.

    A thread, and a process after a fork, opens a connection of its own, and another one after that
    broke. A host's connection to the same database may carry people's verbs; there isolation and
    durability are the host's settings.
    """

    def __init__(self, dsn: str, *, wait: float = 10.0, read_only: bool = False) -> None:
        """
        Connect, making the tables where they are missing.

        Args:
            dsn: A connection string or URL; a password in it is never shown.
            wait: For how many seconds to wait at most: for the server, and for a lock.
            read_only: Make and migrate nothing: the right to read the tables is enough.

        Raises:
            StoreFault: The database refuses, or is too new; or it is empty, or too old to be read
                as it is, and may only be read.
            StoreBusy: The server could not be had in time, or others held it for too long.
        """
        self.read_only = read_only
        self._is_open = False
        self._target = Target(dsn, wait)
        self._local = threading.local()
        self._time = ServerTime()
        prepare_to_read()
        with self._talking() as talk:
            if read_only:
                check_readable(talk)
            else:
                migrate(talk)
                notice_restore(talk)
        self._is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"PostgresStore({self._target.name})"

    def _connection(self) -> Line:
        line: Line | None = getattr(self._local, "line", None)
        if line is None or not line.is_usable:
            line = self._local.line = self._target.connected()
            if self._is_open:
                self._require_known(line)
        return line

    def _require_known(self, line: Line) -> None:
        """Look at the version of the tables: a server restarts, and its clients may be newer."""
        with told(line):
            ((version,),) = asked(line, [(_VERSION, ())])
        require_known(version)

    def close(self) -> None:
        """Close this thread's connection; the next call opens another."""
        line: Line | None = self._local.__dict__.pop("line", None)
        if line is not None:
            line.let_go()

    def clock(self) -> datetime:
        """Return the moment (UTC) by the server's clock."""
        return self._time(self._rows)

    def restore(self) -> Restore | None:
        """Return the last restore of the database that was noticed or said."""
        return restore_of(self._rows(LAST))

    def record_restore(self, why: str) -> Restore:
        """Record that the database was restored from a backup."""
        self._require_writing()
        with self._talking() as talk:
            talk.later("LOCK TABLE erp_restores IN EXCLUSIVE MODE")
            return record_restore(talk, why)

    def _require_writing(self) -> None:
        if self.read_only:
            msg = "Open the store without read_only to write: nothing was stored."
            raise StoreFault(msg)

    @contextmanager
    def _talking(self) -> Iterator[OwnTalk]:
        connection = self._connection()
        if connection.info.transaction_status != TransactionStatus.IDLE:
            msg = "End this thread's transaction before you open another."
            raise StoreBusy(msg)
        talk = OwnTalk(connection, self._connection)
        try:
            yield talk
            talk.commit()
        except BaseException:
            talk.roll_back()
            raise

    @contextmanager
    def _snapshot(self) -> Iterator[Callable[..., list[Row]]]:
        with closing(self._target.connected()) as connection, told(connection):
            asked(connection, [_SNAPSHOT])
            yield lambda statement, *values: asked(connection, [(statement, values)])

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection[Any]]:
        """
        Open a write transaction of our own, for tables kept beside the queue's.

        Raises:
            StoreBusy: Others held the database for too long, or the connection broke.
            StoreFault: The database could not do it; nothing was stored.
            CommitUnknown: The answer of the commit was lost.
        """
        self._require_writing()
        with self._talking() as talk:
            talk.begin()
            with told(talk.connection):
                yield talk.connection

    def documents(self) -> DocumentRows:
        """Return the rows of the loaded documents, to be read, in whatever thread asks."""
        return StoreRows(self._rows)

    @contextmanager
    def _committed(self, transaction: type[_P]) -> Iterator[_P]:
        self._require_writing()
        with self._talking() as talk:
            made = transaction(talk)
            yield made
            made.finish()

    @contextmanager
    def people(self, connection: object | None = None) -> Iterator[PeopleTransaction]:
        """Open people's port: on a connection of its own, or on the host's."""
        if connection is None:
            with self._committed(PostgresPeople) as own:
                yield own
            return
        talk = HostTalk(in_transaction(connection))
        transaction = PostgresHost(talk)
        try:
            with transaction.item():
                yield transaction
                transaction.finish()
                talk.end()
        finally:
            transaction.finish()
            talk.end()

    @contextmanager
    def work(self) -> Iterator[WorkTransaction]:
        """Open the worker's port, always on a connection of its own."""
        with self._committed(PostgresWork) as own:
            yield own

    def _rows(self, statement: str, *values: object) -> list[Row]:
        connection = self._connection()
        try:
            with told(connection):
                return asked(connection, [(statement, values)])
        except StoreBusy:
            if not is_gone(connection):
                raise
        # What only reads is asked once more where the connection turns out to be broken.
        connection = self._connection()
        with told(connection):
            return asked(connection, [(statement, values)])

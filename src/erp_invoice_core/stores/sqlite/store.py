"""The queue in a SQLite file: durable, many processes on one machine."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import attrs

from ..clock import THIS_MACHINE, Machine, SteadyClock
from ..document_rows import SqliteRows
from ..errors import CommitUnknown, NoTransaction, StoreFault
from ..papers import prepare_to_read
from .anchoring import anchor_read, anchored
from .faults import NO_ANSWER, is_without_room, told
from .line import Line
from .lock import require_file_locks, side_lock
from .reading import SqliteReading
from .restore import SeenFile, detect, identity, last_restore, last_seen, record_restore
from .schema import migrate, require_known
from .transaction import SqliteHost, SqlitePeople, SqliteWork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from ...documents import Restore
    from ..document_rows import DocumentRows
    from ..ports import PeopleTransaction, WorkTransaction

__all__ = ["SqliteStore"]

Port = TypeVar("Port", bound=SqlitePeople)


class SqliteStore(SqliteReading):
    """
    The embedded default: WAL, ``synchronous=FULL``, one writer at a time.

    Its own write transactions take turns by a lock on a side file (``<path>.lock``), waited for at
    most ``wait`` seconds. A host's connection to the same file may carry people's verbs; there
    durability is the host's setting, and the side lock is not taken. A thread, and a process after
    a fork, opens a connection of its own.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        wait: float = 30.0,
        machine: Machine = THIS_MACHINE,
        read_only: bool = False,
    ) -> None:
        """
        Open the file, making it and its tables where they are missing.

        Args:
            path: The file.
            wait: For how many seconds other writers are waited for.
            machine: Whose clocks are used.
            read_only: Make and migrate nothing, take no lock: read permission is enough. What an
                older version wrote is read from a copy that is made when a thread begins to read.

        Raises:
            StoreFault: The path is empty, ``:memory:`` or a URI; the file cannot be opened, is no
                database, or is too new; or it is empty, and may only be read. Or the system has no
                file locks of POSIX.
            StoreBusy: Others held it for too long.
        """
        require_file_locks()
        name = os.fspath(path)
        if name in {"", ":memory:"} or name.startswith("file:"):
            msg = (
                f"Name a file for the database, or use MemoryStore: {name!r} is no path of a file."
            )
            raise StoreFault(msg)
        self.path = Path(path).absolute()
        self.read_only = read_only
        self._wait = wait
        self._lock_path = self.path.with_name(f"{self.path.name}.lock")
        self._seen = SeenFile(self.path.with_name(f"{self.path.name}.seen"))
        self._local = threading.local()
        self._schema: tuple[int] | None = None
        prepare_to_read()
        if read_only:
            with told():
                anchor = anchor_read(self._connection(), machine)
            self.clock = SteadyClock(anchor, machine.ticks)
        else:
            self._open_to_write(machine)

    def _open_to_write(self, machine: Machine) -> None:
        """Bring the tables up to this version, and notice a restore."""
        with self.transaction() as connection:
            migrate(connection)
            self.clock = SteadyClock(anchored(connection, machine), machine.ticks)
            self._id = identity(connection)
            why = detect(connection, self._id, self._seen.read())
            known = last_restore(connection)
            self._restores = known.number if known else 0
            if why:
                self._record_restore(connection, why)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connection(self) -> sqlite3.Connection:
        line: Line | None = getattr(self._local, "line", None)
        if line is None or not line.is_ours:
            line = self._local.line = Line(self.path, self._wait, read_only=self.read_only)
        return line.connection

    def close(self) -> None:
        """Close this thread's connection; the next call opens another."""
        line: Line | None = self._local.__dict__.pop("line", None)
        if line is not None:
            line.close()

    def documents(self) -> DocumentRows:
        """Return the rows of the loaded documents, to be read by the thread that calls this."""
        return SqliteRows(self._connection())

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        with closing(Line(self.path, self._wait, read_only=self.read_only)) as line:
            line.connection.execute("BEGIN")
            yield line.connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """
        Open a write transaction of our own, for tables kept beside the queue's.

        Raises:
            StoreBusy: Others held the file for too long.
            StoreFault: The database could not do it; nothing was stored.
            CommitUnknown: The answer of the commit was lost.
        """
        if self.read_only:
            msg = "Open the store without read_only to write: nothing was stored."
            raise StoreFault(msg)
        with side_lock(self._lock_path, self._wait), told():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            self._local.seen = None
            try:
                self._require_known(connection)
                yield connection
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            self._commit(connection)
            # After the commit, while other writers still wait: what is named is there.
            if self._local.seen is not None:
                seen = attrs.evolve(self._local.seen, restores=self._restores)
                self._seen.write(self._id, seen)

    def _require_known(self, connection: sqlite3.Connection) -> None:
        """Look at the version of the tables where any table was changed: nearly never."""
        mark = connection.execute("PRAGMA schema_version").fetchone()
        if mark != self._schema:
            if self._schema is not None:
                require_known(connection)
            self._schema = mark

    def _commit(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            elif not is_without_room(error):
                raise CommitUnknown(NO_ANSWER) from error
            raise

    def _record_restore(self, connection: sqlite3.Connection, why: str) -> Restore:
        restore = record_restore(connection, why, self.clock())
        self._local.seen = last_seen(connection)
        self._restores = restore.number
        return restore

    def restore(self) -> Restore | None:
        """Return the last restore of the database that was noticed or said."""
        with told():
            return last_restore(self._connection())

    def record_restore(self, why: str) -> Restore:
        """Record that the database was restored from a backup."""
        with self.transaction() as connection:
            return self._record_restore(connection, why)

    @contextmanager
    def people(self, connection: object | None = None) -> Iterator[PeopleTransaction]:
        """Open people's port: on a connection of its own, or on the host's."""
        if connection is None:
            with self._port(SqlitePeople) as people:
                yield people
            return
        if not isinstance(connection, sqlite3.Connection) or not connection.in_transaction:
            msg = "Begin a transaction on the connection, then call again."
            raise NoTransaction(msg)
        with told(host=True):
            transaction = SqliteHost(connection)
            with transaction.item():
                yield transaction

    @contextmanager
    def work(self) -> Iterator[WorkTransaction]:
        """Open the worker's port, always on a connection of its own."""
        with self.transaction() as own:
            work = SqliteWork(own)
            yield work
            work.finish()
            self._local.seen = work.started()

    @contextmanager
    def _port(self, kind: type[Port]) -> Iterator[Port]:
        with self.transaction() as own:
            port = kind(own)
            yield port
            port.finish()

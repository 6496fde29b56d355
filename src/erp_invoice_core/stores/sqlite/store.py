"""The queue in a SQLite file: durable, many processes on one machine."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ...documents import QueueEntry
from ...events import AuditEvent
from ...wire.plain import unpack
from ..clock import THIS_MACHINE, Machine, SteadyClock
from ..ports import CommitUnknown, NoTransaction, Stored
from ..texts import as_column
from ..waking import from_micros
from .anchoring import anchored
from .chains import chains
from .columns import blob, entry_of, many, rows, text
from .faults import NO_ANSWER, is_without_room, told
from .line import Line
from .lock import side_lock
from .schema import migrate
from .transaction import SqliteHost, SqlitePeople, SqliteWork

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from ..ports import Chain, PeopleTransaction, WorkTransaction

__all__ = ["SqliteStore"]

Port = TypeVar("Port", bound=SqlitePeople)


class SqliteStore:
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
    ) -> None:
        """
        Open the file, making it and its tables where they are missing.

        Raises:
            StoreFault: The file cannot be opened, is no database, or is too new.
            StoreBusy: Others held it for too long.
        """
        self.path = Path(path).absolute()
        self._wait = wait
        self._lock_path = self.path.with_name(f"{self.path.name}.lock")
        self._local = threading.local()
        with self.transaction() as connection:
            migrate(connection)
            self.clock = SteadyClock(anchored(connection, machine), machine.ticks)

    def _connection(self) -> sqlite3.Connection:
        line: Line | None = getattr(self._local, "line", None)
        if line is None or not line.is_ours:
            line = self._local.line = Line(self.path, self._wait)
        return line.connection

    def close(self) -> None:
        """Close this thread's connection; the next call opens another."""
        line: Line | None = self._local.__dict__.pop("line", None)
        if line is not None:
            line.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """
        Open a write transaction of our own, for tables kept beside the queue's.

        Raises:
            StoreBusy: Others held the file for too long.
            StoreFault: The database could not do it; nothing was stored.
            CommitUnknown: The answer of the commit was lost.
        """
        with side_lock(self._lock_path, self._wait), told():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            self._commit(connection)

    def _commit(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            elif not is_without_room(error):
                raise CommitUnknown(NO_ANSWER) from error
            raise

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
        with self._port(SqliteWork) as work:
            yield work

    @contextmanager
    def _port(self, kind: type[Port]) -> Iterator[Port]:
        with self.transaction() as own:
            port = kind(own)
            yield port
            port.finish()

    def _rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with told():
            return rows(self._connection(), statement, *values)

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """Return entries by id: the named ones in their order, or a page of all, ordered by id."""
        if ids is None:
            found = self._rows(
                "SELECT body, document, id FROM erp_filed WHERE id > ? ORDER BY id LIMIT ?",
                as_column(after or ""),
                -1 if limit is None else limit,
            )
            return [entry_of(body, paper) for body, paper, _ in found]
        named = list(ids)
        with told():
            found = rows(
                self._connection(),
                "SELECT body, document, id FROM erp_filed WHERE id IN (SELECT value FROM json_each(?))",
                many(named),
            )
        stored = {text(entry_id): entry_of(body, paper) for body, paper, entry_id in found}
        return [stored.get(entry_id) or QueueEntry(id=entry_id) for entry_id in named]

    def slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return the id of the entry that holds each of the slots that are held."""
        with told():
            return SqlitePeople(self._connection()).slot_holders(slots)

    def events(self, entry_id: str) -> Sequence[AuditEvent]:
        """Return an entry's events, oldest first."""
        found = self._rows(
            "SELECT body FROM erp_events WHERE entry_id = ? ORDER BY seq", as_column(entry_id)
        )
        return [_event(body) for (body,) in found]

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """Return committed events after a place: writers take turns, so places commit in order."""
        found = self._rows(
            "SELECT place, body FROM erp_events WHERE place > ? ORDER BY place LIMIT ?",
            after,
            limit,
        )
        return [Stored(int(str(place)), _event(body)) for place, body in found]

    def chains(self) -> Iterable[Chain]:
        """Yield every entry with its events as stored, each as of one moment."""
        with told():
            yield from chains(self._connection())

    def lease_ends(self, connections: Collection[str]) -> datetime | None:
        """Return when the first lease runs out (UTC); ``None``: nothing is leased."""
        found = self._rows(
            "SELECT min(lease_until) FROM erp_entries WHERE lease_until IS NOT NULL"
            " AND connection IN (SELECT value FROM json_each(?))",
            many(connections),
        )
        first = found[0][0]
        return None if first is None else from_micros(int(str(first)))


def _event(body: object) -> AuditEvent:
    return unpack(blob(body), AuditEvent)

"""The host on Python's own sqlite3."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar

import attrs

from examples.harbor_point import PM
from examples.sqlite3_host import billing, database

from .programs import Work

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from erp_invoice_core import Connections, ExportQueue, Result, SqliteStore, Verdict

__all__ = ["Sqlite3Host"]

T = TypeVar("T")


@attrs.frozen
class Sqlite3Host:
    """The sqlite3 host, on a connection that stays open."""

    own: sqlite3.Connection
    store: SqliteStore
    connections: Connections

    @classmethod
    @contextmanager
    def open(cls, store: SqliteStore, connections: Connections) -> Iterator[Sqlite3Host]:
        """Open it on the store's file, with its tables."""
        with closing(database.connect(str(store.path))) as own:
            database.create(own)
            yield cls(own, store, connections)

    @property
    def _work(self) -> Work:
        queue = billing.queue_on(self.own, self.store, self.connections)
        return Work(queue=queue, on=self.own, run=lambda said: self.own.execute(said).fetchall())

    def send(self, ids: Sequence[str]) -> list[Result]:
        """Send bills as PM; each may be refused alone."""
        return billing.send(self.own, self._work.queue, ids, PM)

    def send_all(self, ids: Sequence[str]) -> None:
        """Send all or none as PM."""
        billing.send_all(self.own, self._work.queue, ids, PM)

    def edit(self, bill_id: str, cents: int) -> Verdict:
        """Edit a bill as PM, guarded."""
        return billing.edit(self.own, self._work.queue, bill_id, cents, PM)

    @contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[Work]:
        """Open a transaction; a snapshot's reads all see the moment of the first one."""
        if not snapshot:
            with database.transaction(self.own):
                yield self._work
            return
        with self.own:
            self.own.execute("BEGIN")
            yield self._work

    @contextmanager
    def open_idle(self) -> Iterator[Work]:
        """Open a connection, and no transaction."""
        yield self._work

    def queue_for_workers(self) -> ExportQueue:
        """Return the queue whose facts can be asked at any time."""
        return billing.queue_for_workers(self.store, self.connections)

    def run_with_retry(self, work: Callable[[], T]) -> T:
        """Run a whole transaction, again if the database asks for it."""
        return database.run_with_retry(work)

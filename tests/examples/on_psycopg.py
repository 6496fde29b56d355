"""The host on psycopg, and the second program on a PostgreSQL database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import attrs
from psycopg import IsolationLevel

from examples.harbor_point import PM
from examples.psycopg_host import billing, database

from .programs import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from erp_invoice_core import Connections, ExportQueue, Result, Verdict
    from erp_invoice_core.stores import PostgresStore

__all__ = ["PostgresRival", "PsycopgHost"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class PsycopgHost:
    """The psycopg host, on a connection that stays open."""

    own: database.Database
    dsn: str
    store: PostgresStore
    connections: Connections

    @classmethod
    @contextmanager
    def open(
        cls, dsn: str, store: PostgresStore, connections: Connections
    ) -> Iterator[PsycopgHost]:
        """Open it on a database, with its tables."""
        with database.connect(dsn) as own:
            database.create(own)
            yield cls(own=own, dsn=dsn, store=store, connections=connections)

    @property
    def _work(self) -> Work:
        def run(said: str) -> list[tuple[object, ...]]:
            cursor = self.own.execute(said.encode())
            return cursor.fetchall() if cursor.description else []

        queue = billing.queue_on(self.own, self.store, self.connections)
        return Work(queue=queue, on=self.own, run=run)

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
        self.own.isolation_level = IsolationLevel.REPEATABLE_READ if snapshot else None
        try:
            with self.own.transaction():
                yield self._work
        finally:
            self.own.isolation_level = None

    @contextmanager
    def open_idle(self) -> Iterator[Work]:
        """Open a connection, and no transaction."""
        yield self._work

    def queue_for_workers(self) -> ExportQueue:
        """Return the queue whose facts can be asked at any time."""
        return billing.queue_for_workers(self.dsn, self.store, self.connections)

    def run_with_retry(self, work: Callable[[], T]) -> T:
        """Run a whole transaction, again if the database asks for it."""
        return database.run_with_retry(work)


@attrs.frozen
class PostgresRival:
    """The second program on a PostgreSQL database."""

    dsn: str
    store: PostgresStore
    connections: Connections

    def send(self, ids: Sequence[str]) -> list[Result]:
        """Send bills as PM; each may be refused alone."""
        with database.connect(self.dsn) as own:
            queue = billing.queue_on(own, self.store, self.connections)
            return billing.send(own, queue, ids, PM)

    def edit(self, bill_id: str, cents: int) -> Verdict:
        """Edit a bill as PM, guarded."""
        with database.connect(self.dsn) as own:
            queue = billing.queue_on(own, self.store, self.connections)
            return billing.edit(own, queue, bill_id, cents, PM)

    def bills(self) -> dict[str, tuple[int, str]]:
        """Return cents and sender (or nothing) of each bill, as committed."""
        with database.connect(self.dsn) as own:
            rows = own.execute("SELECT id, cents, sent_by FROM bills").fetchall()
        return {bill_id: (cents, sent_by or "") for bill_id, cents, sent_by in rows}

"""The host on SQLAlchemy."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import attrs
from sqlalchemy import text
from sqlalchemy.orm import Session

from examples.harbor_point import PM
from examples.sqlalchemy_host import database
from examples.sqlalchemy_host.billing import Billing

from .programs import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from erp_invoice_core import Connections, ExportQueue, Result, Verdict
    from erp_invoice_core.stores import Store

__all__ = ["SqlalchemyHost"]

T = TypeVar("T")


@attrs.frozen
class SqlalchemyHost:
    """The SQLAlchemy host, on an engine with a pool of connections."""

    billing: Billing

    @classmethod
    @contextmanager
    def open(cls, url: str, store: Store, connections: Connections) -> Iterator[SqlalchemyHost]:
        """Open it on a database, with its tables."""
        engine = database.engine_at(url)
        try:
            database.create(engine)
            yield cls(Billing(engine=engine, store=store, connections=connections))
        finally:
            engine.dispose()

    @property
    def store(self) -> Store:
        """The queue's store."""
        return self.billing.store

    def work(self, session: Session) -> Work:
        """Return the queue and the connection of a session."""

        def run(said: str) -> list[tuple[object, ...]]:
            answer = session.connection().execute(text(said))
            return [tuple(row) for row in answer] if answer.returns_rows else []

        return Work(
            queue=self.billing.queue_on(session),
            on=database.get_driver_connection(session),
            run=run,
        )

    def send(self, ids: Sequence[str]) -> list[Result]:
        """Send bills as PM; each may be refused alone."""
        return self.billing.send(ids, PM)

    def send_all(self, ids: Sequence[str]) -> None:
        """Send all or none as PM."""
        self.billing.send_all(ids, PM)

    def edit(self, bill_id: str, cents: int) -> Verdict:
        """Edit a bill as PM, guarded."""
        return self.billing.edit(bill_id, cents, PM)

    @contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[Work]:
        """Open a transaction; a snapshot's reads all see the moment of the first one."""
        engine = self.billing.engine
        if snapshot and engine.dialect.name == "sqlite":
            engine = database.get_reading_engine(engine)
        elif snapshot:
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine) as session, session.begin():
            yield self.work(session)

    @contextmanager
    def open_idle(self) -> Iterator[Work]:
        """Open a connection, and no transaction."""
        engine = self.billing.engine
        with engine.connect() as db, Session(database.get_reading_engine(engine)) as session:
            yield attrs.evolve(self.work(session), on=db.connection.driver_connection)

    def queue_for_workers(self) -> ExportQueue:
        """Return the queue whose facts can be asked at any time."""
        return self.billing.queue_for_workers()

    def run_with_retry(self, work: Callable[[], T]) -> T:
        """Run a whole transaction, again if the database asks for it."""
        return database.run_with_retry(work)

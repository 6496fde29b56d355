"""The interface of every example host, and of the second program on the same database."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import attrs

from examples.harbor_point import PM
from examples.sqlite3_host import billing, database

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from erp_invoice_core import Connections, ExportQueue, Result, Verdict
    from erp_invoice_core.stores import SqliteStore, Store

__all__ = ["Host", "Rival", "SqliteRival", "Work"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Work:
    """
    The queue and a connection of a host.

    Attributes:
        queue: With facts that are read on the same connection.
        on: The driver's connection, as the queue takes it.
        run: Runs a plain statement on the same connection and returns its rows.
    """

    queue: ExportQueue
    on: object
    run: Callable[[str], list[tuple[Any, ...]]]


class Host(Protocol):
    """One example, called as its developers would call it."""

    @property
    def store(self) -> Store:
        """The queue's store."""
        ...

    def send(self, ids: Sequence[str]) -> list[Result]:
        """Send bills as PM; each may be refused alone."""
        ...

    def send_all(self, ids: Sequence[str]) -> None:
        """Send all or none as PM."""
        ...

    def edit(self, bill_id: str, cents: int) -> Verdict:
        """Edit a bill as PM, guarded."""
        ...

    def transaction(self, *, snapshot: bool = False) -> AbstractContextManager[Work]:
        """Open a transaction; a snapshot's reads all see the moment of the first one."""
        ...

    def open_idle(self) -> AbstractContextManager[Work]:
        """Open a connection, and no transaction."""
        ...

    def queue_for_workers(self) -> ExportQueue:
        """Return the queue whose facts can be asked at any time."""
        ...

    def run_with_retry(self, work: Callable[[], T]) -> T:
        """Run a whole transaction, again if the database asks for it."""
        ...


class Rival(Protocol):
    """A second program of the host, on connections of its own, one for each call."""

    def send(self, ids: Sequence[str]) -> list[Result]:
        """Send bills as PM; each may be refused alone."""
        ...

    def edit(self, bill_id: str, cents: int) -> Verdict:
        """Edit a bill as PM, guarded."""
        ...

    def bills(self) -> dict[str, tuple[int, str]]:
        """Return cents and sender (or nothing) of each bill, as committed."""
        ...


@attrs.frozen
class SqliteRival:
    """The second program on a SQLite file."""

    store: SqliteStore
    connections: Connections

    def send(self, ids: Sequence[str]) -> list[Result]:
        """Send bills as PM; each may be refused alone."""
        with closing(database.connect(str(self.store.path))) as own:
            queue = billing.queue_on(own, self.store, self.connections)
            return billing.send(own, queue, ids, PM)

    def edit(self, bill_id: str, cents: int) -> Verdict:
        """Edit a bill as PM, guarded."""
        with closing(database.connect(str(self.store.path))) as own:
            queue = billing.queue_on(own, self.store, self.connections)
            return billing.edit(own, queue, bill_id, cents, PM)

    def bills(self) -> dict[str, tuple[int, str]]:
        """Return cents and sender (or nothing) of each bill, as committed."""
        with closing(database.connect(str(self.store.path))) as own:
            rows = own.execute("SELECT id, cents, sent_by FROM bills").fetchall()
        return {bill_id: (cents, sent_by or "") for bill_id, cents, sent_by in rows}

"""A host with a transaction of its own beside the queue, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import psycopg

from erp_invoice_core.stores import PostgresStore, SqliteStore
from erp_invoice_core.vocabulary import InvoiceStatus
from tests.postgres import fresh_schema

from ..flow.samples import PERSON
from .machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.stores import Store

__all__ = ["HostTransactions", "open_host"]

_WAIT = 0.2


class HostTransactions:
    """
    The queue beside a host's own transactions.

    Attributes:
        open: Opens a connection of the host on which no transaction begins by itself.
    """

    def __init__(self, store: Store, connect: Callable[[], Any]) -> None:
        self.machine = Machine(store)
        self.store = store
        self.open = connect

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Begin a transaction of the host; leaving it without a commit rolls it back."""
        with closing(self.open()) as db:
            db.execute("BEGIN")
            yield db
            if connection_is_open(db):
                db.execute("ROLLBACK")

    def guard(self, db: Any) -> QueueEntry:  # noqa: ANN401 - of either driver
        """Lock the entry in the host's transaction."""
        return self.machine.queue.guard(["A"], on=db)[0]

    def send(self, db: Any = None) -> list[str]:  # noqa: ANN401 - of either driver
        """Send the invoice, on the host's connection if one is given; return the denials."""
        results = self.machine.queue.send(["A"], PERSON, connection="scripted", on=db)
        return [denial.code for result in results for denial in result.verdict.denials]

    def sets_back(self) -> None:
        """Have the host set its invoice back to draft, for every reader."""
        case = self.machine.cases["A"]
        self.machine.cases["A"] = attrs.evolve(case, invoice_status=InvoiceStatus.DRAFT)


def connection_is_open(db: Any) -> bool:  # noqa: ANN401 - of either driver
    """Return whether the host's transaction is still open."""
    if isinstance(db, sqlite3.Connection):
        return db.in_transaction
    status = db.info.transaction_status
    return bool(status != psycopg.pq.TransactionStatus.IDLE)


@contextmanager
def open_host(kind: str, folder: Path) -> Iterator[HostTransactions]:
    """Return a host with that kind of database."""
    if kind == "sqlite":
        with closing(SqliteStore(folder / "erp.db", wait=_WAIT)) as file:
            yield HostTransactions(file, lambda: sqlite3.connect(file.path, isolation_level=None))
        return
    with fresh_schema() as dsn, closing(PostgresStore(dsn, wait=_WAIT)) as server:
        yield HostTransactions(server, lambda: psycopg.connect(dsn, autocommit=True))

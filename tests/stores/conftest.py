"""A queue in a SQLite file beside a host's own table, and the people who use it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.adapters import Adapters
from erp_invoice_core.queue import ExportQueue
from erp_invoice_core.stores import SqliteStore
from erp_invoice_core.testing import TwoStepErp
from erp_invoice_core.testing.machine_office import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A queue in a file of the test's own, which waits half a second for others."""
    made = SqliteStore(tmp_path / "queue.db", wait=0.5)
    yield made
    made.close()


@pytest.fixture
def queue(store: SqliteStore) -> ExportQueue:
    """The queue over that store, with the invoices 1, 2 and 3."""
    office = Office()
    return ExportQueue(store, Adapters(TwoStepErp()), office.facts, clock=office.clock)


@pytest.fixture
def host(store: SqliteStore) -> Iterator[Callable[..., sqlite3.Connection]]:
    """Opens connections of the host's, who keeps a table ``notes`` in the same file."""
    opened: list[sqlite3.Connection] = []

    def connect(**settings: Any) -> sqlite3.Connection:  # noqa: ANN401 - any of its settings
        opened.append(sqlite3.connect(store.path, timeout=0.05, **settings))
        return opened[-1]

    with connect() as first:
        first.execute("CREATE TABLE notes (text TEXT)")
    yield connect
    for connection in opened:
        connection.close()

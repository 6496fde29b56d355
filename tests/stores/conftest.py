"""A queue in a database with a table of the host, and the people who use it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from erp_invoice_core.adapters import Adapters
from erp_invoice_core.queue import ExportQueue
from erp_invoice_core.stores import PostgresStore, SqliteStore
from erp_invoice_core.testing import TwoStepErp
from erp_invoice_core.testing.store_agreement import Host
from tests.postgres import fresh_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A queue in a file of the test's own, which waits half a second for other writers."""
    made = SqliteStore(tmp_path / "queue.db", wait=0.5)
    yield made
    made.close()


@pytest.fixture
def queue(store: SqliteStore) -> ExportQueue:
    """The queue over that store, with the invoices 1, 2 and 3."""
    host = Host()
    return ExportQueue(store, Adapters(TwoStepErp()), host.facts, clock=host.clock)


@pytest.fixture
def host(store: SqliteStore) -> Iterator[Callable[..., sqlite3.Connection]]:
    """Opens connections of the host, which has a table ``notes`` in the same file."""
    opened: list[sqlite3.Connection] = []

    def connect(**settings: Any) -> sqlite3.Connection:  # noqa: ANN401 - any of its settings
        opened.append(sqlite3.connect(store.path, timeout=0.05, **settings))
        return opened[-1]

    with connect() as first:
        first.execute("CREATE TABLE notes (text TEXT)")
    yield connect
    for db in opened:
        db.close()


@pytest.fixture
def dsn() -> Iterator[str]:
    """The URL of a PostgreSQL schema for this test alone."""
    with fresh_schema() as url:
        yield url


@pytest.fixture
def postgres(dsn: str) -> Iterator[PostgresStore]:
    """A queue in a schema of the test's own, which waits a second for other transactions."""
    made = PostgresStore(dsn, wait=1.0)
    yield made
    made.close()


@pytest.fixture
def postgres_queue(postgres: PostgresStore) -> ExportQueue:
    """The queue over that store, with the invoices 1, 2 and 3."""
    host = Host()
    return ExportQueue(postgres, Adapters(TwoStepErp()), host.facts, clock=host.clock)


@pytest.fixture
def postgres_host(dsn: str) -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """Opens connections of the host, which has a table ``notes`` in the same schema."""
    opened: list[psycopg.Connection[Any]] = []

    def connect(**settings: Any) -> psycopg.Connection[Any]:  # noqa: ANN401 - any of its settings
        opened.append(psycopg.connect(dsn, **settings))
        return opened[-1]

    with connect(autocommit=True) as first:
        first.execute("CREATE TABLE notes (text text)")
    yield connect
    for db in opened:
        db.close()

"""Behaviour of psycopg's hosts alone: late beginnings, pools, row factories, SERIALIZABLE."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import IsolationLevel
from psycopg.rows import dict_row

from erp_invoice_core import ExportQueue, NoTransaction
from erp_invoice_core.stores import PostgresStore
from examples.harbor_point import PM, books
from examples.psycopg_host import billing, database
from tests.postgres import fresh_schema

from .on_psycopg import PostgresRival

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from erp_invoice_core import Connections, Result


@pytest.fixture
def ledger(tmp_path: Path) -> Connections:
    """The company's connections."""
    return books(str(tmp_path / "books.beancount"))


@pytest.fixture
def dsn() -> Iterator[str]:
    """A database with the host's table."""
    with fresh_schema() as where:
        with database.connect(where) as own:
            database.create(own)
        yield where


@pytest.fixture
def store(dsn: str) -> Iterator[PostgresStore]:
    """The queue in that database."""
    with closing(PostgresStore(dsn)) as made:
        yield made


@pytest.fixture
def queue(dsn: str, store: PostgresStore, ledger: Connections) -> ExportQueue:
    """The queue, with facts that are read on a connection of their own."""
    return billing.queue_for_workers(dsn, store, ledger)


def _statuses(store: PostgresStore) -> dict[str, str]:
    return {entry.id: entry.status.value for entry in store.entries()}


def test_with_autocommit_there_is_nothing_to_join(
    dsn: str, store: PostgresStore, queue: ExportQueue
) -> None:
    """In autocommit, outside a ``transaction()`` block, the queue refuses and stores nothing."""
    with psycopg.connect(dsn, autocommit=True) as own, pytest.raises(NoTransaction):
        queue.send(["B-1"], PM, connection="books", on=own)

    assert {} == _statuses(store)


def test_a_connection_with_dict_rows_keeps_them(
    dsn: str, store: PostgresStore, queue: ExportQueue
) -> None:
    """The host's row factory does not disturb the queue, nor the queue the host's rows."""
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as own:
        with own.transaction():
            [answer] = queue.send(["B-1"], PM, connection="books", on=own)
        assert answer.verdict.allowed
        assert {"one": 1} == own.execute("SELECT 1 AS one").fetchone()

    assert {"B-1": "ready"} == _statuses(store)


def test_an_inner_block_that_is_rolled_back_takes_its_sending(
    dsn: str, store: PostgresStore, queue: ExportQueue
) -> None:
    """A nested ``transaction()`` is a savepoint: rolled back, it undoes only its own sending."""
    with database.connect(dsn) as own, own.transaction():
        queue.send(["B-1"], PM, connection="books", on=own)
        with own.transaction() as inner:
            queue.send(["B-3"], PM, connection="books", on=own)
            raise psycopg.Rollback(inner)

    assert {"B-1": "ready"} == _statuses(store)


def test_an_asynchronous_connection_is_refused(
    dsn: str, store: PostgresStore, queue: ExportQueue
) -> None:
    """The queue is synchronous: on an asynchronous connection it does nothing."""

    async def send() -> None:
        async with await psycopg.AsyncConnection.connect(dsn) as own, own.transaction():
            queue.send(["B-1"], PM, connection="books", on=own)

    with pytest.raises(NoTransaction):
        asyncio.run(send())

    assert {} == _statuses(store)


def test_serializable_hosts_run_again(dsn: str, store: PostgresStore, ledger: Connections) -> None:
    """Under SERIALIZABLE too a host with an outdated snapshot runs again, with current data."""
    rival, tries = PostgresRival(dsn, store, ledger), []

    def send(own: psycopg.Connection[Any]) -> list[Result]:
        with own.transaction():
            tries.append(own.execute("SELECT cents FROM bills WHERE id = 'B-1'").fetchone())
            if len(tries) == 1:
                rival.edit("B-1", 90000)
            queue = billing.queue_on(own, store, ledger)
            return queue.send(["B-1"], PM, connection="books", on=own)

    with database.connect(dsn) as own:
        own.isolation_level = IsolationLevel.SERIALIZABLE
        [answer] = database.run_with_retry(lambda: send(own))

    assert [(50000,), (90000,)] == tries
    assert answer.entry.document is not None
    assert "900.00" == str(answer.entry.document.due)


def test_a_commit_that_fails_is_run_again(
    dsn: str, store: PostgresStore, ledger: Connections
) -> None:
    """SERIALIZABLE may refuse at the commit only: entry and note are undone, and run again."""
    tries: list[int] = []

    def skew(own: psycopg.Connection[Any]) -> None:
        with own.transaction():
            tries.append(1)
            own.execute("SELECT sum(cents) FROM bills").fetchone()
            own.execute("UPDATE bills SET sent_by = 'pm' WHERE id = 'B-1'")
            queue = billing.queue_on(own, store, ledger)
            queue.send(["B-1"], PM, connection="books", on=own)
            if len(tries) == 1:
                with database.connect(dsn) as other:
                    other.isolation_level = IsolationLevel.SERIALIZABLE
                    with other.transaction():
                        other.execute("SELECT sum(cents) FROM bills").fetchone()
                        other.execute("UPDATE bills SET cents = 1 WHERE id = 'B-3'")

    with database.connect(dsn) as own:
        own.isolation_level = IsolationLevel.SERIALIZABLE
        database.run_with_retry(lambda: skew(own))

    assert 2 == len(tries)
    assert {"B-1": "ready"} == _statuses(store)
    assert 1 == len(store.events("B-1"))

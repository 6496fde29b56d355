"""Entries that are expected to be new are created in one statement on PostgreSQL."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import EntryChanged
from erp_invoice_core.stores import PostgresStore
from erp_invoice_core.testing.samples import build_denied_change, build_send, save_change
from tests.worker.harness import SENDER, WorkerHarness, build_document

if TYPE_CHECKING:
    from erp_invoice_core.events import Change


def _send_through(dsn: str, *ids: str, command: str | None = None) -> list[bool]:
    """Send invoices through a store of its own; return which of them are sent."""
    with PostgresStore(dsn) as store:
        harness = WorkerHarness(store=store)
        harness.host.add(*map(build_document, ids))
        results = harness.queue.send(ids, SENDER, connection="erp", command=command)
    return [result.verdict.allowed for result in results]


def test_an_invoice_that_is_not_new_is_read(dsn: str) -> None:
    """An invoice that another process has sent is denied, and the other one is sent."""
    assert [True] == _send_through(dsn, "5000")
    assert [False, True] == _send_through(dsn, "5000", "5001")
    with PostgresStore(dsn) as store:
        assert [2, 1] == [len(store.events(each)) for each in ("5000", "5001")]


def test_a_repeated_command_returns_its_answer(dsn: str) -> None:
    """A command that another process has run has no second effect."""
    for _ in range(2):
        assert [True] == _send_through(dsn, "5000", command="a")
    with PostgresStore(dsn) as store:
        assert 1 == len(store.events("5000"))


def test_an_entry_that_only_a_lock_has_created_is_new(dsn: str) -> None:
    """A row without an event is filled, in the same statement as a row that is created."""
    with PostgresStore(dsn) as store:
        with store.people() as transaction:
            transaction.lock(["1"])
        with store.people() as transaction:
            for entry in transaction.expect_new(["2", "1"]).values():
                transaction.save(build_denied_change(entry))
        assert [1, 1] == [len(store.events(each)) for each in ("1", "2")]
        assert ["1", "2"] == [entry.id for entry in store.entries()]


def test_an_entry_that_is_not_changed_is_created(dsn: str) -> None:
    """Without a change of it, an expected entry is created and compared as by a lock."""
    with PostgresStore(dsn) as store:
        with store.people() as transaction:
            transaction.save(build_denied_change(transaction.expect_new(["1", "2"])["1"]))
        assert [("1", 1), ("2", 0)] == [(entry.id, entry.seq) for entry in store.entries()]
        with pytest.raises(EntryChanged), store.people() as transaction:
            transaction.expect_new(["1", "3"])
        assert ["1", "2"] == [entry.id for entry in store.entries()]


def test_a_query_locks_before_the_pending_writes(dsn: str) -> None:
    """A change that takes a number slot is stored after the entries were locked."""
    send: partial[Change] = partial(build_send, slot="number")
    with PostgresStore(dsn) as store:
        with store.people() as transaction:
            entries = transaction.expect_new(["1", "2"])
            transaction.save(build_denied_change(entries["1"]))
            with transaction.savepoint():
                transaction.save(send(entries["2"]))
        assert [1, 1] == [len(store.events(each)) for each in ("1", "2")]
        assert {"number": "2"} == dict(store.find_slot_holders(["number"]))
        with pytest.raises(EntryChanged), store.people() as transaction:
            transaction.save(send(transaction.expect_new(["2"])["2"]))


def test_entries_are_locked_after_a_query(dsn: str) -> None:
    """In a transaction that has executed a statement, expected entries are read."""
    with PostgresStore(dsn) as store:
        save_change(store, "1", build_denied_change)
        with store.people() as transaction:
            transaction.lock(["2"])
            assert 1 == transaction.expect_new(["1"])["1"].seq


def _end_connection(store: PostgresStore, dsn: str) -> None:
    """Let the server end the connection of this thread."""
    with store.transaction() as db:
        process = db.info.backend_pid
    with PostgresStore(dsn) as other, other.transaction() as db:
        db.execute("SELECT pg_terminate_backend(%s, 5000)", (process,))


def test_a_connection_that_has_ended_is_replaced_before_a_send(dsn: str) -> None:
    """Entries are then read and locked over another connection."""
    with PostgresStore(dsn) as store:
        _end_connection(store, dsn)
        with store.people() as transaction:
            transaction.save(build_denied_change(transaction.expect_new(["1"])["1"]))
        assert 1 == len(store.events("1"))


def test_a_connection_that_ends_before_the_statement_is_replaced(dsn: str) -> None:
    """If another query has found the end of the connection, entries are created over another."""
    with PostgresStore(dsn) as store:
        with store.people() as transaction:
            change = build_denied_change(transaction.expect_new(["1"])["1"])
            _end_connection(store, dsn)
            assert [] == list(store.events("1"))
            transaction.save(change)
        assert 1 == len(store.events("1"))

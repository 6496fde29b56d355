"""Behaviour that only the queue in memory has."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from erp_invoice_core.documents import QueueEntry
from erp_invoice_core.stores import MemoryStore, NoTransaction, StoreBusy
from erp_invoice_core.testing.samples import save_change


def test_memory_has_no_connection_to_share() -> None:
    """Memory cannot roll back with a host's connection, so the connection is refused."""
    with closing(sqlite3.connect(":memory:")) as host:
        host.execute("BEGIN")
        with pytest.raises(NoTransaction, match="accepts no connection of a host"):
            MemoryStore().people(host).__enter__()


def test_a_transaction_inside_another_is_refused() -> None:
    """A second transaction in one thread is refused, and the first one stays open."""
    store = MemoryStore()
    with store.people() as transaction:
        with pytest.raises(StoreBusy, match="This thread has an open transaction"):
            save_change(store, "2")
        transaction.lock(["1"])

    assert [QueueEntry(id="1")] == list(store.entries())
    assert 1 == save_change(store, "1").seq

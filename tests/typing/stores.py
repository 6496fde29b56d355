"""The types of the stores, checked by mypy and never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.stores import MemoryStore, SqliteStore
from erp_invoice_core.testing.store_wrappers import LossyStore

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from erp_invoice_core.stores import PeopleTransaction, Store, WorkTransaction


def a_host_cannot_claim(store: Store, host: sqlite3.Connection, at: datetime) -> None:
    """A host's connection has no worker's port: each of these lines is an error."""
    with store.people(host) as transaction:
        transaction.find_due_entries(at, ["paper"], 1)  # type: ignore[attr-defined] # this is what is promised
    store.work(host)  # type: ignore[call-arg] # and this
    work: WorkTransaction = transaction  # type: ignore[assignment] # and this
    del work


def a_worker_can_do_what_people_can(store: Store, at: datetime) -> None:
    """The worker's transaction has everything of people's."""
    with store.work() as transaction:
        transaction.find_due_entries(at, ["paper"], 1)
        people: PeopleTransaction = transaction
        people.lock(["5000"])


def every_store_is_a_store() -> tuple[Store, ...]:
    """Each store of the library implements the protocol of a store."""
    return (MemoryStore(), SqliteStore("queue.db"), LossyStore(MemoryStore()))

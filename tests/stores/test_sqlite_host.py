"""People's actions on a host's own SQLite connection."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.stores import HostMustRetry, NoTransaction, SqliteStore, StoreBusy
from erp_invoice_core.testing.fake_erp.in_process import KEY
from erp_invoice_core.testing.samples import build_bill, build_send, save_change
from erp_invoice_core.testing.store_agreement import PEOPLE
from erp_invoice_core.vocabulary import ExportStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.queue import ExportQueue

    Host = Callable[..., sqlite3.Connection]
    RowFactory = Callable[[sqlite3.Cursor, tuple[object, ...]], object] | None

PM, AP, _ = PEOPLE
NOTE = "INSERT INTO notes VALUES ('ours')"


def _send(queue: ExportQueue, on: sqlite3.Connection, ids: tuple[str, ...] = ("1",)) -> list[bool]:
    return [result.verdict.allowed for result in queue.send(ids, PM, connection=KEY, on=on)]


def _statuses(store: SqliteStore) -> dict[str, str]:
    return {entry.id: entry.status.value for entry in store.entries()}


def test_without_a_transaction_nothing_is_done(
    queue: ExportQueue, store: SqliteStore, host: Host
) -> None:
    """On a connection that has no transaction open a verb is refused, and nothing is stored."""
    with pytest.raises(NoTransaction, match="Begin one, then call again"):
        _send(queue, host())

    assert {} == _statuses(store)


def test_history_21_a_select_opens_no_transaction(
    queue: ExportQueue, store: SqliteStore, host: Host
) -> None:
    """After a mere SELECT no transaction is open: our savepoint would be one, and commit."""
    db = host()
    assert [] == db.execute("SELECT * FROM notes").fetchall()

    with pytest.raises(NoTransaction):
        _send(queue, db)

    db.rollback()
    assert {} == _statuses(store)


def test_an_object_that_is_not_a_connection_is_refused(queue: ExportQueue) -> None:
    """An object that is not a connection of Python's ``sqlite3`` is refused."""
    with pytest.raises(NoTransaction):
        queue.send(["1"], PM, connection=KEY, on="queue.db")


@pytest.mark.parametrize(
    ("settings", "begin"),
    [
        ({}, NOTE),
        ({"isolation_level": "IMMEDIATE"}, NOTE),
        ({"isolation_level": "EXCLUSIVE"}, NOTE),
        ({"isolation_level": None}, "BEGIN"),
        ({"isolation_level": None}, "BEGIN IMMEDIATE"),
        ({"isolation_level": None}, "SAVEPOINT theirs"),
    ],
    ids=["deferred", "immediate", "exclusive", "begin", "begin immediate", "savepoint"],
)
def test_the_hosts_rollback_takes_entry_and_event(
    queue: ExportQueue, store: SqliteStore, host: Host, settings: dict[str, Any], begin: str
) -> None:
    """For each way to begin, the host's rollback removes our entry and event with its own row."""
    db = host(**settings)
    db.execute(begin)
    assert [True] == _send(queue, db)
    assert db.in_transaction

    db.rollback()

    assert {} == _statuses(store)
    assert [] == list(store.feed())
    assert [] == db.execute("SELECT * FROM notes").fetchall()


def test_the_hosts_commit_keeps_both(queue: ExportQueue, store: SqliteStore, host: Host) -> None:
    """The commit keeps the host's row, our entry and our event; none is visible before it."""
    db = host()
    db.execute(NOTE)
    assert [True] == _send(queue, db)
    assert {} == _statuses(store)

    db.commit()

    assert {"1": "ready"} == _statuses(store)
    assert 1 == len(store.events("1"))
    assert [("ours",)] == host().execute("SELECT * FROM notes").fetchall()


def test_nothing_is_begun_or_committed(queue: ExportQueue, host: Host) -> None:
    """On the host's connection the store runs SAVEPOINT and RELEASE, no BEGIN, COMMIT or PRAGMA."""
    db = host()
    db.execute(NOTE)
    said: list[str] = []
    db.set_trace_callback(said.append)

    _send(queue, db, ("1", "3"))

    first_words = {statement.split()[0] for statement in said}
    assert {"SAVEPOINT", "RELEASE"} <= first_words
    assert set() == first_words & {"BEGIN", "COMMIT", "END", "ROLLBACK", "PRAGMA"}


def test_a_refused_item_does_not_sink_the_others(
    queue: ExportQueue, store: SqliteStore, host: Host
) -> None:
    """Of several invoices those that can be sent are sent, and the others are refused."""
    db = host()
    db.execute(NOTE)

    assert [True, False, True] == _send(queue, db, ("1", "nobody's", "3"))

    db.commit()
    assert {"1": "ready", "3": "ready"} == _statuses(store)


def test_a_failing_item_does_not_sink_the_others(store: SqliteStore, host: Host) -> None:
    """An error inside one item undoes that item; the host's row and the other items stay."""
    db = host()
    db.execute(NOTE)
    with store.people(db) as transaction:
        entries = transaction.entries(["1", "2"])
        transaction.save(build_send(entries["1"]))
        with pytest.raises(ZeroDivisionError), transaction.savepoint():
            transaction.save(build_send(entries["2"], slot=str(1 // len([]))))
    db.commit()

    assert {"1": "ready", "2": "not_sent"} == _statuses(store)
    assert [("ours",)] == db.execute("SELECT * FROM notes").fetchall()


def test_an_error_undoes_what_is_ours_alone(store: SqliteStore, host: Host) -> None:
    """An error of the whole verb undoes our part; the host's transaction stays open."""
    db = host()
    db.execute(NOTE)
    with pytest.raises(ZeroDivisionError), store.people(db) as transaction:
        transaction.save(build_send(transaction.entries([str(1 // len([]))])["1"]))
    assert db.in_transaction

    db.commit()

    assert {} == _statuses(store)
    assert [("ours",)] == db.execute("SELECT * FROM notes").fetchall()


def test_a_busy_database_is_the_hosts_to_retry(
    queue: ExportQueue, store: SqliteStore, host: Host
) -> None:
    """While another writer holds the file, the host gets HostMustRetry."""
    db = host(isolation_level=None)
    db.execute("BEGIN")
    with store.transaction(), pytest.raises(HostMustRetry, match="Roll back"):
        _send(queue, db)

    db.rollback()
    db.execute("BEGIN")
    assert [True] == _send(queue, db)


def test_an_old_snapshot_is_the_hosts_to_retry(
    queue: ExportQueue, store: SqliteStore, host: Host
) -> None:
    """A host that read before another writer committed must read again."""
    db = host(isolation_level=None)
    db.execute("BEGIN")
    assert [] == db.execute("SELECT * FROM notes").fetchall()
    save_change(store, "2")

    with pytest.raises(HostMustRetry):
        _send(queue, db)


def _build_dict(cursor: sqlite3.Cursor, row: tuple[object, ...]) -> dict[str, object]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


@pytest.mark.parametrize("row_factory", [None, sqlite3.Row, _build_dict])
@pytest.mark.parametrize("text_factory", [str, bytes])
def test_the_hosts_factories_do_not_disturb(
    queue: ExportQueue, store: SqliteStore, host: Host, row_factory: RowFactory, text_factory: type
) -> None:
    """Verbs work with any row and text factory of the host's connection, and restore it."""
    db = host()
    db.row_factory, db.text_factory = row_factory, text_factory
    db.execute(NOTE)

    assert [True, True] == _send(queue, db, ("1", "3"))
    assert queue.accept(["1"], AP, command="c1", on=db)[0].verdict
    again = queue.accept(["1"], AP, command="c1", on=db)[0]
    assert ExportStatus.ACCEPTED is again.entry.status

    db.commit()
    assert {"1": "accepted", "3": "ready"} == _statuses(store)
    assert 2 == len(store.events("1"))
    assert queue.verify().ok
    assert (row_factory, text_factory) == (db.row_factory, db.text_factory)


def test_slots_and_owners_are_found_on_bytes(store: SqliteStore, host: Host) -> None:
    """On a connection that returns bytes, slots and ERP ids are returned as text."""
    save_change(
        store,
        "1",
        lambda entry: build_send(
            entry, slot="s", holdings=(build_bill("B-1", entry.build_key("x")),)
        ),
    )
    db = host()
    db.text_factory = bytes
    db.execute(NOTE)

    with store.people(db) as transaction:
        assert {"s": "1"} == dict(transaction.find_slot_holders(["s"]))
        assert {"B-1": ("1", 1)} == dict(transaction.find_owners("paper", ["B-1"]))


def test_history_20_the_workers_port_is_not_on_a_hosts_connection(
    store: SqliteStore, host: Host
) -> None:
    """A transaction on the host's connection cannot claim: a start must be durable by itself."""
    db = host()
    db.execute(NOTE)

    with store.people(db) as transaction:
        assert not hasattr(transaction, "find_due_entries")
    with pytest.raises(TypeError):
        store.work(db)  # type: ignore[call-arg] # there is no such port


def test_an_entry_is_not_seen_by_workers_before_the_host_commits(
    queue: ExportQueue, store: SqliteStore, host: Host
) -> None:
    """An entry that the host has not committed is not claimed."""
    queue.send(["1"], PM, connection=KEY)
    db = host()
    db.execute(NOTE)
    queue.accept(["1"], AP, on=db)

    assert [ExportStatus.READY] == [entry.status for entry in store.entries(["1"])]
    db.rollback()


def test_what_commits_late_comes_late_in_the_feed(store: SqliteStore, host: Host) -> None:
    """While a host's transaction has an event no other can commit one: positions follow commits."""
    save_change(store, "before")
    db = host()
    db.execute(NOTE)
    with store.people(db) as transaction:
        transaction.save(build_send(transaction.entries(["slow"])["slow"]))
    assert ["before"] == [stored.event.entry_id for stored in store.feed()]
    with pytest.raises(StoreBusy):
        save_change(store, "quick")

    db.commit()
    save_change(store, "quick")

    assert ["before", "slow", "quick"] == [stored.event.entry_id for stored in store.feed()]

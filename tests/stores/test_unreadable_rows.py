"""A row that cannot be read concerns its entry alone: it is set aside, named and logged."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pytest

from erp_invoice_core.events import AuditEvent
from erp_invoice_core.stores import (
    MemoryStore,
    SqliteStore,
    UnreadableEntry,
    unreadable_rows,
    verify,
)
from erp_invoice_core.testing.samples import (
    AT,
    build_acceptance,
    build_claim,
    build_denied_change,
    save_change,
)
from erp_invoice_core.vocabulary import ExportStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Damaged bodies of an entry or an event, as SQL of both databases.
BODIES: Final = {
    "nothing": b"",
    "half of it": b'{"id":"1","status":"accep',
    "not JSON": b"\xff\x00 not JSON",
    "a list": b"[]",
    "a number": b"7",
    "deep": b"[" * 100_000,
    "another type": b'{"id":1,"seq":1}',
    "another entry": b'{"id":"2","seq":1,"version":1,"status":"accepted","attempt":1,"generation":1}',
    "no moment": b'{"id":"1","seq":2,"due_at":"yesterday"}',
    "a moment out of range": b'{"id":"1","seq":2,"due_at":"0001-01-01T00:00:00+14:00"}',
    "another moment out of range": b'{"id":"1","seq":2,"due_at":"9999-12-31T23:59:59-14:00"}',
    "no status": b'{"id":"1","seq":2,"status":"nowhere"}',
    "another seq": b'{"id":"1","seq":7,"status":"accepted"}',
}


@pytest.fixture(autouse=True)
def _nothing_was_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test log again what is logged once per process."""
    monkeypatch.setattr(unreadable_rows, "_LOGGED", set())


@pytest.fixture(params=["sqlite", "postgres"])
def damaged(request: pytest.FixtureRequest) -> tuple[Any, Callable[..., None]]:
    """Return a store with the entries 1, 2 and 3, accepted in this order, and a way to edit."""
    store = request.getfixturevalue("store" if request.param == "sqlite" else "postgres")
    for entry_id in ("1", "2", "3"):
        save_change(store, entry_id, build_denied_change)
        save_change(store, entry_id, build_acceptance)

    def edit(statement: str, *values: object) -> None:
        if request.param == "sqlite":
            with closing(sqlite3.connect(store.path)) as db, db:
                assert db.execute(statement, values).rowcount > 0
        else:
            with psycopg.connect(request.getfixturevalue("dsn")) as postgres:
                assert postgres.execute(statement.replace("?", "%s").encode(), values).rowcount > 0

    return store, edit


def _due(store: Any, limit: int = 10) -> list[str]:  # noqa: ANN401 - either store
    with store.work() as transaction:
        return [entry.id for entry in transaction.find_due_entries(AT, ["paper"], limit)]


@pytest.mark.parametrize("name", BODIES)
def test_an_unreadable_entry_is_set_aside(
    damaged: tuple[Any, Callable[..., None]], caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """It is listed as unknown, never due, logged once and found; the others are unchanged."""
    store, edit = damaged
    edit("UPDATE erp_entries SET body = ? WHERE id = '1'", BODIES[name])

    with caplog.at_level(logging.ERROR):
        entries = store.entries()
        assert ["2", "3"] == _due(store)
        assert ["2"] == _due(store, 1)

    assert ["1", "2", "3"] == [entry.id for entry in entries]
    assert [True, False, False] == [isinstance(entry, UnreadableEntry) for entry in entries]
    assert ExportStatus.UNKNOWN is entries[0].status
    assert ["1"] == [str(getattr(record, "entry_id", "")) for record in caplog.records]
    assert entries[0] == store.entries(["1"])[0]
    with store.people() as transaction:
        assert isinstance(transaction.entries(["2", "1"])["1"], UnreadableEntry)
    assert ["1"] == sorted({problem.entry_id for problem in verify(store.chains()).problems})


def test_many_unreadable_entries_keep_no_other_one_waiting(
    damaged: tuple[Any, Callable[..., None]],
) -> None:
    """After any number of unreadable entries, the first that can be read is due."""
    store, edit = damaged
    for number in range(40):
        save_change(store, f"0{number:02}", build_acceptance)
    save_change(store, "9", build_acceptance)
    edit("UPDATE erp_entries SET body = ? WHERE id < '9'", b"{}")

    assert [["9"], ["9"]] == [_due(store, 1), _due(store, 50)]


@pytest.mark.parametrize("name", BODIES)
def test_an_unreadable_event_is_passed_over(
    damaged: tuple[Any, Callable[..., None]], name: str
) -> None:
    """History and feed continue without it, and the verification names its entry."""
    store, edit = damaged
    edit("UPDATE erp_events SET body = ? WHERE entry_id = '1' AND seq = 1", BODIES[name])

    assert [2] == [event.seq for event in store.events("1")]
    assert [2] == [event.seq for event in store.events("1", limit=1)]
    feed = store.feed(limit=1)
    assert [("1", 2)] == [(each.event.entry_id, each.event.seq) for each in feed]
    assert 5 == len(store.feed())
    assert ["1"] == [problem.entry_id for problem in verify(store.chains()).problems]


def test_a_feed_of_unreadable_events_ends(damaged: tuple[Any, Callable[..., None]]) -> None:
    """The feed ends after it, and no consumer waits."""
    store, edit = damaged
    store.feed()
    edit("UPDATE erp_events SET body = ?", b"{}")

    assert [] == store.feed(limit=2)
    assert all(not store.events(entry_id) for entry_id in ("1", "2", "3"))
    assert [] == store.events("1", limit=1)


def test_the_lease_of_an_unreadable_entry_is_no_lease(
    damaged: tuple[Any, Callable[..., None]],
) -> None:
    """The lease of an unreadable entry is not waited for; the next lease counts."""
    store, edit = damaged
    minute = timedelta(minutes=1)
    save_change(store, "1", lambda entry: build_claim(entry, minute))
    save_change(store, "2", lambda entry: build_claim(entry, 2 * minute))
    assert AT + minute == store.find_lease_end(["paper"])

    edit("UPDATE erp_entries SET body = ? WHERE id = '1'", b"{}")
    assert AT + 2 * minute == store.find_lease_end(["paper"])

    edit("UPDATE erp_entries SET body = ? WHERE id = '2'", b"{}")
    assert store.find_lease_end(["paper"]) is None


@pytest.mark.parametrize("value", [None, 7, 2.5, "text", b"\xff\xfe", b"\xed\xa0\x80"])
def test_any_type_may_stand_in_a_column_of_sqlite(tmp_path: Path, value: object) -> None:
    """SQLite stores any type in a column: a number, nothing, a text that is not UTF-8."""
    with closing(SqliteStore(tmp_path / "queue.db")) as store:
        save_change(store, "1", build_acceptance)
        save_change(store, "2", build_acceptance)
        with closing(sqlite3.connect(store.path)) as db:
            # Only a table without the constraint takes NULL.
            db.executescript(
                "PRAGMA writable_schema = ON;"
                "UPDATE sqlite_master SET sql = replace(sql, 'body BLOB NOT NULL', 'body BLOB');"
            )
        with closing(sqlite3.connect(store.path)) as db, db:
            db.execute(
                "UPDATE erp_entries SET body = CASE WHEN typeof(:value) = 'blob'"
                " THEN CAST(:value AS TEXT) ELSE :value END WHERE id = '1'",
                {"value": value},
            )
            db.execute("UPDATE erp_events SET body = ? WHERE entry_id = '1'", (value,))
        store.close()

        assert [True, False] == [isinstance(each, UnreadableEntry) for each in store.entries()]
        assert ["2"] == _due(store)
        assert ["2"] == [each.event.entry_id for each in store.feed()]
        assert ["1"] == [problem.entry_id for problem in verify(store.chains()).problems]


def test_memory_sets_aside_what_stands_for_an_unreadable_entry() -> None:
    """The store in memory agrees: the entry is not due, and its lease is not waited for."""
    store = MemoryStore()
    save_change(store, "1", build_acceptance)
    save_change(store, "2", build_acceptance)
    store._tables.entries["1"] = UnreadableEntry(
        id="1", status=ExportStatus.UNKNOWN, why="Its row was damaged."
    )

    assert ["2"] == _due(store)
    assert ["1", "2"] == [entry.id for entry in store.entries()]
    assert isinstance(store.entries()[0], UnreadableEntry)
    assert ["1"] == [problem.entry_id for problem in verify(store.chains()).problems]


def test_a_damaged_clock_is_set_anew(store: SqliteStore) -> None:
    """A damaged row of the clock counts as a missing one."""
    save_change(store, "1", build_acceptance)
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute("UPDATE erp_clock SET at = 'noon', ticks = 1e300")

    with closing(SqliteStore(store.path)) as again:
        assert again.clock() >= AT
        assert isinstance(again.events("1")[0], AuditEvent)

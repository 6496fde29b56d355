"""Number slots of version 0.1, which compared more strictly, still bar their numbers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from erp_invoice_core.stores import MemoryStore, PostgresStore, SlotTaken, SqliteStore, verify
from erp_invoice_core.stores.postgres import schema as postgres_schema
from erp_invoice_core.stores.sqlite import schema as sqlite_schema
from erp_invoice_core.testing.samples import build_send, save_change

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WRITTEN = "3:erp1:V8:ACME\u201177 "
_OTHER = "3:erp1:V8:\ufeffACME-77"
_KEY = "3:erp1:V7:ACME-77"
_ENTRY = "INSERT INTO erp_entries (id, status, seq, head, body) VALUES ({})"
_HELD = {"1": _WRITTEN, "2": _OTHER, "3": "3:erp1:V1:2", "4": "3:erp1:W8:ACME\u201177 "}


def _build_rows() -> list[tuple[object, ...]]:
    """Return the rows of entries without documents: id, status, seq, head and body."""
    store = MemoryStore()
    for entry_id, slot in _HELD.items():
        if entry_id == "2":  # the current version refuses a second entry with this number
            with store.people() as transaction:
                transaction.lock([entry_id])
        else:
            save_change(store, entry_id, partial(build_send, slot=slot))
    entries = {entry.id: entry for entry in store.entries()}
    return [
        (each.entry_id, entries[each.entry_id].status.value, len(each.links), each.head, each.body)
        for each in store.chains()
    ]


@pytest.fixture(params=["sqlite", "postgres"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Opens a database in which version 0.1 gave one number to the invoices 1 and 2."""
    slots = [(slot, entry_id) for entry_id, slot in _HELD.items()]
    if request.param == "sqlite":
        path = tmp_path / "queue.db"
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("CREATE TABLE erp_schema (version INTEGER NOT NULL)")
            for number, statements in enumerate(sqlite_schema.MIGRATIONS[:2], 1):
                for statement in statements:
                    db.execute(statement)
                db.execute("INSERT INTO erp_schema VALUES (?)", (number,))
            db.executemany(_ENTRY.format("?, ?, ?, ?, ?"), _build_rows())
            db.executemany("INSERT INTO erp_slots VALUES (?, ?)", slots)
        opened: SqliteStore | PostgresStore = SqliteStore(path)
    else:
        dsn = request.getfixturevalue("dsn")
        with psycopg.connect(dsn) as postgres:
            postgres.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            postgres.execute("CREATE TABLE erp_schema (version integer PRIMARY KEY)")
            for statement in postgres_schema.MIGRATIONS[0]:
                postgres.execute(statement.encode())
            postgres.execute("INSERT INTO erp_schema VALUES (1)")
            postgres.cursor().executemany(_ENTRY.format("%s, %s, %s, %s, %s"), _build_rows())
            postgres.cursor().executemany("INSERT INTO erp_slots VALUES (%s, %s)", slots)
        opened = PostgresStore(dsn)
    yield opened
    opened.close()


def test_numbers_are_held_as_they_are_compared_from_now_on(older: SqliteStore) -> None:
    """After an upgrade a number is found in any equal spelling."""
    asked = [_KEY, _WRITTEN, "3:erp1:V1:2", "3:erp1:W7:ACME-77", "3:erp1:V1:3"]
    holders = dict(older.find_slot_holders(asked))

    assert holders.pop(_KEY) in {"1", "2"}
    assert holders.pop(_WRITTEN) in {"1", "2"}
    assert {"3:erp1:V1:2": "3", "3:erp1:W7:ACME-77": "4"} == holders


def test_what_was_held_bars_the_same_number(older: SqliteStore) -> None:
    """Another invoice does not get a number that an entry of version 0.1 holds."""
    with pytest.raises(SlotTaken) as refusal:
        save_change(older, "9", partial(build_send, slot="3:erp1:W7:ACME-77"))

    assert "4" == refusal.value.holder


def test_two_that_fall_together_each_bar_a_third(older: SqliteStore) -> None:
    """If one of the two frees the number, the other one still bars it."""
    save_change(older, "1", partial(build_send, slot=None))

    assert {_KEY: "2"} == dict(older.find_slot_holders([_KEY]))
    with pytest.raises(SlotTaken):
        save_change(older, "9", partial(build_send, slot=_KEY))


def test_a_freed_number_can_be_taken(older: SqliteStore) -> None:
    """An entry of version 0.1 frees its slot like any other."""
    save_change(older, "4", partial(build_send, slot=None))
    save_change(older, "9", partial(build_send, slot="3:erp1:W7:ACME-77"))

    assert {"3:erp1:W7:ACME-77": "9"} == dict(older.find_slot_holders(["3:erp1:W7:ACME-77"]))


def test_a_check_names_two_that_hold_one_number() -> None:
    """It is a finding, not an error, because version 0.1 may have booked both."""
    one, other = MemoryStore(), MemoryStore()
    save_change(one, "1", partial(build_send, slot=_WRITTEN))
    save_change(other, "2", partial(build_send, slot=_OTHER))
    save_change(other, "3", partial(build_send, slot="3:erp1:V1:2"))
    chains = [*one.chains(), *other.chains()]

    assert [("2", "slot.shared")] == [
        (finding.entry_id, finding.code) for finding in verify(chains).problems
    ]
    assert "Invoices 1 and 2 have the same number" in verify(chains).problems[0].message

"""Number slots of version 0.1, which compared more strictly, still bar their numbers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from erp_invoice_core.stores import MemoryStore, PostgresStore, SlotTaken, SqliteStore, verify
from erp_invoice_core.testing.samples import build_send, save_change

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WRITTEN = "3:erp1:V8:ACME\u201177 "
_OTHER = "3:erp1:V8:\ufeffACME-77"
_KEY = "3:erp1:V7:ACME-77"
_HELD = {"1": _WRITTEN, "2": _OTHER, "3": "3:erp1:V1:2", "4": "3:erp1:W8:ACME\u201177 "}


@pytest.fixture(params=["sqlite", "postgres"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Opens a database in which version 0.1 gave one number to the invoices 1 and 2."""
    changes = ["DROP TABLE erp_slots_shared", "DELETE FROM erp_slots"]
    rows = [(slot, entry_id) for entry_id, slot in _HELD.items()]
    if request.param == "sqlite":
        path = tmp_path / "queue.db"
        with closing(SqliteStore(path)) as store:
            _put(store)
        with closing(sqlite3.connect(path)) as connection, connection:
            later = ["DROP TABLE erp_identity", "DROP TABLE erp_restores"]
            for change in (*changes, *later, "DELETE FROM erp_schema WHERE version > 2"):
                connection.execute(change)
            connection.executemany("INSERT INTO erp_slots VALUES (?, ?)", rows)
        opened: SqliteStore | PostgresStore = SqliteStore(path)
    else:
        dsn = request.getfixturevalue("dsn")
        with closing(PostgresStore(dsn)) as made:
            _put(made)
        with psycopg.connect(dsn) as postgres:
            later = ["DROP TABLE erp_cluster", "DROP TABLE erp_restores"]
            for change in (*changes, *later, "DELETE FROM erp_schema WHERE version > 1"):
                postgres.execute(change.encode())
            postgres.cursor().executemany("INSERT INTO erp_slots VALUES (%s, %s)", rows)
        opened = PostgresStore(dsn)
    yield opened
    opened.close()


def _put(store: SqliteStore | PostgresStore) -> None:
    """Store entries with slots as version 0.1 wrote them; two share a number."""
    for entry_id, slot in _HELD.items():
        if entry_id == "2":  # the current version refuses such a second one
            with store.people() as transaction:
                transaction.lock([entry_id])
            continue
        save_change(store, entry_id, partial(build_send, slot=slot))


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
    assert "Invoices 1 and 2 hold one number" in verify(chains).problems[0].message

"""The company is part of every key: stores of two companies share a database and no row."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import psycopg
import pytest

from erp_invoice_core.stores import PostgresStore, SlotTaken, SqliteStore, verify
from erp_invoice_core.testing.samples import (
    AT,
    build_acceptance,
    build_bill,
    build_change,
    build_claim,
    build_send,
    save_change,
)
from erp_invoice_core.vocabulary import Action, ExportStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.events import Change

OpenStore: TypeAlias = "Callable[[str], SqliteStore | PostgresStore]"

_SLOT = "3:erp1:V8:ACME-77"
#: The tables whose keys have the company.
_TABLES = (
    "erp_entries",
    "erp_events",
    "erp_number_slots",
    "erp_shared_number_slots",
    "erp_document_owners",
    "erp_commands",
)


@pytest.fixture(params=["sqlite", "postgres"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens the store of a company, always in the same database."""
    opened: list[SqliteStore | PostgresStore] = []

    def of(company: str) -> SqliteStore | PostgresStore:
        if request.param == "sqlite":
            opened.append(SqliteStore(tmp_path / "queue.db", company=company))
        else:
            opened.append(PostgresStore(request.getfixturevalue("dsn"), company=company))
        return opened[-1]

    yield of
    for store in opened:
        store.close()


def _build_synced(entry: QueueEntry) -> Change:
    return build_change(
        entry,
        Action.POST,
        status=ExportStatus.SYNCED,
        connection="paper",
        holdings=(build_bill("B-1", entry.build_key("bill")),),
        command="accept:c1",
    )


def test_each_company_has_its_own_rows(open_store: OpenStore) -> None:
    """The same invoice, number, ERP document and command id exist once in each company."""
    stores = [open_store(company) for company in ("", "42", "43")]
    for store in stores:
        save_change(store, "5001", partial(build_send, slot=_SLOT))
        save_change(store, "5001", _build_synced)

    for store in stores:
        assert {_SLOT: "5001"} == dict(store.find_slot_holders([_SLOT]))
        assert [1, 2] == [event.seq for event in store.events("5001")]
        assert [1, 2] == [one.event.seq for one in store.feed()]
        assert [ExportStatus.SYNCED] == [entry.status for entry in store.entries()]
        with store.people() as transaction:
            assert {"B-1": ("5001", 1)} == dict(transaction.find_owners("paper", ["B-1"]))
        assert verify(store.chains()).ok


@pytest.mark.parametrize("other", ["", "41", "43"])
def test_another_company_sees_nothing(open_store: OpenStore, other: str) -> None:
    """It has no entry, event, slot, owner, answer or due entry of the first company."""
    first, second = open_store("42"), open_store(other)
    save_change(first, "5001", partial(build_send, slot=_SLOT))
    save_change(first, "5002", build_acceptance)
    save_change(first, "5003", build_acceptance)
    save_change(first, "5003", partial(build_claim, lease=timedelta(hours=1)))

    assert [] == list(second.entries())
    assert [] == list(second.events("5001"))
    assert [] == list(second.feed())
    assert {} == dict(second.find_slot_holders([_SLOT]))
    assert [] == list(second.chains())
    assert [] == list(second.find_due_entries(AT + timedelta(1), ["paper"], 10))
    assert second.find_lease_end(["paper"]) is None
    with second.work() as transaction:
        assert [] == list(transaction.find_due_entries(AT + timedelta(1), ["paper"], 10))
    with first.work() as transaction:
        due = transaction.find_due_entries(AT + timedelta(1), ["paper"], 10)
        assert ["5002", "5003"] == [entry.id for entry in due]


def test_a_number_is_unique_within_a_company(open_store: OpenStore) -> None:
    """A second entry of one company does not get a number; an entry of another company does."""
    first, second = open_store("42"), open_store("43")
    save_change(first, "5001", partial(build_send, slot=_SLOT))
    save_change(second, "5002", partial(build_send, slot=_SLOT))

    with pytest.raises(SlotTaken, match="5002"):
        save_change(second, "5003", partial(build_send, slot=_SLOT))


def test_the_feed_of_a_company_has_all_its_events_in_order(open_store: OpenStore) -> None:
    """Pages of the feed skip the events of other companies and lose none of its own."""
    first, second = open_store("42"), open_store("43")
    for number in range(6):
        save_change(first, f"a{number}")
        save_change(second, f"b{number}")

    read: list[str] = []
    place = 0
    while page := second.feed(place, 2):
        read += [one.event.entry_id for one in page]
        place = page[-1].place

    assert [f"b{number}" for number in range(6)] == read


def test_every_key_begins_with_the_company(tmp_path: Path, dsn: str) -> None:
    """The first column of each primary key or unique constraint of the queue is the company."""
    SqliteStore(tmp_path / "queue.db").close()
    PostgresStore(dsn).close()
    with closing(sqlite3.connect(tmp_path / "queue.db")) as db:
        found = [
            db.execute(
                "SELECT name FROM pragma_index_info((SELECT name FROM pragma_index_list(?)"
                " WHERE origin IN ('pk', 'u'))) WHERE seqno = 0",
                (table,),
            ).fetchall()
            for table in _TABLES
        ]
    assert [[("company",)]] * len(_TABLES) == found
    with psycopg.connect(dsn) as postgres:
        found = [
            postgres.execute(
                "SELECT attname FROM pg_index, pg_attribute WHERE indrelid = %s::regclass"
                " AND indisprimary AND attrelid = indrelid AND attnum = indkey[0]",
                (table,),
            ).fetchall()
            for table in _TABLES
        ]
    assert [[("company",)]] * len(_TABLES) == found

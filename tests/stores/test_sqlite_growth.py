"""A claim and a page take the same steps of SQLite in a shallow queue and in a deep one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import ExportStatus, SqliteStore
from erp_invoice_core.flow import claim
from erp_invoice_core.testing.samples import (
    AT,
    build_acceptance,
    build_change,
    build_denied_change,
    build_send,
)
from tests.sqlite_steps import count_steps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from erp_invoice_core import QueueEntry
    from erp_invoice_core.events import Change
    from tests.sqlite_steps import Steps

SHALLOW, DEEP = 100, 2_000
PAGE = 50
_LATER = datetime(2026, 12, 1, tzinfo=UTC)

#: How an entry comes to wait for a worker, to be finished, and to have failed.
KINDS: dict[str, Callable[[QueueEntry], Change]] = {
    "waiting": partial(build_acceptance, connection="erp", due=timedelta(seconds=1)),
    "finished": partial(build_change, status=ExportStatus.SYNCED, connection="erp"),
    "failed": partial(build_change, status=ExportStatus.FAILED, connection="erp"),
}


def _fill(store: SqliteStore, kind: str, depth: int) -> None:
    """Store a number of entries, and one that is due before all of them."""
    makes = {f"e{number:05}": KINDS[kind] for number in range(depth)}
    makes["due"] = partial(build_acceptance, connection="erp")
    with store.people() as transaction:
        entries = transaction.entries(list(makes))
        for id_, make in makes.items():
            transaction.save(make(entries[id_]))


def _count(store: SqliteStore, work: Callable[[SqliteStore], None]) -> int:
    """Return the steps of a call, with the connection of the calling thread."""
    counted: Steps
    with count_steps(store._connection()) as counted:
        work(store)
    return counted.count


def _claim(store: SqliteStore) -> None:
    with store.work() as transaction:
        (entry,) = transaction.find_due_entries(_LATER, ("erp",), 1)
        transaction.save(claim(entry, at=AT, holder="worker", lease=timedelta(days=1)))
    assert entry.id == "due"


def _list(store: SqliteStore) -> None:
    assert len(store.entries(after="e00010", limit=PAGE)) == PAGE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("work", [_claim, _list])
def test_depth_adds_no_steps(
    tmp_path: Path, kind: str, work: Callable[[SqliteStore], None]
) -> None:
    """A queue of twenty times the depth takes at most a third more steps."""
    steps = []
    for depth in (SHALLOW, DEEP):
        with SqliteStore(tmp_path / f"{depth}.db") as store:
            _fill(store, kind, depth)
            steps.append(_count(store, work))
    shallow, deep = steps
    assert deep <= 1.3 * shallow


def test_a_page_of_a_long_history_takes_the_steps_of_a_short_one(tmp_path: Path) -> None:
    """The first page of the events of an entry does not read the others."""
    steps = []
    for events in (PAGE, 20 * PAGE):
        with SqliteStore(tmp_path / f"{events}.db") as store:
            with store.people() as transaction:
                change = build_send(transaction.entries(["1"])["1"])
                transaction.save(change)
                for _ in range(events - 1):
                    change = build_denied_change(change.after)
                    transaction.save(change)
            steps.append(_count(store, _read_history))
    short, long = steps
    assert long <= 1.3 * short


def _read_history(store: SqliteStore) -> None:
    assert len(store.events("1", limit=PAGE)) == PAGE

"""Line 4d: a claim and a page of the list, in a shallow and in a deep queue."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from erp_invoice_core import ExportStatus, QueueEntry, SqliteStore
from erp_invoice_core.flow import claim
from erp_invoice_core.testing.samples import build_acceptance, build_change, save_change
from tests.sqlite_steps import count_steps

from .cost import STEPS, Cost, time_work
from .ratio import LineResult, at_most, contest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from erp_invoice_core.events import Change

    from .effort import Effort

SHALLOW = 1_000
CLAIMS = 40
PAGE = 50
#: The most rounds; there are as many entries to claim.
ROUNDS = 4


def _pattern(kind: str) -> Callable[[QueueEntry], Change]:
    if kind == "waiting":
        return partial(build_acceptance, connection="erp")
    status = ExportStatus.SYNCED if kind == "finished" else ExportStatus.FAILED
    return partial(build_change, status=status, connection="erp")


def _fill(path: Path, kind: str, depth: int) -> SqliteStore:
    """
    Return a store with that number of entries of that kind, and a few more that a worker may claim.

    Each is a copy of one that went through the store, under an id of its own, put there by SQL:
    through the verbs it would take an hour. An entry behind a held slot was refused, and failed.
    """
    store = SqliteStore(path)
    save_change(store, "e", _pattern(kind))
    db = store._connection()  # noqa: SLF001 - the store shows its connection to nobody
    db.execute("PRAGMA synchronous=OFF")
    _copy(db, depth)
    for number in range((CLAIMS + 1) * (ROUNDS + 1) + 1):
        save_change(store, f"c{number:07}", partial(build_acceptance, connection="erp"))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return store


def _copy(db: sqlite3.Connection, depth: int) -> None:
    """Replace the entry ``e`` by that number of copies, which become due one after the other."""
    columns = [row[1] for row in db.execute("PRAGMA table_info(erp_entries)")]
    values = {
        "id": "printf('e%07d', number)",
        "wake_at": "wake_at + number",
        "body": """CAST(replace(CAST(body AS TEXT), '"e"', printf('"e%07d"', number)) AS BLOB)""",
    }
    db.execute(
        "WITH RECURSIVE place (number) AS"  # noqa: S608 - the columns of our own table
        " (SELECT 1 UNION ALL SELECT number + 1 FROM place WHERE number < ?)"
        f" INSERT INTO erp_entries ({', '.join(columns)})"
        f" SELECT {', '.join(values.get(name, name) for name in columns)}"
        " FROM place, erp_entries WHERE id = 'e'",
        (depth,),
    )
    db.execute("DELETE FROM erp_entries WHERE id = 'e'")


def _claim(store: SqliteStore) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    with store.work() as transaction:
        (entry,) = transaction.find_due_entries(at, ("erp",), 1)
        change = claim(entry, at=at, holder="worker", lease=timedelta(days=365))
        assert change.after.status is ExportStatus.EXPORTING
        transaction.save(change)


def _page(store: SqliteStore) -> None:
    page = store.entries(after="e0000500", limit=PAGE)
    assert len(page) == PAGE


def _measure(store: SqliteStore, work: Callable[[SqliteStore], None]) -> Cost:
    """Return the steps of a call, and the time of several without fsyncs, which would hide it."""
    with count_steps(store._connection()) as steps:  # noqa: SLF001 - as above
        work(store)

    def repeat() -> None:
        for _ in range(CLAIMS):
            work(store)

    cost = time_work(repeat, CLAIMS)
    return Cost({STEPS: steps.count, **cost.figures})


def measure(effort: Effort) -> Iterator[LineResult]:
    """Compare a deep queue with a shallow one, with entries of each kind in turn."""
    deep = effort.choose(1_000_000, 50_000)
    for kind in ("waiting", "finished", "blocked"):
        with tempfile.TemporaryDirectory() as name:
            stores = [_fill(Path(name) / f"{depth}.db", kind, depth) for depth in (deep, SHALLOW)]
            for act, work in (("claim", _claim), ("page of 50", _page)):
                large, small = (partial(_measure, store, work) for store in stores)
                yield from contest(
                    "4d",
                    f"{act}, {deep:,} {kind}",
                    large,
                    {f"{SHALLOW:,} of them": (small, at_most(1.3))},
                    rounds=effort.rounds(ROUNDS),
                    judged=(STEPS,),
                )
            for store in stores:
                store.close()


LINES = {"4d": measure}

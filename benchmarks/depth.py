"""A claim and a page of the list, in a shallow and in a deep queue: steps of SQLite, and time."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import ExportStatus, QueueEntry, SqliteStore
from erp_invoice_core.flow import claim
from erp_invoice_core.testing.samples import build_acceptance, build_change, save_change

from .ratio import Result, Target

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from erp_invoice_core.events import Change

__all__ = ["measure"]

SHALLOW = 1_000
DEEP = 1_000_000
CLAIMS = 40
PAGE = 50
ROUNDS = 9


_COPIES = """
    WITH RECURSIVE place(number) AS
        (SELECT 1 UNION ALL SELECT number + 1 FROM place WHERE number < ?)
    INSERT INTO erp_entries (id, status, connection, seq, wake_at, head, body)
        SELECT printf('e%07d', number), status, connection, seq, wake_at + number, head,
            CAST(replace(CAST(body AS TEXT), '"e"', printf('"e%07d"', number)) AS BLOB)
        FROM place, erp_entries WHERE id = 'e'
"""


def _pattern(kind: str) -> Callable[[QueueEntry], Change]:
    if kind == "waiting":
        return partial(build_acceptance, connection="erp")
    status = ExportStatus.SYNCED if kind == "finished" else ExportStatus.FAILED
    return partial(build_change, status=status, connection="erp")


def _fill(path: Path, kind: str, depth: int) -> SqliteStore:
    """
    Return a store with so many entries of that kind, and a few more that a worker may claim.

    Each is a copy of one that went through the store, under an id of its own, put there by SQL:
    through the verbs it would take an hour. What is blocked behind a slot was refused, and failed.
    """
    store = SqliteStore(path)
    save_change(store, "e", _pattern(kind))
    connection = store._connection()  # noqa: SLF001 - the store shows its connection to nobody
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute(_COPIES, (depth,))
    connection.execute("DELETE FROM erp_entries WHERE id = 'e'")
    for number in range(CLAIMS * (ROUNDS + 2)):
        save_change(store, f"c{number:07}", partial(build_acceptance, connection="erp"))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return store


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


@attrs.frozen
class Depth:
    """A store at one depth, with what is measured of it."""

    store: SqliteStore

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection on which this thread's calls run."""
        return self.store._connection()  # noqa: SLF001 - as above

    def steps(self, work: Callable[[SqliteStore], None]) -> float:
        """Return how many steps of SQLite's virtual machine the work takes."""
        count = 0

        def step() -> int:
            nonlocal count
            count += 1
            return 0

        self.connection.set_progress_handler(step, 1)
        work(self.store)
        self.connection.set_progress_handler(None, 1)
        return count

    def seconds(self, work: Callable[[SqliteStore], None]) -> float:
        """Return how long the work takes without fsyncs, which would hide a difference."""
        began = time.perf_counter()
        for _ in range(CLAIMS):
            work(self.store)
        return (time.perf_counter() - began) / CLAIMS


def _compare(kind: str, deep: Depth, shallow: Depth) -> list[Result]:
    target = Target(limit=1.3)
    results = []
    for name, work in (("claim", _claim), ("page", _page)):
        for unit in ("steps", "seconds"):
            measured = [
                (getattr(deep, unit)(work), getattr(shallow, unit)(work))
                for _ in range(1 if unit == "steps" else ROUNDS)
            ]
            ratios = tuple(mine / theirs for mine, theirs in measured)
            ours, peer = sorted(measured)[len(measured) // 2]
            results.append(
                Result(
                    id=f"4d {name}, {kind}, {unit}",
                    ours=ours,
                    peer=peer,
                    ratios=ratios,
                    target=target,
                )
            )
    return results


def measure() -> list[Result]:
    """Line 4d: a million entries over a thousand, of each kind in turn."""
    results = []
    for kind in ("waiting", "finished", "blocked"):
        with tempfile.TemporaryDirectory() as name:
            deep = Depth(_fill(Path(name) / "deep.db", kind, DEEP))
            shallow = Depth(_fill(Path(name) / "shallow.db", kind, SHALLOW))
            results += _compare(kind, deep, shallow)
            deep.store.close()
            shallow.store.close()
    return results

"""Sending on SQLite, one by one and a hundred at a time: fsyncs, and time beside the peers."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from persistqueue import SQLiteAckQueue

from .desk import on_sqlite
from .disk import per_job
from .ratio import Result, Target, contest, counted, per_second
from .raw_sqlite import RawSqlite, invoice_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .desk import Desk

__all__ = ["measure"]

ROUNDS = 15
SINGLES = 60
BATCH = 100
BATCHES = 3
TRACED = 600
TRACED_BATCHES = 12

_Rate: TypeAlias = Callable[[], float]


def _fresh(numbers: Iterator[int], count: int) -> list[int]:
    return list(itertools.islice(numbers, count))


def ours(desk: Desk, batch: int, batches: int) -> _Rate:
    """Return what sends so many batches of new invoices, and says how many a second."""
    numbers = itertools.count(1)

    def round_() -> float:
        ids = desk.host.prepare(_fresh(numbers, batch * batches))

        def work() -> None:
            for begin in range(0, len(ids), batch):
                desk.send(ids[begin : begin + batch])

        return per_second(work, len(ids))

    return round_


def raw(store: RawSqlite, batch: int, batches: int) -> _Rate:
    """Return the same with the hand-written loop."""
    numbers = itertools.count(1)

    def round_() -> float:
        invoices = [invoice_of(number) for number in _fresh(numbers, batch * batches)]
        store.have(invoices)

        def work() -> None:
            for begin in range(0, len(invoices), batch):
                store.send(invoices[begin : begin + batch])

        return per_second(work, len(invoices))

    return round_


def persisted(queue: SQLiteAckQueue) -> _Rate:
    """Return what puts invoices on persist-queue, which keeps no status, no audit, no key."""
    numbers = itertools.count(1)

    def round_() -> float:
        documents = [invoice_of(number) for number in _fresh(numbers, SINGLES)]

        def work() -> None:
            for each in documents:
                queue.put(each)

        return per_second(work, len(documents))

    return round_


def measure() -> list[Result]:
    """Lines 4a and 4b."""
    few = Target(limit=1.05)
    results = [counted("4a fsyncs per send", (per_job("benchmarks.traced", "send", TRACED),), few)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        desk, floor = on_sqlite(folder), RawSqlite(folder / "raw.db")
        queue = SQLiteAckQueue(str(folder / "persisted"))
        results += contest(
            ours(desk, 1, SINGLES),
            {
                "4a send one / raw": (raw(floor, 1, SINGLES), Target(limit=0.9, at_most=False)),
                "4a send one / persist-queue": (
                    persisted(queue),
                    Target(limit=0.9, at_most=False),
                ),
            },
            rounds=ROUNDS,
        )
        queue.close()
        floor.close()
    batched = per_job("benchmarks.traced", "batches", TRACED_BATCHES)
    results.append(counted("4b fsyncs per batch of 100", (batched,), few))
    with tempfile.TemporaryDirectory() as name:
        desk, floor = on_sqlite(Path(name)), RawSqlite(Path(name) / "raw.db")
        peer = raw(floor, BATCH, BATCHES)
        results += contest(
            ours(desk, BATCH, BATCHES),
            {"4b send 100 / raw": (peer, Target(limit=0.75, at_most=False))},
            rounds=ROUNDS,
        )
        floor.close()
    return results

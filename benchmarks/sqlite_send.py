"""Sending on SQLite, one by one and a hundred at a time: fsyncs, and time beside the peers."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from persistqueue import SQLiteAckQueue

from .disk import per_job
from .queue_driver import on_sqlite
from .ratio import Result, Target, build_unpaired_result, contest, per_second
from .raw_sqlite import RawSqlite, invoice_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .queue_driver import QueueDriver

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


def ours(driver: QueueDriver, batch: int, batches: int) -> _Rate:
    """Return what sends so many batches of new invoices, and says how many a second."""
    numbers = itertools.count(1)

    def round_() -> float:
        ids = driver.host.prepare(_fresh(numbers, batch * batches))

        def work() -> None:
            for begin in range(0, len(ids), batch):
                driver.send(ids[begin : begin + batch])

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
    results = [
        build_unpaired_result(
            "4a fsyncs per send", (per_job("benchmarks.fsync_program", "send", TRACED),), few
        )
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        driver, floor = on_sqlite(folder), RawSqlite(folder / "raw.db")
        queue = SQLiteAckQueue(str(folder / "persisted"))
        results += contest(
            ours(driver, 1, SINGLES),
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
    batched = per_job("benchmarks.fsync_program", "batches", TRACED_BATCHES)
    results.append(build_unpaired_result("4b fsyncs per batch of 100", (batched,), few))
    with tempfile.TemporaryDirectory() as name:
        driver, floor = on_sqlite(Path(name)), RawSqlite(Path(name) / "raw.db")
        peer = raw(floor, BATCH, BATCHES)
        results += contest(
            ours(driver, BATCH, BATCHES),
            {"4b send 100 / raw": (peer, Target(limit=0.75, at_most=False))},
            rounds=ROUNDS,
        )
        floor.close()
    return results

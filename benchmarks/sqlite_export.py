"""A worker in a steady loop on SQLite: fsyncs per job, and time beside the peers."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from persistqueue import SQLiteAckQueue

from .disk import fsyncs
from .queue_driver import on_sqlite
from .ratio import Result, Target, build_unpaired_result, contest, per_second
from .raw_sqlite import RawSqlite, invoice_of

if TYPE_CHECKING:
    from .queue_driver import QueueDriver

__all__ = ["measure"]

ROUNDS = 11
JOBS = 60
TRACED = 400

_Rate: TypeAlias = Callable[[], float]


def ours(driver: QueueDriver) -> _Rate:
    """Return what exports accepted invoices with one worker, and says how many a second."""
    begins = itertools.count(1, JOBS)

    def round_() -> float:
        begin = next(begins)
        driver.ready_to_export(range(begin, begin + JOBS))
        return per_second(lambda: driver.export(JOBS), JOBS)

    return round_


def raw(floor: RawSqlite) -> _Rate:
    """Return the same with the hand-written loop."""
    begins = itertools.count(1, JOBS)

    def round_() -> float:
        begin = next(begins)
        floor.ready_to_export([invoice_of(number) for number in range(begin, begin + JOBS)])
        return per_second(lambda: floor.export(JOBS), JOBS)

    return round_


def persisted(queue: SQLiteAckQueue) -> _Rate:
    """Return what takes jobs off persist-queue and acknowledges them."""

    def round_() -> float:
        for number in range(JOBS):
            queue.put(invoice_of(number))

        def work() -> None:
            for _ in range(JOBS):
                queue.ack(queue.get(block=False))

        return per_second(work, JOBS)

    return round_


def measure() -> list[Result]:
    """Line 4c."""
    module = "benchmarks.fsync_program"
    jobs = str(TRACED)
    each = (fsyncs(module, "export", jobs) - fsyncs(module, "accept", jobs)) / TRACED
    results = [build_unpaired_result("4c fsyncs per one-step job", (each,), Target(limit=1.05))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        driver, floor = on_sqlite(folder), RawSqlite(folder / "raw.db")
        queue = SQLiteAckQueue(str(folder / "persisted"))
        results += contest(
            ours(driver),
            {
                "4c export / persist-queue": (persisted(queue), Target(limit=2, at_most=False)),
                "4c export / raw": (raw(floor), Target(limit=0, at_most=False)),
            },
            rounds=ROUNDS,
        )
        queue.close()
        floor.close()
    return results

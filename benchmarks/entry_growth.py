"""Line 4l: an entry with many events, and one whose export has many steps."""

from __future__ import annotations

import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import SqliteStore
from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.samples import build_denied_change, build_send
from tests.sqlite_steps import count_steps

from .cost import CPU, STEPS, Cost, time_work
from .queue_driver import QueueDriver
from .ratio import at_most, contest
from .samples import OneStepErp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core import ExportQueue

    from .effort import Effort
    from .ratio import LineResult

PAGE = 100
READS = 20
STEPS_OF_PLANS = (60, 6)


def _write_history(store: SqliteStore, entry_id: str, events: int) -> None:
    with store.people() as transaction:
        change = build_send(transaction.entries([entry_id])[entry_id])
        transaction.save(change)
        for _ in range(events - 1):
            change = build_denied_change(change.after)
            transaction.save(change)


def _read_page(queue: ExportQueue, entry_id: str) -> None:
    assert len(queue.history(entry_id, limit=PAGE)) == PAGE


def _measure_page(driver: QueueDriver, store: SqliteStore, entry_id: str) -> Cost:
    with count_steps(store._connection()) as steps:  # noqa: SLF001 - the store shows its connection to nobody
        _read_page(driver.queue, entry_id)

    def read() -> None:
        for _ in range(READS):
            _read_page(driver.queue, entry_id)

    return Cost(time_work(read, READS).figures | {STEPS: steps.count})


def measure_history(effort: Effort) -> Iterator[LineResult]:
    """Compare the first page of a long history with that of a short one."""
    events = effort.choose(3_000, 1_500)
    with tempfile.TemporaryDirectory() as name, closing(SqliteStore(Path(name) / "o.db")) as store:
        driver = QueueDriver(store)
        for entry_id, length in (("long", events), ("short", PAGE)):
            _write_history(store, entry_id, length)
        yield from contest(
            "4l",
            f"history of {events:,} events, a page",
            partial(_measure_page, driver, store, "long"),
            {f"of {PAGE} events": (partial(_measure_page, driver, store, "short"), at_most(1.3))},
            rounds=effort.rounds(11),
            judged=(STEPS, CPU),
        )


@attrs.define
class ManyStepsErp(OneStepErp):
    """An ERP whose exports have a number of steps."""

    steps: int = 1

    @erp.hookimpl
    def erp_steps(self) -> tuple[erp.Step, ...]:
        """Return the steps, of which the first makes the bill."""
        others = (erp.Step(f"part_{number}", "bill") for number in range(1, self.steps))
        return (erp.Step("bill", "bill", erp.Role.BILL), *others)


def _export(driver: QueueDriver, numbers: Iterator[int], steps: int) -> Cost:
    driver.ready_to_export([next(numbers)])
    return time_work(lambda: driver.export(1), steps)


def measure_plan(effort: Effort) -> Iterator[LineResult]:
    """Compare a step of a long plan with one of a short plan."""
    many, few = STEPS_OF_PLANS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        works = []
        for steps in (many, few):
            store = SqliteStore(folder / f"{steps}.db")
            driver = QueueDriver(store, erp=ManyStepsErp(steps=steps))
            works.append(partial(_export, driver, iter(range(10_000)), steps))
        yield from contest(
            "4l",
            f"plan of {many} steps, each step",
            works[0],
            {f"plan of {few} steps": (works[1], at_most(1.3))},
            rounds=effort.rounds(11),
            judged=(CPU,),
        )


def measure(effort: Effort) -> Iterator[LineResult]:
    """Line 4l."""
    yield from measure_history(effort)
    yield from measure_plan(effort)


LINES = {"4l": measure}

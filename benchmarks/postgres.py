"""Sending and exporting on PostgreSQL, beside procrastinate, pgqueuer and plain psycopg."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeAlias

from erp_invoice_core.stores import PostgresStore

from .peer_queues import Pgqueuer, Procrastinate
from .queue_driver import QueueDriver
from .ratio import Result, Target, contest, per_second
from .raw_postgres import RawPostgres
from .raw_sqlite import invoice_of
from .server import schema, server

__all__ = ["measure"]

ROUNDS = 11
SINGLES = 40
BATCH = 100
JOBS = 100

_Rate: TypeAlias = Callable[[], float]


def _put(queue: Pgqueuer | Procrastinate) -> Callable[[range], object]:
    return lambda numbers: queue.send([invoice_of(number) for number in numbers])


def _sending(
    count: int, first: int
) -> Callable[[Callable[[list[int]], Callable[[], object]]], _Rate]:
    """Return what makes a rate of a way to send the next so many invoices."""

    def rate(prepared: Callable[[list[int]], Callable[[], object]]) -> _Rate:
        numbers = itertools.count(first)
        return lambda: per_second(
            prepared([next(numbers) for _ in range(count)]),
            count,
        )

    return rate


def _ours(driver: QueueDriver, batch: int) -> Callable[[list[int]], Callable[[], object]]:
    def prepared(numbers: list[int]) -> Callable[[], object]:
        ids = driver.host.prepare(numbers)

        def work() -> None:
            for begin in range(0, len(ids), batch):
                driver.send(ids[begin : begin + batch])

        return work

    return prepared


def _raw(floor: RawPostgres) -> Callable[[list[int]], Callable[[], object]]:
    def prepared(numbers: list[int]) -> Callable[[], object]:
        invoices = [invoice_of(number) for number in numbers]
        floor.have(invoices)
        return lambda: floor.send(invoices)

    return prepared


def _queued(queue: Pgqueuer | Procrastinate) -> Callable[[list[int]], Callable[[], object]]:
    def prepared(numbers: list[int]) -> Callable[[], object]:
        invoices = [invoice_of(number) for number in numbers]
        return lambda: queue.send(invoices)

    return prepared


def _exporting(ready: Callable[[range], object], export: Callable[[int], object]) -> _Rate:
    begins = itertools.count(10_000_000, JOBS)

    def round_() -> float:
        begin = next(begins)
        ready(range(begin, begin + JOBS))
        return per_second(lambda: export(JOBS), JOBS)

    return round_


def _at_least(limit: float) -> Target:
    return Target(limit=limit, at_most=False)


def measure() -> list[Result]:
    """Lines 4f and 4g."""
    with ExitStack() as stack:
        dsn = stack.enter_context(server())
        store = PostgresStore(stack.enter_context(schema(dsn)))
        driver = QueueDriver(store)
        floor = RawPostgres(stack.enter_context(schema(dsn)))
        pgqueuer = Pgqueuer(stack.enter_context(schema(dsn)))
        procrastinate = Procrastinate(stack.enter_context(schema(dsn)))
        one, many = _sending(SINGLES, 1), _sending(BATCH, 1_000_000)
        results = contest(
            one(_ours(driver, 1)),
            {
                "4f send one / pgqueuer": (one(_queued(pgqueuer)), _at_least(1.9)),
                "4f send one / procrastinate": (one(_queued(procrastinate)), _at_least(3.9)),
            },
            rounds=ROUNDS,
        )
        results += contest(
            many(_ours(driver, BATCH)),
            {"4f send 100 / raw": (many(_raw(floor)), _at_least(0.85))},
            rounds=ROUNDS,
        )
        for queue in (pgqueuer, procrastinate):
            queue.export(SINGLES * (ROUNDS + 1))
        results += contest(
            _exporting(driver.ready_to_export, driver.export),
            {
                "4g export one / procrastinate": (
                    _exporting(_put(procrastinate), procrastinate.export),
                    _at_least(2.2),
                ),
                "4g export one / pgqueuer": (
                    _exporting(_put(pgqueuer), pgqueuer.export),
                    _at_least(1.4),
                ),
                "4g export 100 / raw": (
                    _exporting(
                        lambda numbers: floor.ready_to_export([invoice_of(n) for n in numbers]),
                        lambda jobs: floor.export(jobs, BATCH),
                    ),
                    _at_least(0.75),
                ),
            },
            rounds=ROUNDS,
        )
        for closing in (store, floor, pgqueuer, procrastinate):
            closing.close()
    return results

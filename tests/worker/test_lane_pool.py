"""Lanes run a number of entries of each connection at once, and do not delay each other."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import Action, Connection, Connections, ExportQueue, ExportStatus, Limits
from erp_invoice_core import adapters as erp
from erp_invoice_core.worker import Worker
from erp_invoice_core.worker.lane_pool import find_pause
from tests.worker.harness import WorkerHarness
from tests.worker.killed_worker import WorkerKill
from tests.worker.scripted_erp import TERMS, ScriptedErp
from tests.worker.several_erps import PacedErp, SeveralErpsHarness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCEPTED, FAILED = ExportStatus.ACCEPTED, ExportStatus.FAILED
SYNCED, UNKNOWN = ExportStatus.SYNCED, ExportStatus.UNKNOWN
TIME_LIMIT = 20.0


@contextmanager
def run_in_background(worker: Worker, pause: float = 0.02) -> Iterator[None]:
    """Run a worker in the body of the block; stop it at the end."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=[stop, pause])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(TIME_LIMIT)
        assert not thread.is_alive()


@attrs.define
class Slept:
    """Seconds that pass only during a sleep."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let a number of seconds pass."""
        self.seconds += seconds


def test_one_erp_that_is_hung_down_or_slow_delays_no_other() -> None:
    """A healthy ERP's 20 exports are done before a slow ERP beside it has written five."""
    go = threading.Event()
    hung, slow = PacedErp("hung", hangs=go), PacedErp("slow", seconds=0.5)
    company = SeveralErpsHarness(hung, PacedErp("down", is_down=True), slow, PacedErp("healthy"))
    for key in ("hung", "down", "slow"):
        company.accept(key, 20)
    ids = company.accept("healthy", 20)

    with run_in_background(Worker(company.queue, limits=Limits(failures=2, pause=0.05))):
        company.wait_until_synced(ids, TIME_LIMIT)
        assert 1 == len(hung.written)
        # Counted, not timed, because a slow machine slows both.
        assert len(slow.written) <= 5
        go.set()


def test_the_concurrency_of_a_connection_is_used() -> None:
    """With a concurrency of four, four entries of one ERP run at once, each written once."""
    healthy = PacedErp("healthy", together=threading.Barrier(4))
    company = SeveralErpsHarness(healthy)
    ids = company.accept("healthy", 16)

    results = Worker(company.queue, concurrency=4).run_until_idle()

    assert ({SYNCED}, 16, 4) == (company.read_statuses(ids), len(results), healthy.most)
    assert ids == sorted(healthy.written)


def test_a_connections_own_limit_is_kept() -> None:
    """The limit of a connection holds even if the worker's own limit is higher."""
    healthy = PacedErp("healthy", seconds=0.02)
    company = SeveralErpsHarness(healthy)
    ids = company.accept("healthy", 6)
    one = Connection("healthy", "healthy", limits=Limits(at_once=1))
    queue = ExportQueue(company.store, Connections(company.adapters, [one]), company.host)

    Worker(queue, concurrency=4).run_until_idle()

    assert ({SYNCED}, 1) == (company.read_statuses(ids), healthy.most)


def test_a_rate_is_kept_and_waited_for() -> None:
    """With 1,200 calls a minute ten exports, each a look-up and a write, take about a second."""
    company = SeveralErpsHarness(PacedErp("healthy"))
    ids = company.accept("healthy", 10)
    begun = time.monotonic()

    Worker(company.queue, limits=Limits(calls_per_minute=1200)).run_until_idle()

    assert {SYNCED} == company.read_statuses(ids)
    # The last export's own calls, at most two, need not be waited for.
    assert time.monotonic() - begun >= 18 * 0.05


@pytest.mark.parametrize("millis", [1, 3, 6, 10, 15, 20, 30, 40, 60])
def test_a_rate_that_recovers_meanwhile_ends_no_run(millis: int) -> None:
    """An entry that a lane skipped is not done, however late the lane asks how long to wait."""
    company = SeveralErpsHarness(PacedErp("healthy"))
    ids = company.accept("healthy", 10)
    looks = itertools.count()

    Worker(
        company.queue,
        limits=Limits(calls_per_minute=1200),
        steady=lambda: next(looks) * millis / 1000,
        sleep=lambda _seconds: None,
    ).run_until_idle()

    assert {SYNCED} == company.read_statuses(ids)


def build_rate_limited_worker(count: int) -> tuple[Worker, SeveralErpsHarness, list[str], Slept]:
    """Return a worker with a number of invoices for an ERP that accepts six calls a minute."""
    company, slept = SeveralErpsHarness(PacedErp("healthy")), Slept()
    ids = company.accept("healthy", count)
    limits = Limits(calls_per_minute=6)
    return (
        Worker(company.queue, limits=limits, steady=slept, sleep=slept.sleep),
        company,
        ids,
        slept,
    )


def test_nothing_is_waited_for_after_the_last_one() -> None:
    """The first export connects, looks up and writes: 30 s at six calls a minute, and no more."""
    worker, company, ids, slept = build_rate_limited_worker(2)
    worker.run_until_idle()

    assert {SYNCED} == company.read_statuses(ids)
    assert 30 == pytest.approx(slept.seconds)


def test_once_waits_for_a_rate() -> None:
    """Without a budget exports begin at once, after three calls, and after two more."""
    worker, company, ids, slept = build_rate_limited_worker(3)
    worker.run_once()

    assert {SYNCED} == company.read_statuses(ids)
    assert 50 == pytest.approx(slept.seconds)


def test_once_waits_for_no_rate_beyond_its_budget() -> None:
    """In 40 s a second export after 30 s has time; the third, after 50 s, does not begin."""
    worker, company, ids, slept = build_rate_limited_worker(3)
    worker.run_once(budget=40.0)

    statuses = [entry.status for entry in company.queue.entries(ids)]
    assert [SYNCED, SYNCED, ACCEPTED] == statuses
    assert 30 == pytest.approx(slept.seconds)


@pytest.mark.parametrize("way", ["run", "run_until_idle", "run_once"])
def test_a_stop_ends_the_wait_for_a_rate(way: str) -> None:
    """A worker that waits half a minute for a rate ends when it is asked to stop."""
    _, company, ids, slept = build_rate_limited_worker(3)
    stop = threading.Event()

    def sleep_and_stop(seconds: float) -> None:
        slept.sleep(seconds)
        stop.set()

    worker = Worker(
        company.queue, limits=Limits(calls_per_minute=6), steady=slept, sleep=sleep_and_stop
    )
    getattr(worker, way)(stop=stop)

    assert slept.seconds < 1
    statuses = [entry.status for entry in company.queue.entries(ids)]
    assert [SYNCED, ACCEPTED, ACCEPTED] == statuses


def test_a_rate_is_not_slowed_down_by_the_pause() -> None:
    """With an hour between two polls, entries that wait only for the rate go on with it."""
    company = SeveralErpsHarness(PacedErp("healthy"))
    ids = company.accept("healthy", 5)
    worker = Worker(company.queue, limits=Limits(calls_per_minute=1200))
    with run_in_background(worker, pause=3600):
        company.wait_until_synced(ids, TIME_LIMIT)


def test_a_wait_for_a_rate_still_frees_expired_leases() -> None:
    """A wait of minutes for a rate delays no poll: expired leases are freed meanwhile."""
    death = WorkerKill()
    company = SeveralErpsHarness(
        PacedErp("first"), PacedErp("second", poison={"second-000": death.request})
    )
    company.accept("first", 2)
    left = company.accept("second", 1)
    dying = Worker(company.queue, lease=timedelta(seconds=1), calls=death.build_caller)
    with pytest.raises(KeyboardInterrupt):
        dying.run_once(connections=["second"])
    rare = Connection("first", "first", limits=Limits(calls_per_minute=1))
    queue = ExportQueue(company.store, Connections(company.adapters, [rare]), company.host)

    with run_in_background(Worker(queue)):
        company.wait_for_status(left, UNKNOWN, TIME_LIMIT)


def test_entries_of_an_erp_that_is_down_stay_due() -> None:
    """Entries of an ERP that does not answer stay accepted and due, and the result says so."""
    down, healthy = PacedErp("down", is_down=True), PacedErp("healthy")
    company = SeveralErpsHarness(down, healthy)
    waiting, ids = company.accept("down", 12), company.accept("healthy", 2)
    worker = Worker(company.queue, limits=Limits(failures=3))

    worker.run_until_idle()

    assert ({ACCEPTED}, {SYNCED}) == (company.read_statuses(waiting), company.read_statuses(ids))
    assert (("down",), 3) == (worker.unreachable, down.connects)
    # Three were tried and deferred; the others were not touched.
    deferrals = [entry.deferrals for entry in company.queue.entries(waiting)]
    assert [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0] == deferrals


def test_an_erp_is_tried_without_an_entry() -> None:
    """A failed trial connection defers no entry; a successful one closes the circuit breaker."""
    down = PacedErp("down", is_down=True)
    company = SeveralErpsHarness(down)
    ids = company.accept("down", 4)
    worker = Worker(company.queue, limits=Limits(failures=1, pause=0.01))
    worker.run_once()
    assert [1, 0, 0, 0] == [entry.deferrals for entry in company.queue.entries(ids)]
    time.sleep(0.02)
    worker.run_once()
    assert [1, 0, 0, 0] == [entry.deferrals for entry in company.queue.entries(ids)]

    down.is_down = False
    time.sleep(0.05)
    worker.run_once()

    assert ({SYNCED}, ()) == (company.read_statuses(ids[1:]), worker.unreachable)


def test_connections_take_turns_in_one_thread() -> None:
    """One entry after the other, in turns: no connection waits for all entries of another."""
    first, second = PacedErp("first"), PacedErp("second")
    company = SeveralErpsHarness(first, second)
    order: list[str] = []
    company.accept("first", 3)
    company.accept("second", 3)
    company.queue.observe = lambda event: (
        order.append(event.entry_id) if event.action is Action.CLAIM else None
    )
    Worker(company.queue).run_once()

    expected = ["first-000", "second-000", "first-001", "second-001", "first-002", "second-002"]
    assert expected == order


def test_only_the_connections_that_are_named() -> None:
    """A worker for one connection leaves the entries of the other alone."""
    company = SeveralErpsHarness(PacedErp("first"), PacedErp("second"))
    served, left = company.accept("first", 2), company.accept("second", 2)

    Worker(company.queue).run_once(connections=["first"])

    assert ({SYNCED}, {ACCEPTED}) == (company.read_statuses(served), company.read_statuses(left))


def test_an_error_in_one_lane_stops_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in one lane stops the others, and is raised."""
    company = SeveralErpsHarness(PacedErp("first"), PacedErp("second"))
    company.accept("first", 1)

    def fail() -> object:
        raise RuntimeError("out of paper")

    monkeypatch.setattr(company.store, "work", fail)
    with pytest.raises(RuntimeError, match="out of paper"):
        Worker(company.queue).run_until_idle()


@pytest.mark.parametrize("bad", [{"lease": timedelta(seconds=0.9)}, {"concurrency": 0}])
def test_values_below_the_minimum_are_refused(bad: dict[str, object]) -> None:
    """A lease below a second, or a concurrency of 0, is refused with the constraint."""
    with pytest.raises(ValueError, match=r"must be at least .*\."):
        Worker(SeveralErpsHarness(PacedErp("healthy")).queue, **bad)  # type: ignore[arg-type]  # on purpose


def test_a_poisonous_entry_fails_alone() -> None:
    """If one entry raises, one is refused and one hangs, the others are still exported."""
    terms, go = attrs.evolve(TERMS, time_limit=timedelta(seconds=2)), threading.Event()
    poison: dict[str, Callable[[], object]] = {
        "odd-000": raise_error,
        "odd-001": refuse,
        "odd-002": lambda: go.wait(TIME_LIMIT),
    }
    company = SeveralErpsHarness(PacedErp("odd", terms=terms, poison=poison))
    ids = company.accept("odd", 8)

    Worker(company.queue).run_until_idle()

    entries = company.queue.entries(ids)
    expected = [UNKNOWN, FAILED, UNKNOWN, *[SYNCED] * 5]
    assert expected == [entry.status for entry in entries]
    assert [1, 0, 1, 0, 0, 0, 0, 0] == [len(entry.in_doubt) for entry in entries]
    go.set()


def raise_error() -> object:
    """Raise an error."""
    raise KeyError("cost_code")


def refuse() -> object:
    """Refuse the write."""
    return erp.Refused(erp.deny(erp.Denial("odd.closed", "Open the period.", erp.Source.ERP)))


def test_a_poisonous_entry_ends() -> None:
    """An entry whose calls are lost five times has failed, and needs a person."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    plugin.script("write", *[TimeoutError()] * 50)
    for _ in range(40):
        harness.worker.run_once()
        harness.clock.advance(7200)

    assert (FAILED, ["export.gave_up"]) == (harness.get_status(), harness.list_refusal_codes())
    assert 5 == plugin.count_calls("write")


def test_waits_double_up_to_a_second() -> None:
    """A lease of half an hour takes more than a thousand of them, and no figure grows on."""
    assert [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0] == [find_pause(times) for times in range(7)]
    assert 1.0 == find_pause(5_000)

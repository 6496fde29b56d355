"""A stopping worker finishes its calls within a bound, and releases the other entries."""

from __future__ import annotations

import signal
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import Action, ExportStatus, Resolution
from erp_invoice_core import adapters as erp
from erp_invoice_core.worker import Worker
from tests.worker.harness import EVERYTHING, NOON, WorkerHarness, check_allowed
from tests.worker.killed_worker import WorkerKill
from tests.worker.scripted_erp import ALLOWED, TERMS, ScriptedErp, build_receipt
from tests.worker.several_erps import PacedErp, SeveralErpsHarness

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core import AuditEvent

ACCEPTED, SYNCED, UNKNOWN = ExportStatus.ACCEPTED, ExportStatus.SYNCED, ExportStatus.UNKNOWN
BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
TIME_LIMIT = 20.0
#: A pause that no test waits for, but that ends if the test fails.
PAUSE = 2 * TIME_LIMIT


def build_harness(*steps: erp.Step) -> tuple[WorkerHarness, ScriptedErp, threading.Event]:
    """Return a set-up with an accepted invoice, its ERP, and the event that asks for a stop."""
    plugin = ScriptedErp(None, *steps)
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    return harness, plugin, threading.Event()


def stop_and_answer(stop: threading.Event, answer: object) -> Callable[[], object]:
    """Return a hook's answer that asks for a stop first."""

    def act() -> object:
        stop.set()
        return answer

    return act


@pytest.mark.parametrize(
    ("hook", "answer"), [("check", ALLOWED), ("find", erp.Absent(NOON)), ("steps", (BILL,))]
)
def test_what_is_not_started_is_handed_back(hook: str, answer: object) -> None:
    """Asked to stop before the first write, a worker releases the entry, due at once."""
    harness, plugin, stop = build_harness()
    plugin.script(hook, stop_and_answer(stop, answer))
    harness.worker.run_once(stop=stop)

    entry = harness.get_entry()
    assert (ACCEPTED, None, NOON) == (entry.status, entry.lease, entry.due_at)
    assert (Action.RELEASE, []) == (harness.list_actions()[-1], plugin.writes)
    # It cost nothing: no lost claim, no deferral.
    assert (0, 0) == (entry.lost_claims, entry.deferrals)
    harness.worker.run_once()
    assert SYNCED is harness.get_status()
    harness.check_audit_log()


def test_between_two_steps_the_receipt_is_kept() -> None:
    """After the current step the entry is released with its receipt; another worker goes on."""
    harness, plugin, stop = build_harness(BILL, POST)
    plugin.script("write", stop_and_answer(stop, erp.Done(build_receipt())))
    harness.worker.run_once(stop=stop)
    assert (ACCEPTED, ["bill"]) == (
        harness.get_status(),
        [held.receipt.step for held in harness.get_entry().standing],
    )

    harness.build_worker("worker-2").run_once()
    assert ["5000/1/1/bill", "5000/1/1/post"] == [key for key, _ in plugin.writes]
    assert SYNCED is harness.get_status()


def test_nothing_more_is_claimed() -> None:
    """The answer of the current call is recorded, and nothing is claimed with it."""
    harness, plugin, stop = build_harness()
    harness.accept("5001")
    plugin.script("write", stop_and_answer(stop, erp.Done(build_receipt())))
    harness.worker.run_once(stop=stop)

    assert (SYNCED, ACCEPTED) == (harness.get_status("5000"), harness.get_status("5001"))
    assert Action.CLAIM not in harness.list_actions("5001")


def test_a_look_up_is_handed_back() -> None:
    """An unknown entry that was claimed for a look-up stays due, and no look-up is counted."""
    harness, plugin, stop = build_harness()
    plugin.script("write", TimeoutError())
    harness.worker.run_once()
    harness.clock.advance(300)
    claimed: list[Action] = []

    def stops(event: object) -> None:
        claimed.append(harness.list_actions()[-1])
        stop.set()

    harness.queue.observe = stops
    harness.worker.run_once(stop=stop)

    entry = harness.get_entry()
    assert [Action.CLAIM, Action.RECORD] == claimed
    assert (UNKNOWN, None, 0, harness.clock()) == (
        entry.status,
        entry.lease,
        entry.lookups,
        entry.due_at,
    )
    # The one look-up was before the first write.
    assert 1 == plugin.count_calls("find")


def test_a_repeat_under_way_is_not_handed_back() -> None:
    """A call in doubt that is repeated under its key is repeated, not released."""
    terms = attrs.evolve(TERMS, replay=erp.Replay.EVERYTHING, settles_within=None)
    plugin = ScriptedErp(attrs.evolve(ScriptedErp().declared, terms={"bill": terms, "post": terms}))
    harness, stop = WorkerHarness(plugin=plugin), threading.Event()
    harness.accept("5000")
    plugin.script("write", TimeoutError())
    harness.worker.run_once()
    harness.clock.advance(300)
    harness.worker.run_once(limit=1)
    assert (ACCEPTED, 1) == (harness.get_status(), len(harness.get_entry().in_doubt))

    harness.queue.observe = lambda event: stop.set() if event.action is Action.CLAIM else None
    harness.worker.run_once(stop=stop)
    assert 2 == plugin.count_calls("write")
    # The first call stays in doubt, the repeat was answered.
    assert [False, True] == [call.answer is not None for call in harness.get_entry().calls]
    check_allowed(
        harness.queue.rule(
            ["5000"],
            EVERYTHING,
            resolution=Resolution(happened={"bill": "B-1"}),
            evidence="Seen there.",
            expect=harness.get_entry().version,
        )
    )


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_call_in_flight_is_waited_for(concurrency: int) -> None:
    """Every call that runs when a stop is asked for is finished and recorded."""
    go = threading.Event()
    slow = PacedErp("slow", hangs=go)
    company = SeveralErpsHarness(slow)
    ids = company.accept("slow", 10)
    stop = threading.Event()
    worker = Worker(company.queue, concurrency=concurrency)
    thread = threading.Thread(target=worker.run, args=[stop])
    thread.start()
    assert slow.begun.wait(TIME_LIMIT)
    stop.set()
    go.set()
    thread.join(TIME_LIMIT)

    assert not thread.is_alive()
    done = {entry.id for entry in company.queue.entries(ids) if entry.status is SYNCED}
    assert set(slow.written) == done
    assert company.read_statuses(ids) == {SYNCED, ACCEPTED}


def test_a_call_that_hangs_is_abandoned_after_the_grace() -> None:
    """After a grace of 0.1 s a hung call is abandoned; the invoice is in doubt."""
    go = threading.Event()
    hung = PacedErp("hung", hangs=go)
    company = SeveralErpsHarness(hung)
    ids = company.accept("hung", 2)
    stop = threading.Event()
    thread = threading.Thread(target=Worker(company.queue, grace=0.1).run, args=[stop])
    thread.start()
    assert hung.begun.wait(TIME_LIMIT)
    stop.set()
    thread.join(TIME_LIMIT / 2)

    assert not thread.is_alive()
    assert [UNKNOWN, ACCEPTED] == [entry.status for entry in company.queue.entries(ids)]
    go.set()
    assert wait_until_settled(company, ids[0])


def wait_until_settled(company: SeveralErpsHarness, id_: str) -> bool:
    """Wait until no call of an entry is in doubt; return whether that happened."""
    ends = time.monotonic() + TIME_LIMIT
    while time.monotonic() < ends:
        if not company.queue.entries([id_])[0].in_doubt:
            return True
        time.sleep(0.01)
    return False


def test_until_idle_ends_when_asked() -> None:
    """A worker that works until idle ends early when it is asked to stop."""
    company, stop, starts = SeveralErpsHarness(PacedErp("quick")), threading.Event(), 0
    ids = company.accept("quick", 50)

    def third(event: AuditEvent) -> None:
        nonlocal starts
        starts += event.action is Action.START
        if starts == 3:
            stop.set()

    company.queue.observe = third
    results = Worker(company.queue).run_until_idle(stop)

    assert 3 == len(results)
    assert {SYNCED, ACCEPTED} == company.read_statuses(ids)


def test_a_stop_ends_a_pause_at_once() -> None:
    """An idle worker that is asked to stop ends without sleeping through its pause."""
    company = SeveralErpsHarness(PacedErp("idle"))
    stop = threading.Event()
    thread = threading.Thread(target=Worker(company.queue).run, args=[stop, PAUSE])
    thread.start()
    time.sleep(0.05)
    stop.set()
    thread.join(TIME_LIMIT / 2)
    assert not thread.is_alive()


@pytest.mark.parametrize("concurrency", [1, 2])
def test_a_signal_is_noticed_whichever_thread_gets_it(concurrency: int) -> None:
    """A worker in the main thread notices a signal that the system delivered to another thread."""
    company, stop, begun = SeveralErpsHarness(PacedErp("idle")), threading.Event(), time.monotonic()
    timer = threading.Timer(0.1, signal.raise_signal, [signal.SIGUSR1])
    unheard = threading.Timer(TIME_LIMIT, stop.set)
    before = signal.signal(signal.SIGUSR1, lambda *_: stop.set())
    try:
        timer.start()
        unheard.start()
        Worker(company.queue, concurrency=concurrency).run(stop, PAUSE)
    finally:
        unheard.cancel()
        timer.join()
        signal.signal(signal.SIGUSR1, before)

    assert time.monotonic() - begun < TIME_LIMIT / 2


class Locked(threading.Event):
    """An event during whose ``wait`` a signal comes, as the event holds its own lock."""

    def wait(self, timeout: float | None = None) -> bool:
        """Fail if a handler that sets the event would wait for its own thread for ever."""
        msg = f"waits for {timeout} s holding the lock that a handler needs"
        raise AssertionError(msg)


def test_a_handler_may_set_the_event_at_any_moment() -> None:
    """No worker waits on the event itself, because a signal handler could find its lock held."""
    company, stop = SeveralErpsHarness(PacedErp("idle")), Locked()
    threading.Timer(0.1, stop.set).start()
    Worker(company.queue).run(stop, PAUSE)
    assert stop.is_set()


def test_the_lease_is_what_ends_an_interrupt() -> None:
    """After an interrupt, instead of a stop, the lease runs out and the call is looked up."""
    harness, plugin, _ = build_harness()
    death = WorkerKill()
    plugin.script("write", death.request)
    with pytest.raises(KeyboardInterrupt):
        harness.build_worker("worker-1", calls=death.build_caller).run_once()
    harness.clock.advance(timedelta(seconds=61).total_seconds())
    harness.build_worker("worker-2").run_once()

    assert UNKNOWN is harness.get_status()

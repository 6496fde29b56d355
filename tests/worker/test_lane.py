"""Connections take turns; a lane waits for a rate limit only if an entry behind it is due."""

from __future__ import annotations

import threading
from datetime import timedelta

from erp_invoice_core import Connection, Connections, ExportQueue, Limits
from erp_invoice_core.flow import DEFAULT_RETRY_POLICY
from erp_invoice_core.worker import ThreadCaller
from erp_invoice_core.worker.claim import RoundRobin
from erp_invoice_core.worker.context import WorkerContext
from erp_invoice_core.worker.lane import Lane
from erp_invoice_core.worker.shutdown import ShutdownSignal
from tests.worker.several_erps import PacedErp, SeveralErpsHarness

NAMES = ("first", "second", "third")


def harness() -> SeveralErpsHarness:
    """Return a company with three ERPs."""
    return SeveralErpsHarness(*(PacedErp(name) for name in NAMES))


def build_turns(company: SeveralErpsHarness) -> RoundRobin:
    """Return turns in which the first ERP accepts six calls a minute; no time passes."""
    paced = {"first": Limits(calls_per_minute=6, failures=1)}
    lines = Connections(
        company.adapters, [Connection(name, name, limits=paced.get(name)) for name in NAMES]
    )
    return RoundRobin(
        WorkerContext(
            queue=ExportQueue(company.store, lines, company.host),
            holder="worker",
            lease=timedelta(seconds=60),
            calls=ThreadCaller,
            chance=lambda: 0.0,
            sleep=lambda _seconds: None,
            steady=lambda: 0.0,
            wall=company.store.clock,
            limits=Limits(),
            retry_policy=DEFAULT_RETRY_POLICY,
        )
    )


def test_the_connection_served_last_is_last() -> None:
    """The connection served last comes last; before the first turn the order is given."""
    made = build_turns(harness())
    assert ["first", "second", "third"] == made.list_ready(NAMES)
    made.note_served("second")
    assert ["third", "first", "second"] == made.list_ready(NAMES)
    made.note_served(None)  # a claim that nothing is done with
    assert ["first", "second", "third"] == made.list_ready(NAMES)


def test_a_connection_at_its_rate_is_skipped() -> None:
    """A lane waits until the rate of a connection allows a call, if an entry of it is due."""
    company = harness()
    company.accept("first", 1)
    made = build_turns(company)
    made.context.find_limits("first").rate.count_call()

    assert ["second", "third"] == made.list_ready(NAMES)
    assert 10.0 == made.find_wait()


def test_a_rate_without_anything_due_holds_nothing() -> None:
    """An entry of another connection is no reason to wait for the rate of this one."""
    company = harness()
    company.accept("second", 1)
    made = build_turns(company)
    made.context.find_limits("first").rate.count_call()
    made.list_ready(NAMES)

    assert made.find_wait() is None


def test_what_was_looked_at_is_not_waited_for() -> None:
    """A call that another lane makes after this lane looked does not make this lane wait."""
    company = harness()
    company.accept("first", 1)
    made = build_turns(company)
    made.list_ready(NAMES)
    made.context.find_limits("first").rate.count_call()

    assert made.find_wait() is None


def test_an_erp_that_does_not_answer_is_not_waited_for() -> None:
    """If its circuit breaker is open, entries that are due for it are left."""
    company = harness()
    company.accept("first", 1)
    made = build_turns(company)
    made.context.find_limits("first").rate.count_call()
    made.list_ready(NAMES)
    made.context.find_limits("first").breaker.record_failure()

    assert made.find_wait() is None
    assert ["second", "third"] == made.list_ready(NAMES)
    assert made.find_wait() is None


def test_a_stopping_lane_does_not_look_for_work() -> None:
    """A lane that is asked to stop waits for no rate, and does not ask the store about it."""
    company, stop = harness(), threading.Event()
    company.accept("first", 1)
    made = build_turns(company)
    made.context.find_limits("first").rate.count_call()
    made.list_ready(NAMES)
    lane = Lane(
        made.context, ShutdownSignal(stop, None, lambda: 0.0, lambda _seconds: None), turns=made
    )
    assert 10.0 == lane.find_wait()
    stop.set()

    assert lane.find_wait() is None

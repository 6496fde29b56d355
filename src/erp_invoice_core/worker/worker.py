"""Worker: claims due entries, calls the adapters, records the answers."""

from __future__ import annotations

import os
import random
import socket
import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from ..adapters.limits import Limits
from ..flow import DEFAULT_RETRY_POLICY, RetryPolicy
from ..queue import Result, read_system_clock
from ..verdict import Verdict
from .callers import ThreadCaller
from .context import WorkerContext
from .lane import Lane
from .lane_pool import LanePool
from .shutdown import ShutdownSignal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime
    from threading import Event

    from ..documents import QueueEntry
    from ..queue import ExportQueue
    from .callers import Caller

__all__ = ["Worker"]

_LEASE = timedelta(seconds=60)
_SHORTEST = timedelta(seconds=1)
_LIMITS = Limits()


def _draw_incarnation() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}"


def _choose_clock(queue: ExportQueue) -> Callable[[], datetime]:
    """Return the clock by which adapters keep deadlines here: the host's own, if it has one."""
    return read_system_clock if queue.clock == queue.store.clock else queue.clock


class Worker:
    """
    Exports what was accepted, looks up what is unknown, withdraws what was left.

    It claims only what its queue's adapters can do. Any number of workers may run, in threads,
    processes or machines, as far as the store reaches; each has a name of its own per incarnation.

    Args:
        queue: The queue of the entries.
        lease: How long a claim holds; renewed by each call's start, and while a call is made.
        holder: A name unique to this incarnation; made up by default.
        concurrency: How many entries of each connection at once, in :meth:`run` and
            :meth:`run_until_idle`.
        limits: The limits of connections that have none of their own.
        retry_policy: The retry policy of connections without their own.
        grace: When asked to stop: for how many seconds calls in flight are waited for; by default
            as long as each may take.
        calls: Makes a caller: every call of an adapter goes through one.
        chance: A number from 0 to 1, that spreads waits.
        sleep: Waits for the given number of seconds.
        steady: Seconds that only grow.
        wall: The moment by this machine's clock (UTC), by which its adapters keep deadlines.

    Raises:
        TypeError: The lease is no timedelta.
        ValueError: The lease is shorter than a second, or nothing is to be done at once.
    """

    def __init__(
        self,
        queue: ExportQueue,
        *,
        lease: timedelta = _LEASE,
        holder: str | None = None,
        concurrency: int = 1,
        limits: Limits = _LIMITS,
        retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
        grace: float | None = None,
        calls: Callable[[], Caller] = ThreadCaller,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], None] = time.sleep,
        steady: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] | None = None,
    ) -> None:
        if not isinstance(lease, timedelta):
            kind = type(lease).__name__
            msg = f"Give the lease as a timedelta, as in timedelta(seconds=60), not as {kind}."
            raise TypeError(msg)
        if lease < _SHORTEST:
            msg = "Give the worker a lease of a second or more: it is renewed three times in it."
            raise ValueError(msg)
        if concurrency < 1:
            msg = "Have the worker do one thing at once, or more."
            raise ValueError(msg)
        self.queue = queue
        self.lease = lease
        self.holder = holder or _draw_incarnation()
        self.concurrency = concurrency
        self.grace = grace
        self._context = WorkerContext(
            queue=queue,
            holder=self.holder,
            lease=lease,
            calls=calls,
            chance=chance,
            sleep=sleep,
            steady=steady,
            wall=wall or _choose_clock(queue),
            limits=limits,
            retry_policy=retry_policy,
        )
        self._lane = Lane(self._context, self._open_shutdown(None))

    def _open_shutdown(self, stop: Event | None) -> ShutdownSignal:
        return ShutdownSignal(stop, self.grace, self._context.steady, self._context.sleep)

    @property
    def unreachable(self) -> tuple[str, ...]:
        """The connections that are left alone for a while, as their ERP did not answer."""
        return self._context.list_unreachable()

    def run_once(
        self,
        limit: int | None = None,
        budget: float | None = None,
        connections: Collection[str] | None = None,
        stop: Event | None = None,
    ) -> list[Result]:
        """
        Work on one entry after the other until none is due, and return their last states.

        What waits behind an ERP that does not answer is left: see :attr:`unreachable`. Where the
        rates of all that is left allow no call yet, it waits; not where that is beyond the budget.

        Args:
            limit: The number of claims after which it stops.
            budget: The number of seconds after which it claims no more entries.
            connections: Only these; each that has something to do gets its turn.
            stop: Set by the host to end the run: see :meth:`run`.
        """
        steady, lane = self._context.steady, self._lane
        shutdown = lane.shutdown = self._open_shutdown(stop)
        begun = lane.claims
        ends = None if budget is None else steady() + budget
        touched: dict[str, None] = {}

        def continues() -> bool:
            enough = limit is not None and lane.claims - begun >= limit
            in_time = ends is None or steady() < ends
            return in_time and not enough and not shutdown.check()

        def touch(entry: QueueEntry) -> None:
            touched.setdefault(entry.id)

        names = self.queue.connections.names if connections is None else tuple(connections)
        lane.drain(names, continues, touch)
        while continues() and (wait := lane.find_wait()) is not None:
            if ends is not None and steady() + wait >= ends:
                break
            shutdown.wait(wait)
            lane.drain(names, continues, touch)
        return self._build_results(touched)

    def _build_results(self, ids: Iterable[str]) -> list[Result]:
        entries: Iterable[QueueEntry] = self.queue.entries(list(ids))
        return [Result(entry.id, Verdict(entry.refusal), entry) for entry in entries]

    def run_until_idle(self, stop: Event | None = None, *, patient: bool = True) -> list[Result]:
        """
        Work until no entry is due, and return the last states of the entries.

        What waits behind an ERP that does not answer is left: see :attr:`unreachable`. So is what
        another transaction locks on PostgreSQL at that time; the next worker handles them.

        Args:
            stop: Set by the host to end the run: see :meth:`run`.
            patient: Wait for the leases of others to run out, too.
        """
        with self._open_lanes(stop) as lanes:
            return self._build_results(lanes.run_until_idle(patient=patient))

    @property
    def store_unavailable_for(self) -> float | None:
        """For how many seconds :meth:`run` has found the store unavailable; ``None``: it is not."""
        return self._context.store_health.find_unavailable_for()

    def run(self, stop: Event, pause: float = 1.0, store_limit: float | None = None) -> None:
        """
        Work until asked to stop; look again after each pause, in seconds.

        Once ``stop`` is set nothing more is claimed, and what is claimed and not yet started over
        there is handed back. A call in flight is waited for, no longer than ``grace``.

        A store that is unavailable is tried again after each pause, and logged as an error at once
        and every minute; :attr:`store_unavailable_for` shows it meanwhile.

        Args:
            stop: Set by the host to end the run.
            pause: For how many seconds to wait where nothing is due.
            store_limit: The seconds without the store after which it ends; ``None``: never.

        Raises:
            StoreError: The last error of the store, once the limit is over.
        """
        with self._open_lanes(stop) as lanes:
            lanes.run_for_ever(pause, store_limit)

    def _open_lanes(self, stop: Event | None) -> LanePool:
        return LanePool(self._context, self._open_shutdown(stop), self.concurrency)

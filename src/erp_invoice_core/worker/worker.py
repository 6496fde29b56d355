"""Worker: claims due entries, calls the adapters and records the answers."""

from __future__ import annotations

import os
import random
import socket
import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from ..adapters.callers import ThreadCaller
from ..adapters.containment import watch_handlers
from ..adapters.limits import Limits
from ..flow import DEFAULT_RETRY_POLICY, RetryPolicy
from ..queue import Result, choose_wall_clock
from ..verdict import Verdict
from .context import WorkerContext
from .lane import Lane
from .lane_pool import LanePool
from .shutdown import ShutdownSignal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime
    from threading import Event

    from ..adapters.callers import Caller
    from ..documents import QueueEntry
    from ..queue import ExportQueue

_LEASE = timedelta(seconds=60)
_SHORTEST = timedelta(seconds=1)
_LIMITS = Limits()


def _draw_incarnation() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}"


class Worker:
    """
    Exports accepted invoices, looks up unknown ones and withdraws leftover documents.

    It claims only entries for adapters of its queue. Any number of workers may run, in threads, in
    processes and, if the store allows it, on several machines.

    Args:
        queue: The queue of the entries.
        lease: The duration of a lease; each call renews it at its start and during the call.
        holder: A unique name of this worker; by default a random one.
        concurrency: The number of entries of each connection to work on at the same time, in
            :meth:`run` and :meth:`run_until_idle`.
        limits: The limits of connections that have none of their own.
        retry_policy: The retry policy of connections without their own.
        grace: The number of seconds to wait for running calls after a shutdown request; by default
            the time limit of each call.
        calls: Creates a :class:`Caller`, which calls an adapter with a time limit.
        chance: Returns a random number from 0 to 1, for jitter.
        sleep: Sleeps for the given seconds.
        steady: Returns monotonic seconds.
        wall: Returns the time of this machine (UTC), for the deadlines of adapters.

    Raises:
        TypeError: The lease is not a timedelta.
        ValueError: The lease is shorter than a second, or ``concurrency`` is below 1.
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
            msg = f"lease must be a timedelta, as timedelta(seconds=60), and not {kind}."
            raise TypeError(msg)
        if lease < _SHORTEST:
            msg = "lease must be at least a second, because it is renewed three times in that time."
            raise ValueError(msg)
        if concurrency < 1:
            msg = "concurrency must be at least 1."
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
            wall=wall or choose_wall_clock(queue.clock, queue.store.clock),
            limits=limits,
            retry_policy=retry_policy,
        )
        self._lane = Lane(self._context, self._open_shutdown(None))

    def _open_shutdown(self, stop: Event | None) -> ShutdownSignal:
        return ShutdownSignal(stop, self.grace, self._context.steady, self._context.sleep)

    @property
    def unreachable(self) -> tuple[str, ...]:
        """The names of the connections with an open circuit breaker: their ERP did not answer."""
        return self._context.list_unreachable()

    def run_once(
        self,
        limit: int | None = None,
        budget: float | None = None,
        connections: Collection[str] | None = None,
        stop: Event | None = None,
    ) -> list[Result]:
        """
        Work on one entry after another until none is due, and return a result for each.

        Entries of an ERP that does not answer are left (see :attr:`unreachable`). If only rate
        limits delay the remaining entries, it waits for them, but not beyond the budget.

        Args:
            limit: The number of claims after which it stops.
            budget: The number of seconds after which it claims no more entries.
            connections: The connections to serve in turn; by default all.
            stop: The host sets it to end the run, as in :meth:`run`.
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
        # Once for all entries: else each callback of the host replaces the handlers (benchmark 4c).
        with watch_handlers():
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
        Work until no entry is due, and return a result for each entry that was worked on.

        Entries of an ERP that does not answer are left (see :attr:`unreachable`), and so are
        entries that another transaction of PostgreSQL locks at that time.

        Args:
            stop: The host sets it to end the run, as in :meth:`run`.
            patient: Also wait until the leases of other workers expire.
        """
        with self._open_lanes(stop) as lanes:
            return self._build_results(lanes.run_until_idle(patient=patient))

    @property
    def store_unavailable_for(self) -> float | None:
        """The seconds for which :meth:`run` has had no store; ``None`` if it has one."""
        return self._context.store_health.find_unavailable_for()

    def run(self, stop: Event, pause: float = 1.0, store_limit: float | None = None) -> None:
        """
        Work until ``stop`` is set; poll after each pause.

        After ``stop`` is set, the worker claims no more entries, and releases claimed entries
        without a started call. It waits for running calls, at most for ``grace``.

        If the store is unavailable, the worker tries again after each pause. It logs an error at
        once and then every minute, and :attr:`store_unavailable_for` has the duration.

        Args:
            stop: The host sets it to end the run.
            pause: The longest time to wait if no entry is due, in seconds; the shortest is half of
                it.
            store_limit: The number of seconds without the store after which the run ends; ``None``
                for no limit.

        Raises:
            StoreError: The store was unavailable for the limit; the last error is raised.
        """
        with self._open_lanes(stop) as lanes:
            lanes.run_for_ever(pause, store_limit)

    def _open_lanes(self, stop: Event | None) -> LanePool:
        return LanePool(self._context, self._open_shutdown(stop), self.concurrency)

"""Lane pool: the lanes of one run, one or more for each connection."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import attrs

from ..adapters.containment import watch_handlers
from ..stores import StoreError
from .lane import Lane
from .shutdown import NOTICED_WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from ..documents import QueueEntry
    from .context import WorkerContext
    from .shutdown import ShutdownSignal

_SHORTEST = 0.05
_LONGEST = 1.0
#: The number of waits that double; later ones are the longest.
_DOUBLINGS = 5


def find_pause(times: int) -> float:
    """
    Return the seconds to wait for another worker, after ``times`` waits without a due entry.

    The waiting times double from 0.05 seconds to 1 second.
    """
    return min(_SHORTEST * 2.0 ** min(times, _DOUBLINGS), _LONGEST)


@attrs.define
class _Assignment:
    """A lane, and the one connection that it serves, if there is any."""

    lane: Lane
    names: tuple[str, ...]


class LanePool:
    """
    The lanes of one run, each in a thread of its own unless there is only one.

    If a lane fails, the others are stopped and the error is raised.
    """

    def __init__(self, context: WorkerContext, shutdown: ShutdownSignal, concurrency: int) -> None:
        self._context = context
        self._shutdown = shutdown
        self._touched: dict[str, None] = {}
        self._errors: list[BaseException] = []
        self._assignments = [
            _Assignment(Lane(context, shutdown), (name,))
            for name in context.queue.connections.names
            for _ in range(
                min(concurrency, context.find_configured_limits(name).at_once or concurrency)
            )
        ] or [_Assignment(Lane(context, shutdown), ())]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for assigned in self._assignments:
            assigned.lane.close()

    def run_until_idle(self, *, patient: bool) -> Iterable[str]:
        """
        Work until no entry is due; return the ids of the entries that the lanes worked on.

        Args:
            patient: Also wait until the leases of other workers expire.
        """
        self._run_all(lambda assigned: self._run_until_idle(assigned, patient=patient))
        return list(self._touched)

    def run_for_ever(self, pause: float, store_limit: float | None = None) -> None:
        """
        Work until a shutdown is requested.

        Args:
            pause: The longest time to wait if no entry is due, in seconds; the shortest is half of
                it.
            store_limit: The longest time without the store, in seconds; ``None`` for no limit.

        Raises:
            StoreError: The store was unavailable for ``store_limit`` seconds.
        """
        self._run_all(lambda assigned: self._run_for_ever(assigned, pause, store_limit))

    def _run_all(self, act: Callable[[_Assignment], None]) -> None:
        if len(self._assignments) == 1:
            act(self._assignments[0])
            return
        threads = [
            threading.Thread(
                target=self._run_one, args=[act, assigned], name=f"erp-lane-{number}", daemon=True
            )
            for number, assigned in enumerate(self._assignments)
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(NOTICED_WITHIN)
        except BaseException:
            self._shutdown.halt()
            raise
        for error in self._errors:
            raise error

    def _run_one(self, act: Callable[[_Assignment], None], assigned: _Assignment) -> None:
        try:
            act(assigned)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that started the lanes
            self._errors.append(error)
            self._shutdown.halt()

    def _drain(self, assigned: _Assignment) -> bool:
        """Work on due entries; return whether any entry was due."""
        before = assigned.lane.claims
        # Once for all entries, as in run_once; only a pool of one lane has the main thread.
        with watch_handlers():
            assigned.lane.drain(assigned.names, lambda: not self._shutdown.check(), self._touch)
        return assigned.lane.claims > before

    def _touch(self, entry: QueueEntry) -> None:
        self._touched.setdefault(entry.id)

    def _run_until_idle(self, assigned: _Assignment, *, patient: bool) -> None:
        times = 0
        while True:
            times = 0 if self._drain(assigned) else times + 1
            if self._shutdown.check():
                return
            held = assigned.lane.find_wait()
            wait = self._find_lease_wait(assigned.names) if patient and held is None else held
            if wait is None:
                return
            if held is None:  # another worker may finish before its lease expires
                wait = min(wait + _SHORTEST, find_pause(times))
            self._shutdown.wait(wait)

    def _find_lease_wait(self, names: Sequence[str]) -> float | None:
        """
        Return the seconds until the first lease on the connections ends; 0 if it has ended.

        ``None`` if no entry on them is leased, or if the lease has ended but the circuit breaker of
        its connection is open, so that the entry cannot be looked up now.
        """
        queue = self._context.queue
        ends = queue.store.find_lease_end(names)
        if ends is None:
            return None
        wait = (ends - queue.clock()).total_seconds()
        if wait <= 0 and all(self._context.find_limits(name).breaker.is_open for name in names):
            return None  # the entry cannot be looked up now
        return max(wait, 0.0)

    def _run_for_ever(self, assigned: _Assignment, pause: float, store_limit: float | None) -> None:
        while not self._shutdown.check():
            try:
                worked, held = self._drain(assigned), assigned.lane.find_wait()
                self._context.store_health.record_success()
            except StoreError as error:  # as other processes lock the store, its server restarts or its disk is full
                worked, held = False, None
                seconds = self._context.store_health.record_failure(error)
                if store_limit is not None and seconds >= store_limit:
                    raise
            if held is not None:
                self._shutdown.wait(min(held, pause))
            elif not worked:
                self._shutdown.wait(pause * (1 - self._context.chance() / 2))

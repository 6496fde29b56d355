"""All lanes of a worker at once: so many for each connection, none in another one's way."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import attrs

from ..stores import StoreError
from .lane import Lane
from .stopping import NOTICED_WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from ..documents import QueueEntry
    from .means import Means
    from .stopping import Stopping

__all__ = ["Lanes"]

_SHORTEST = 0.05
_LONGEST = 1.0


@attrs.define
class _Way:
    """A lane, and the connections that it serves: one, or none where there is no adapter."""

    lane: Lane
    names: tuple[str, ...]


class Lanes:
    """
    The lanes of one run; each is a thread of its own, unless there is but one.

    Where one breaks down the others are stopped, and what it raised is raised.
    """

    def __init__(self, means: Means, stopping: Stopping, concurrency: int) -> None:
        self._means = means
        self._stopping = stopping
        self._touched: dict[str, None] = {}
        self._errors: list[BaseException] = []
        self._ways = [
            _Way(Lane(means, stopping), (name,))
            for name in means.queue.lines.names
            for _ in range(min(concurrency, means.pace_of(name).at_once or concurrency))
        ] or [_Way(Lane(means, stopping), ())]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for way in self._ways:
            way.lane.close()

    def until_idle(self, *, patient: bool) -> Iterable[str]:
        """Work until nothing is due; return the ids of the entries that were touched."""
        self._all(lambda way: self._until_idle(way, patient=patient))
        return list(self._touched)

    def for_ever(self, pause: float, store_limit: float | None = None) -> None:
        """
        Work until asked to stop.

        Raises:
            StoreError: The store was unavailable for as many seconds as the limit says.
        """
        self._all(lambda way: self._for_ever(way, pause, store_limit))

    def _all(self, act: Callable[[_Way], None]) -> None:
        if len(self._ways) == 1:
            act(self._ways[0])
            return
        threads = [
            threading.Thread(
                target=self._one, args=[act, way], name=f"erp-lane-{number}", daemon=True
            )
            for number, way in enumerate(self._ways)
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(NOTICED_WITHIN)
        except BaseException:
            self._stopping.halt()
            raise
        for error in self._errors:
            raise error

    def _one(self, act: Callable[[_Way], None], way: _Way) -> None:
        try:
            act(way)
        except BaseException as error:  # noqa: BLE001 - raised again by whoever started the lanes
            self._errors.append(error)
            self._stopping.halt()

    def _drain(self, way: _Way) -> bool:
        """Work off what is due; whether there was anything."""
        before = way.lane.taken
        way.lane.drain(way.names, lambda: not self._stopping.is_asked, self._touch)
        return way.lane.taken > before

    def _touch(self, entry: QueueEntry) -> None:
        self._touched.setdefault(entry.id)

    def _until_idle(self, way: _Way, *, patient: bool) -> None:
        times = 0
        while True:
            times = 0 if self._drain(way) else times + 1
            if self._stopping.is_asked:
                return
            held = way.lane.held()
            wait = self._wait(way.names) if patient and held is None else held
            if wait is None:
                return
            if held is None:  # somebody else may be done sooner than its lease says
                wait = min(wait + _SHORTEST, _SHORTEST * 2**times, _LONGEST)
            self._stopping.wait(wait)

    def _wait(self, names: Sequence[str]) -> float | None:
        """Return for how many seconds others hold what is left; ``None``: nothing is."""
        queue = self._means.queue
        ends = queue.store.lease_ends(names)
        if ends is None:
            return None
        wait = (ends - queue.clock()).total_seconds()
        if wait <= 0 and all(self._means.gate(name).is_shut for name in names):
            return None  # it cannot be looked up now
        return max(wait, 0.0)

    def _for_ever(self, way: _Way, pause: float, store_limit: float | None) -> None:
        while not self._stopping.is_asked:
            try:
                worked, held = self._drain(way), way.lane.held()
                self._means.store_health.worked()
            except StoreError as error:  # others hold it, its server restarts, its disk is full
                worked, held = False, None
                seconds = self._means.store_health.failed(error)
                if store_limit is not None and seconds >= store_limit:
                    raise
            if held is not None:
                self._stopping.wait(min(held, pause))
            elif not worked:
                self._stopping.wait(pause * (1 - self._means.chance() / 2))

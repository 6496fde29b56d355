"""The server's time, without a query for each reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import THIS_MACHINE, Anchor, Machine, SteadyClock
from ..errors import StoreError
from ..rows import from_micros

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from .sql import Row


_NOW = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
#: The seconds for which an answer is used, and the longest duration of a query for it.
_GOOD_FOR = 5.0
_PROMPT = 0.05
_TRIES = 3


class ServerTime:
    """
    The server's time (UTC), continued by this machine's monotonic clock between queries.

    The server is asked every few seconds. The time is ahead of the server by at most the duration
    of the query; a slow query is repeated. Without the server, the monotonic clock continues.
    """

    def __init__(self, machine: Machine = THIS_MACHINE) -> None:
        self._ticks = machine.ticks
        self._clock: SteadyClock | None = None

    def __call__(self, query: Callable[[str], list[Row]]) -> datetime:
        """Return the current time (UTC); ``query`` asks the server."""
        clock = self._clock
        if clock is None or self._ticks() - clock.anchor.ticks > _GOOD_FOR:
            clock = self._clock = self._build_anchor(clock, query)
        return clock()

    def _build_anchor(
        self, former: SteadyClock | None, query: Callable[[str], list[Row]]
    ) -> SteadyClock:
        found: list[tuple[float, Anchor]] = []
        for _ in range(_TRIES):
            before = self._ticks()
            try:
                ((server_time,),) = query(_NOW)
            except StoreError:
                if former is None:
                    raise
                return former
            took = self._ticks() - before
            found.append((took, Anchor(boot="", at=from_micros(server_time), ticks=before)))
            if took <= _PROMPT:
                break
        _, anchor = min(found, key=lambda one: one[0])
        return SteadyClock(anchor, self._ticks)

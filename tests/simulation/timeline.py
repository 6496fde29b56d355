"""Virtual time, and what is planned for later."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Timeline:
    """
    Time that passes only when it is advanced.

    Attributes:
        now: The moment (UTC).
    """

    def __init__(self, now: datetime) -> None:
        """Begin at that moment, with an empty plan."""
        self.now = now
        self._begun = now
        self._calendar: list[tuple[datetime, int, Callable[[], object]]] = []
        self._planned = 0

    def steady(self) -> float:
        """Return the seconds that have passed."""
        return (self.now - self._begun).total_seconds()

    def after(self, seconds: float) -> datetime:
        """Return the moment that number of seconds from now (UTC)."""
        return self.now + timedelta(seconds=seconds)

    def plan(self, seconds: float, act: Callable[[], object]) -> None:
        """Plan an act for that number of seconds from now."""
        self._planned += 1
        moment = self.now + timedelta(seconds=seconds)
        heapq.heappush(self._calendar, (moment, self._planned, act))

    def advance(self, to: datetime) -> None:
        """Let time pass; every planned act runs at its moment."""
        while self._calendar and self._calendar[0][0] <= to:
            moment, _, act = heapq.heappop(self._calendar)
            self.now = max(self.now, moment)
            act()
        self.now = max(self.now, to)

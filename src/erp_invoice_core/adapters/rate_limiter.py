"""
The rate limiter of an ERP connection.

All lanes of a worker share it. A worker claims no entry for the connection until the rate allows a
call. The calls of a claimed entry are counted and never delayed.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable


@attrs.define
class RateLimiter:
    """
    Limits the rate of the calls of a connection.

    Attributes:
        calls_per_minute: The highest rate, or ``None`` for no limit.
        steady: Returns monotonic seconds.
    """

    calls_per_minute: float | None
    steady: Callable[[], float]
    _lock: threading.Lock = attrs.Factory(threading.Lock)
    _next_call: float = float("-inf")

    def find_wait(self) -> float:
        """Return the number of seconds until the rate allows a call; 0 if it allows one now."""
        if self.calls_per_minute is None:
            return 0.0
        return max(0.0, self._next_call - self.steady())

    def count_call(self) -> None:
        """Count a call right before it is made."""
        if self.calls_per_minute is not None:
            with self._lock:
                begin = max(self._next_call, self.steady())
                self._next_call = begin + 60.0 / self.calls_per_minute

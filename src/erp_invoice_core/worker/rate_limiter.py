"""
The rate limiter of one ERP connection: it spaces the calls.

All lanes of a worker share it. A worker claims nothing for the connection until the rate allows a
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
    Spaces the calls of a connection.

    Attributes:
        calls_per_minute: The highest rate; ``None``: no limit.
        steady: Monotonic seconds.
    """

    calls_per_minute: float | None
    steady: Callable[[], float]
    _lock: threading.Lock = attrs.Factory(threading.Lock)
    _next_call: float = float("-inf")

    def find_wait(self) -> float:
        """Return for how many seconds the rate allows no call; 0 if it allows one now."""
        return max(0.0, self._next_call - self.steady())

    def count_call(self) -> None:
        """Count a call that is about to be made."""
        if self.calls_per_minute is not None:
            with self._lock:
                begin = max(self._next_call, self.steady())
                self._next_call = begin + 60.0 / self.calls_per_minute

"""The gate of a connection: its rate, and the circuit breaker that spares an ERP that is down."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import attrs

from ..adapters.pace import Pace
from ..exchange import CannotTell, Deferred, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Gate", "Pace"]


@attrs.define
class Gate:
    """
    What all lanes of a worker know of one ERP: whether it answers, and how often it was called.

    Attributes:
        steady: Seconds that only grow.
        chance: From 0 to 1; takes up to half of a pause away.
    """

    pace: Pace
    steady: Callable[[], float]
    chance: Callable[[], float]
    _lock: threading.Lock = attrs.Factory(threading.Lock)
    _misses: int = 0
    _pauses: int = 0
    _shut_until: float | None = None
    _is_tried: bool = False
    _next_call: float = float("-inf")

    @property
    def is_shut(self) -> bool:
        """Whether the ERP did not answer, so that nothing is claimed for it."""
        return self._shut_until is not None

    @property
    def wait(self) -> float:
        """For how many seconds the rate allows no call; 0: it allows one."""
        return max(0.0, self._next_call - self.steady())

    def tries(self) -> bool:
        """Whether the caller may now try whether a shut gate's ERP answers again, all alone."""
        with self._lock:
            over = self._shut_until is not None and self.steady() >= self._shut_until
            if not over or self._is_tried:
                return False
            self._is_tried = True
            return True

    def untried(self) -> None:
        """Let another one try: there was nothing to try it with."""
        with self._lock:
            self._is_tried = False

    def spend(self) -> None:
        """Note that a call is made."""
        rate = self.pace.calls_per_minute
        if rate is not None:
            with self._lock:
                self._next_call = max(self._next_call, self.steady()) + 60.0 / rate

    def note(self, answer: object) -> None:
        """Note what a call answered: a clear word opens the gate, none at all may shut it."""
        silent = isinstance(answer, Unknown | CannotTell)
        if silent or (isinstance(answer, Deferred) and answer.until is None):
            self.miss()
        elif not isinstance(answer, Deferred):
            self._open()

    def _open(self) -> None:
        with self._lock:
            self._misses = self._pauses = 0
            self._shut_until = None
            self._is_tried = False

    def miss(self) -> None:
        """Note that a call got no answer."""
        with self._lock:
            self._misses += 1
            at_rest = self._shut_until is not None and not self._is_tried
            if self._misses < self.pace.failures or at_rest:
                return
            pause = min(self.pace.pause * 2**self._pauses, self.pace.longest_pause)
            self._pauses += 1
            self._shut_until = self.steady() + pause * (1 - self.chance() / 2)
            self._is_tried = False

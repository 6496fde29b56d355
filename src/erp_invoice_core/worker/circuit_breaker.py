"""
The circuit breaker of one ERP connection: it leaves an ERP alone that does not answer.

All lanes of a worker share it. It is closed as long as the ERP answers. After several calls in a
row without an answer it opens, and nothing is claimed for the connection. When its pause is over it
is half-open: one lane makes a trial call. The answer closes the breaker, or a failure opens it for
twice as long.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import attrs

from ..exchange import CannotTell, Deferred, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..adapters.limits import Limits


@attrs.define
class CircuitBreaker:
    """
    Leaves an ERP alone that does not answer.

    Attributes:
        limits: After how many failures it opens, and for how long.
        steady: Monotonic seconds.
        chance: A random number from 0 to 1; jitter takes up to half of a pause away.
    """

    limits: Limits
    steady: Callable[[], float]
    chance: Callable[[], float]
    _lock: threading.Lock = attrs.Factory(threading.Lock)
    _failures: int = 0
    _pauses: int = 0
    _open_until: float | None = None
    _is_on_trial: bool = False

    @property
    def is_open(self) -> bool:
        """Return whether the ERP did not answer, so that nothing is claimed for it."""
        return self._open_until is not None

    def begin_trial(self) -> bool:
        """Return whether the calling lane may try the ERP; only one lane at a time may."""
        with self._lock:
            is_over = self._open_until is not None and self.steady() >= self._open_until
            if not is_over or self._is_on_trial:
                return False
            self._is_on_trial = True
            return True

    def end_trial(self) -> None:
        """Let another lane try: no call was made."""
        with self._lock:
            self._is_on_trial = False

    def record_answer(self, answer: object) -> None:
        """Record the answer of a call: a definite one closes the breaker, none may open it."""
        is_silent = isinstance(answer, Unknown | CannotTell)
        if is_silent or (isinstance(answer, Deferred) and answer.until is None):
            self.record_failure()
        elif not isinstance(answer, Deferred):
            self._close()

    def _close(self) -> None:
        with self._lock:
            self._failures = self._pauses = 0
            self._open_until = None
            self._is_on_trial = False

    def record_failure(self) -> None:
        """Record a call that got no answer."""
        with self._lock:
            self._failures += 1
            is_resting = self._open_until is not None and not self._is_on_trial
            if self._failures < self.limits.failures or is_resting:
                return
            pause = min(self.limits.pause * 2**self._pauses, self.limits.longest_pause)
            self._pauses += 1
            self._open_until = self.steady() + pause * (1 - self.chance() / 2)
            self._is_on_trial = False

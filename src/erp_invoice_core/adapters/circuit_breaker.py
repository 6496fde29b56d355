"""
The circuit breaker of an ERP connection.

All lanes of a worker share it. It is closed as long as the ERP answers. After several calls in a
row without an answer it opens, and the worker claims no entry for the connection. After a pause it
is half-open, and one lane makes a trial call. An answer closes the breaker; a failure opens it for
twice the time.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import attrs

from ..exchange import CannotTell, Deferred, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from .limits import Limits


@attrs.define
class CircuitBreaker:
    """
    Stops the calls to an ERP that does not answer.

    Attributes:
        limits: The number of failures that open it, and the pauses.
        steady: Returns monotonic seconds.
        chance: Returns a random number from 0 to 1; jitter shortens a pause by up to half.
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
        """
        True from the failures that open the breaker until an answer closes it.

        The worker claims no entry for the ERP meanwhile, except for the trial while it is
        half-open.
        """
        return self._open_until is not None

    def begin_trial(self) -> bool:
        """
        Return whether the calling lane is to make the trial call, and reserve the trial for it.

        False while the breaker is closed, during the pause, and if another lane makes the trial.
        """
        with self._lock:
            is_over = self._open_until is not None and self.steady() >= self._open_until
            if not is_over or self._is_on_trial:
                return False
            self._is_on_trial = True
            return True

    def end_trial(self) -> None:
        """Give up a trial that neither closed nor opened the breaker; another lane may make it."""
        with self._lock:
            self._is_on_trial = False

    def record_answer(self, answer: object) -> None:
        """
        Record the answer of a call, which may close or open the breaker.

        An unknown or inconclusive answer, or a deferral without a time, counts as a failure. A
        deferral with a time changes nothing. Any other answer closes the breaker.
        """
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
        """Record a call without an answer; after enough of them in a row the breaker opens."""
        with self._lock:
            self._failures += 1
            is_resting = self._open_until is not None and not self._is_on_trial
            if self._failures < self.limits.failures or is_resting:
                return
            pause = min(self.limits.pause * 2**self._pauses, self.limits.longest_pause)
            self._pauses += 1
            self._open_until = self.steady() + pause * (1 - self.chance() / 2)
            self._is_on_trial = False

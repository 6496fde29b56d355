"""Health of the store: the time for which it has been unavailable."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import attrs

from ..adapters.containment import read_class_name
from .log import LOG

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..stores import StoreError

#: The interval, in seconds, at which an unavailable store is logged again.
_LOG_EVERY: Final = 60.0


@attrs.define
class StoreHealth:
    """
    Records for how long the store has been unavailable, for all lanes of a worker.

    Attributes:
        steady: Returns monotonic seconds.
    """

    steady: Callable[[], float]
    _since: float | None = None
    _logged: float = float("-inf")
    _failures: int = 0
    _lock: threading.Lock = attrs.Factory(threading.Lock)

    def find_unavailable_for(self) -> float | None:
        """Return for how many seconds the store has been unavailable; ``None``: it is available."""
        with self._lock:
            return None if self._since is None else self.steady() - self._since

    def record_failure(self, error: StoreError) -> float:
        """Record an error of the store; return for how many seconds it has been unavailable."""
        with self._lock:
            at = self.steady()
            self._since = at if self._since is None else self._since
            self._failures += 1
            seconds = at - self._since
            is_due = at - self._logged >= _LOG_EVERY
            self._logged = at if is_due else self._logged
        if is_due:
            LOG.error(
                "The store has been unavailable for %.0f seconds (%s). The worker tries again.",
                seconds,
                read_class_name(error),
                extra={"seconds": seconds, "failures": self._failures},
            )
        return seconds

    def record_success(self) -> None:
        """Record that the store answered."""
        with self._lock:
            if self._since is None:
                return
            seconds = self.steady() - self._since
            self._since, self._logged, self._failures = None, float("-inf"), 0
        LOG.warning("The store is available again after %.0f seconds.", seconds)

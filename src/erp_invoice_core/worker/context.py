"""Configuration and dependencies shared by all lanes of a worker."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from ..adapters.circuit_breaker import CircuitBreaker
from ..adapters.erp_client import ConnectionLimits
from ..adapters.rate_limiter import RateLimiter
from .candidates import Candidates
from .store_health import StoreHealth

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..adapters.callers import Caller
    from ..adapters.limits import Limits
    from ..documents import Restore
    from ..flow import RetryPolicy
    from ..queue import ExportQueue

#: The number of seconds for which the store's answer about restores is cached.
_RESTORE_CACHED_FOR = 5.0


@attrs.frozen(kw_only=True)
class WorkerContext:
    """
    Configuration and dependencies of a worker.

    Attributes:
        queue: The queue whose entries it works on.
        holder: The unique name of this run of the worker.
        lease: The duration of a lease.
        calls: Creates the :class:`Caller` through which a channel calls its adapter.
        chance: Returns a random number from 0 to 1.
        sleep: Sleeps for the given seconds.
        steady: Returns monotonic seconds.
        wall: Returns this machine's time (UTC), by which adapters keep deadlines.
        limits: The limits of connections that have none of their own.
        retry_policy: The retry policy of connections that have none of their own.
        store_health: Records for how long the store has been unavailable.
        candidates: The due entries that the lanes share.
    """

    queue: ExportQueue
    holder: str
    lease: timedelta
    calls: Callable[[], Caller]
    chance: Callable[[], float]
    sleep: Callable[[float], None]
    steady: Callable[[], float]
    wall: Callable[[], datetime]
    limits: Limits
    retry_policy: RetryPolicy
    _limits_by_name: dict[str, ConnectionLimits] = attrs.Factory(dict)
    _lock: threading.Lock = attrs.Factory(threading.Lock)
    store_health: StoreHealth = attrs.Factory(
        lambda self: StoreHealth(self.steady), takes_self=True
    )
    candidates: Candidates = attrs.Factory(
        lambda self: Candidates(self.queue, self.steady, self.chance), takes_self=True
    )
    _restore: list[tuple[float, Restore | None]] = attrs.Factory(list)

    @property
    def cadence(self) -> float:
        """The interval at which a lease is renewed, in seconds; a third of the lease."""
        return self.lease.total_seconds() / 3

    def list_unreachable(self) -> tuple[str, ...]:
        """Return the connections whose circuit breaker is open."""
        with self._lock:
            return tuple(
                name for name, limits in self._limits_by_name.items() if limits.breaker.is_open
            )

    def find_configured_limits(self, name: str) -> Limits:
        """Return the limits set for a connection, by default those of the worker."""
        return self.queue.connections.find_limits(name) or self.limits

    def find_retry_policy(self, name: str | None) -> RetryPolicy:
        """
        Return the retry policy of a connection, by default that of the worker.

        It does not matter whether the adapter of the connection is loaded.
        """
        return self.queue.connections.find_retry_policy(name) or self.retry_policy

    def find_restore(self) -> Restore | None:
        """
        Return the last restore of the database, cached for five seconds; ``None`` without one.

        Raises:
            StoreError: The store is busy, or unavailable.
        """
        now = self.steady()
        if not self._restore or now - self._restore[-1][0] > _RESTORE_CACHED_FOR:
            self._restore[:] = [(now, self.queue.store.restore())]
        return self._restore[-1][1]

    def find_limits(self, name: str) -> ConnectionLimits:
        """Return the rate limiter and the circuit breaker of a connection, shared by all lanes."""
        with self._lock:
            limits = self._limits_by_name.get(name)
            if limits is None:
                configured = self.find_configured_limits(name)
                limits = self._limits_by_name[name] = ConnectionLimits(
                    RateLimiter(configured.calls_per_minute, self.steady),
                    CircuitBreaker(configured, self.steady, self.chance),
                )
            return limits

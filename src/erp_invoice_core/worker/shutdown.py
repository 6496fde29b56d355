"""
Shutdown request of a worker, with a grace period for calls.

After the request no new work starts. The worker waits for running calls until the grace period
ends; without a grace period, until the time limit of each call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

#: The interval, in seconds, at which a waiting thread wakes to notice a shutdown request. Python
#: runs a signal handler in the main thread only when that thread runs, and the system may have
#: delivered the signal to another thread.
NOTICED_WITHIN = 0.2


@attrs.define
class ShutdownSignal:
    """
    The shutdown request of one run, and its grace period.

    Attributes:
        stop: Set to request a shutdown; ``None`` if the caller gave no event.
        grace: The grace period in seconds, or ``None`` for the time limits of the calls.
        steady: Returns monotonic seconds.
        sleep: Sleeps for the given seconds.
    """

    stop: Event | None
    grace: float | None
    steady: Callable[[], float]
    sleep: Callable[[float], None]
    _since: float | None = None
    _is_halted: bool = False

    def halt(self) -> None:
        """Request a shutdown because a lane failed."""
        self._is_halted = True

    def wait(self, seconds: float) -> None:
        """
        Wait for the given seconds, or until a shutdown is requested.

        ``Event.wait`` is not used. It sometimes holds the event's lock, and a signal handler that
        runs then in the same thread would wait for that lock for ever.
        """
        while seconds > 0 and not self.check():
            self.sleep(min(seconds, NOTICED_WITHIN))
            seconds -= NOTICED_WITHIN

    def check(self) -> bool:
        """Return whether a shutdown was requested; the first time, start the grace period."""
        if not self._is_halted and (self.stop is None or not self.stop.is_set()):
            return False
        if self._since is None:
            self._since = self.steady()
        return True

    def check_grace(self) -> bool:
        """Return whether the grace period is over, so that running calls are abandoned."""
        if not self.check() or self.grace is None or self._since is None:
            return False
        return self.steady() >= self._since + self.grace

    def shorten(self, interval: float) -> float:
        """Return a waiting time in seconds, shortened to notice a shutdown request in time."""
        return interval if self.stop is None else min(interval, NOTICED_WITHIN)

"""
Shutdown request, and the grace period of running calls.

After the request nothing new is started. Calls in flight are waited for until the grace period is
over; without a grace period, until their own time limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

#: While a shutdown may be requested a waiting thread wakes this often, in seconds. A signal's
#: handler runs in the main thread once that does something, and the system may have told another
#: thread of the signal.
NOTICED_WITHIN = 0.2


@attrs.define
class ShutdownSignal:
    """
    Return whether a shutdown was requested, and whether its grace period is over.

    Attributes:
        stop: Set to request a shutdown; ``None`` if the caller gave no event.
        grace: The grace period in seconds; ``None``: calls have their own limits.
        steady: Monotonic seconds.
        sleep: Sleeps for the given seconds.
    """

    stop: Event | None
    grace: float | None
    steady: Callable[[], float]
    sleep: Callable[[float], None]
    _since: float | None = None
    _is_halted: bool = False

    def halt(self) -> None:
        """Request a shutdown from inside, because a lane failed."""
        self._is_halted = True

    def wait(self, seconds: float) -> None:
        """
        Wait for the given seconds, or until a shutdown is requested.

        ``Event.wait`` is not used: it holds the event's lock at times, and the handler of a signal
        that came just then would wait for that lock in the same thread, for ever.
        """
        while seconds > 0 and not self.check():
            self.sleep(min(seconds, NOTICED_WITHIN))
            seconds -= NOTICED_WITHIN

    def check(self) -> bool:
        """Return whether a shutdown was requested; the first time, the grace period starts."""
        if not self._is_halted and (self.stop is None or not self.stop.is_set()):
            return False
        if self._since is None:
            self._since = self.steady()
        return True

    def check_grace(self) -> bool:
        """Return whether the grace period is over, so that no call is waited for any longer."""
        if not self.check() or self.grace is None or self._since is None:
            return False
        return self.steady() >= self._since + self.grace

    def shorten(self, interval: float) -> float:
        """Return an interval short enough to notice a shutdown in time, in seconds."""
        return interval if self.stop is None else min(interval, NOTICED_WITHIN)

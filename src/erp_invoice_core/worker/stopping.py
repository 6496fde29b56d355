"""Whether a worker was asked to stop, and whether what is under way may still be finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

__all__ = ["NOTICED_WITHIN", "Stopping"]

#: While a stop may come, whoever waits looks up so often, in seconds. A signal's handler runs in
#: the main thread, once that does something: the system may have told another one of the signal.
NOTICED_WITHIN = 0.2


@attrs.define
class Stopping:
    """
    A stop that may be asked for.

    Attributes:
        stop: Set by whoever asks; ``None``: nobody can.
        grace: For how many seconds a call in flight is waited for then; ``None``: its own limit.
        steady: Seconds that only grow.
        sleep: Waits for so many seconds.
    """

    stop: Event | None
    grace: float | None
    steady: Callable[[], float]
    sleep: Callable[[float], None]
    _since: float | None = None
    _is_halted: bool = False

    def halt(self) -> None:
        """Ask for a stop from inside: a lane broke down."""
        self._is_halted = True

    def wait(self, seconds: float) -> None:
        """
        Wait for so many seconds, or until a stop is asked for.

        Not by the event's own ``wait``: that holds the event's lock at times, and a signal's
        handler that came just then would wait for it in the same thread, for ever.
        """
        while seconds > 0 and not self.is_asked:
            self.sleep(min(seconds, NOTICED_WITHIN))
            seconds -= NOTICED_WITHIN

    @property
    def is_asked(self) -> bool:
        """Whether nothing new may be begun."""
        if not self._is_halted and (self.stop is None or not self.stop.is_set()):
            return False
        if self._since is None:
            self._since = self.steady()
        return True

    @property
    def is_over(self) -> bool:
        """Whether nothing that is under way is waited for any longer."""
        if not self.is_asked or self.grace is None or self._since is None:
            return False
        return self.steady() >= self._since + self.grace

    def slice(self, cadence: float) -> float:
        """Return how long to wait between two beats, in seconds, to notice a stop in time."""
        return cadence if self.stop is None else min(cadence, NOTICED_WITHIN)

"""What a worker works with: its queue, its name, its lease, and all that the world is to it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from .pace import Gate, Pace
from .store_health import StoreHealth

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..documents import Restore
    from ..flow import Patience
    from ..queue import ExportQueue
    from .calling import Caller

__all__ = ["Means"]

#: For how many seconds the answer to whether the database was restored is good.
_RESTORE_GOOD_FOR = 5.0


@attrs.frozen(kw_only=True)
class Means:
    """
    What all lanes of a worker share.

    Attributes:
        calls: Makes a caller: the way to everything that is waited for outside.
        chance: A number from 0 to 1.
        sleep: Waits for so many seconds.
        steady: Seconds that only grow.
        wall: The moment by this machine's clock (UTC), by which deadlines are kept.
        pace: Of connections that have none of their own.
        patience: Likewise.
        store_health: How long the store has been unavailable.
    """

    queue: ExportQueue
    holder: str
    lease: timedelta
    calls: Callable[[], Caller]
    chance: Callable[[], float]
    sleep: Callable[[float], None]
    steady: Callable[[], float]
    wall: Callable[[], datetime]
    pace: Pace
    patience: Patience
    _gates: dict[str, Gate] = attrs.Factory(dict)
    _lock: threading.Lock = attrs.Factory(threading.Lock)
    store_health: StoreHealth = attrs.Factory(
        lambda self: StoreHealth(self.steady), takes_self=True
    )
    _restore: list[tuple[float, Restore | None]] = attrs.Factory(list)

    @property
    def cadence(self) -> float:
        """How often a lease is renewed, in seconds: three times before it would run out."""
        return self.lease.total_seconds() / 3

    @property
    def shut(self) -> tuple[str, ...]:
        """The connections whose ERP did not answer."""
        with self._lock:
            return tuple(name for name, gate in self._gates.items() if gate.is_shut)

    def pace_of(self, name: str) -> Pace:
        """Return the pace of a connection."""
        return self.queue.lines.pace(name) or self.pace

    def patience_of(self, name: str | None) -> Patience:
        """Return the patience of a connection, whether its adapter is here or not."""
        return self.queue.lines.patience(name) or self.patience

    def restore(self) -> Restore | None:
        """
        Return the last restore of the database; asked again every few seconds.

        Raises:
            StoreError: The store is busy, or away.
        """
        now = self.steady()
        if not self._restore or now - self._restore[-1][0] > _RESTORE_GOOD_FOR:
            self._restore[:] = [(now, self.queue.store.restore())]
        return self._restore[-1][1]

    def gate(self, name: str) -> Gate:
        """Return the gate of a connection."""
        with self._lock:
            if name not in self._gates:
                self._gates[name] = Gate(self.pace_of(name), self.steady, self.chance)
            return self._gates[name]

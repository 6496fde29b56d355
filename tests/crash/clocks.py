"""Clocks that several processes share: a clock that is set, and a fast clock."""

from __future__ import annotations

import mmap
import struct
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import attrs

from tests.worker.harness import NOON

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = struct.Struct("d")


class KillClock(Protocol):
    """The clock of a worker."""

    def __call__(self) -> datetime:
        """Return the time (UTC)."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds of this clock."""
        ...


class SetClock:
    """A clock in a file: all processes read the same time; sleeping sets it forward."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_SECONDS.pack(0.0))
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), _SECONDS.size)

    def __call__(self) -> datetime:
        """Return the time (UTC)."""
        return NOON + timedelta(seconds=_SECONDS.unpack(self._page[:])[0])

    def sleep(self, seconds: float) -> None:
        """Set the clock forward for all processes."""
        self._page[:] = _SECONDS.pack(_SECONDS.unpack(self._page[:])[0] + seconds)


@attrs.frozen
class FastClock:
    """A clock that runs ``times`` as fast as the machine's own, from noon at ``start``."""

    start: float
    times: float

    def __call__(self) -> datetime:
        """Return the time (UTC)."""
        return NOON + timedelta(seconds=(time.monotonic() - self.start) * self.times)

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds of this clock."""
        time.sleep(seconds / self.times)

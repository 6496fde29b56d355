"""Time that goes on evenly: a machine's clock may be set, forwards or back, and nothing is hurt."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable


_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def _read_wall_clock() -> datetime:
    return datetime.now(UTC)


def _read_ticks() -> float:
    # Where there is one, the clock that goes on while the machine sleeps.
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


@cache
def _read_boot_id() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


@attrs.frozen(kw_only=True)
class Machine:
    """
    The clocks of a machine.

    Attributes:
        boot: Names the present boot; empty where the machine does not know it: then ``ticks`` of
            different processes are not compared.
        wall: The clock on the wall (UTC): it may be set.
        ticks: Seconds that only grow, one scale for all processes of a boot.
    """

    boot: Callable[[], str] = _read_boot_id
    wall: Callable[[], datetime] = _read_wall_clock
    ticks: Callable[[], float] = _read_ticks


THIS_MACHINE = Machine()


@attrs.frozen(kw_only=True)
class Anchor:
    """The time (UTC) at a count of ticks since a boot of the machine."""

    boot: str
    at: datetime
    ticks: float

    @classmethod
    def build(cls, machine: Machine, last: datetime | None = None) -> Anchor:
        """Return an anchor at the clock on the wall, yet not before ``last`` (UTC)."""
        wall, ticks = machine.wall(), machine.ticks()
        return cls(boot=machine.boot(), at=max(wall, last) if last else wall, ticks=ticks)


class SteadyClock:
    """
    UTC, counted in ticks from an anchor.

    Leases, settle moments and look-ups are judged by it. If the clock on the wall decided, setting
    it forwards would make a lease seem to be over for long, and absence conclusive, while the
    request was still on its way.
    """

    def __init__(self, anchor: Anchor, ticks: Callable[[], float]) -> None:
        """Go on from the anchor."""
        self.anchor = anchor
        self._ticks = ticks

    def __call__(self) -> datetime:
        """Return the moment (UTC)."""
        return self.anchor.at + timedelta(seconds=self._ticks() - self.anchor.ticks)

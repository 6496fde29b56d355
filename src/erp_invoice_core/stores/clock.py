"""Clock of a store, independent of changes of the machine's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ..values import Value

if TYPE_CHECKING:
    from collections.abc import Callable


_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
#: The clock that also counts while the machine sleeps, if the system has one.
_BOOT_TIME = getattr(time, "CLOCK_BOOTTIME", None)


def _read_wall_clock() -> datetime:
    return datetime.now(UTC)


def _read_ticks() -> float:
    return time.monotonic() if _BOOT_TIME is None else time.clock_gettime(_BOOT_TIME)


@cache
def _read_boot_id() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Machine(Value):
    """
    The clocks of a machine.

    Attributes:
        boot: The id of the current boot; empty if the machine has none, and then ``ticks`` of
            different processes are not compared.
        wall: Returns the machine's time (UTC), which may be changed.
        ticks: Returns monotonic seconds, the same for all processes of a boot.
    """

    boot: Callable[[], str] = _read_boot_id
    wall: Callable[[], datetime] = _read_wall_clock
    ticks: Callable[[], float] = _read_ticks


THIS_MACHINE = Machine()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Anchor(Value):
    """A time (UTC) and the tick count at that time, from which a clock counts."""

    boot: str
    at: datetime
    ticks: float

    @classmethod
    def build(cls, machine: Machine, last: datetime | None = None) -> Anchor:
        """
        Return an anchor at the machine's time, or at ``last`` (UTC) if that is later.

        ``last`` is the time of the last event; the store's time must not go back behind it.
        """
        wall, ticks = machine.wall(), machine.ticks()
        return cls(boot=machine.boot(), at=max(wall, last) if last else wall, ticks=ticks)


class SteadyClock:
    """
    A clock that returns UTC, counted in monotonic ticks from an anchor.

    Decisions about leases, settle times and look-ups use it. With the machine's time, setting that
    forward would make a lease look expired. It would also make a document count as absent although
    the request for it may still arrive in the ERP.
    """

    def __init__(self, anchor: Anchor, ticks: Callable[[], float]) -> None:
        """Count from the anchor."""
        self.anchor = anchor
        self._ticks = ticks

    def __call__(self) -> datetime:
        """Return the current time (UTC)."""
        return self.anchor.at + timedelta(seconds=self._ticks() - self.anchor.ticks)

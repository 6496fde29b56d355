"""A simulated process: when it goes on, whether it has crashed, what its wall clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs

from erp_invoice_core.adapters.containment import ProcessEnd

from .faults import Fault

try:
    from greenlet import greenlet
except ImportError as missing:
    _MISSING = "Install greenlet: the simulation needs it."
    raise ImportError(_MISSING) from missing

#: The lease of every simulated worker.
LEASE = timedelta(seconds=60)

#: When every history begins (UTC).
START = datetime(2026, 10, 31, 12, tzinfo=UTC)

#: Later than any history ends (UTC).
FAR = datetime(2100, 1, 1, tzinfo=UTC)


class Crashed(ProcessEnd):
    """The process ends here, whatever it was doing; nothing may catch this and go on."""


@attrs.define(eq=False)
class Process:
    """
    One simulated process: a worker, a person at the host's screen, a clerk in the ERP.

    Attributes:
        wake_at: When it goes on (UTC).
        crash: What it is counted as when it crashes; ``None``: it never does.
        owner: The process to which it belongs as a thread: they crash and stall together.
        calls: The threads that belong to it.
        skew: By how much the clock on its machine's wall is wrong.
        committed_at: When it committed last (UTC).
        stalled_until: Until when it stands still (UTC).
        planned_at: When it would go on if it did not stand still (UTC).
        sleeps_for: After so many commits of others, once its lease is over, it goes on.
        troubles: From when until when it could not work as it should (UTC).
        is_hindered: True if it may be stalled, or others go on before it.
        is_doomed: It has crashed; only its end is still to come.
    """

    name: str
    wake_at: datetime
    crash: Fault | None = None
    owner: Process | None = None
    run: greenlet = attrs.field(init=False)
    calls: list[Process] = attrs.field(factory=list, init=False)
    skew: timedelta = attrs.field(default=timedelta(0), init=False)
    committed_at: datetime = attrs.field(default=START, init=False)
    stalled_until: datetime = attrs.field(default=START, init=False)
    planned_at: datetime = attrs.field(default=START, init=False)
    sleeps_for: int = attrs.field(default=0, init=False)
    troubles: list[tuple[datetime, datetime]] = attrs.field(factory=list, init=False)
    is_hindered: bool = attrs.field(default=True, init=False)
    is_doomed: bool = attrs.field(default=False, init=False)

    @property
    def whole(self) -> Process:
        """The process of which this is a thread, or itself."""
        return self.owner or self

    @property
    def parts(self) -> tuple[Process, ...]:
        """The whole process, with all its threads."""
        whole = self.whole
        return (whole, *whole.calls)

    def stall(self, now: datetime, until: datetime) -> None:
        """Stand still, with all threads."""
        self.whole.troubles.append((now, until))
        for part in self.parts:
            part.planned_at = max(now, part.wake_at)
            part.stalled_until = until
            part.wake_at = max(part.wake_at, until)

    def go_on(self, now: datetime) -> None:
        """Stand still no longer."""
        whole = self.whole
        whole.sleeps_for = 0
        begun, _ = whole.troubles.pop()
        whole.troubles.append((begun, now))
        for part in self.parts:
            part.stalled_until = now
            part.wake_at = max(now, part.planned_at)

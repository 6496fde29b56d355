"""A simulated process: its wake time, its crash, its wall clock."""

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

#: The start of every run (UTC).
START = datetime(2026, 10, 31, 12, tzinfo=UTC)

#: Later than the end of any run (UTC).
FAR = datetime(2100, 1, 1, tzinfo=UTC)


class Crashed(ProcessEnd):
    """The process ends here; no handler may catch this and go on."""


@attrs.define(eq=False)
class Process:
    """
    One simulated process: a worker, a person who uses the host, a user of the ERP.

    Attributes:
        wake_at: When it goes on (UTC).
        crash: The fault that is counted if it crashes; ``None``: it never does.
        owner: The process to which it belongs as a thread: they crash and stall together.
        calls: The threads that belong to it.
        skew: The error of its machine's wall clock.
        committed_at: When it committed last (UTC).
        stalled_until: The end of its stall (UTC).
        planned_at: When it would go on without the stall (UTC).
        sleeps_for: It goes on after this number of commits by others, once its lease is over.
        troubles: The periods in which it could not work as it should (UTC).
        is_hindered: True if it may be stalled, or others go on before it.
        is_doomed: It has crashed, and has yet to end.
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
        """Stop, with all threads."""
        self.whole.troubles.append((now, until))
        for part in self.parts:
            part.planned_at = max(now, part.wake_at)
            part.stalled_until = until
            part.wake_at = max(part.wake_at, until)

    def go_on(self, now: datetime) -> None:
        """Go on after a stall."""
        whole = self.whole
        whole.sleeps_for = 0
        begun, _ = whole.troubles.pop()
        whole.troubles.append((begun, now))
        for part in self.parts:
            part.stalled_until = now
            part.wake_at = max(now, part.planned_at)

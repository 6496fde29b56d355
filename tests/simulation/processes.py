"""Processes in virtual time, of which one runs at a time."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from greenlet import getcurrent, greenlet

from .process import FAR, LEASE, START, Crashed, Process
from .timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from .faults import Fault


def _run_until_crash(body: Callable[[], object]) -> None:
    with suppress(Crashed):
        body()


class Processes(Timeline):
    """
    Runs the processes of one run; they switch at switch points only.

    Attributes:
        current: The running process; ``None``: the run itself, outside of its processes.
        is_held: True in a transaction, in which no process may switch.
    """

    def __init__(self) -> None:
        """Begin at :data:`START` with no process."""
        super().__init__(START)
        self.current: Process | None = None
        self.is_held = False
        self._processes: list[Process] = []
        self._hub = getcurrent()

    @property
    def wall(self) -> datetime:
        """The wall clock of the running process's machine (UTC)."""
        if self.current is None:
            return self.now
        return self.now + self.current.whole.skew

    @property
    def lease_until(self) -> datetime:
        """The end of the lease that the running process took or renewed last (UTC)."""
        return (self.current.committed_at if self.current else self.now) + LEASE

    def record_commit(self) -> None:
        """Note a commit of the running process, and wake the processes that wait for it."""
        if self.current is None:
            return
        self.current.committed_at = self.now
        for other in self._processes:
            if other.sleeps_for and other.committed_at + LEASE <= self.now:
                other.sleeps_for -= 1
                if not other.sleeps_for:
                    other.go_on(self.now)

    def record_trouble(self) -> None:
        """Note that something failed for the running process."""
        if self.current is not None:
            self.current.whole.troubles.append((self.now, self.now))

    def spawn(
        self,
        name: str,
        body: Callable[[], object],
        *,
        crash: Fault | None = None,
        after: float = 0.0,
        of: Process | None = None,
    ) -> Process:
        """Begin a process after that number of seconds, or a thread ``of`` a process."""
        process = Process(name, self.after(after), crash, of)
        process.run = greenlet(partial(_run_until_crash, body), self._hub)
        if of is not None:
            process.committed_at = of.committed_at
            of.calls.append(process)
        self._processes.append(process)
        return process

    def wake(self, process: Process) -> None:
        """Let a sleeping process go on, now or after its stall."""
        process.wake_at = max(self.now, process.stalled_until)

    def sleep(self, seconds: float) -> None:
        """
        Let the running process sleep; outside of any process, let time pass.

        Raises:
            Crashed: The process crashed meanwhile.
        """
        until = self.after(seconds)
        process = self.current
        if process is None:
            self.advance(until)
            return
        assert not self.is_held, "No process may switch inside a transaction."
        process.wake_at = max(until, process.stalled_until)
        self._hub.switch()
        if process.is_doomed:
            raise Crashed

    def choose_process(self, due: Sequence[Process]) -> Process:
        """Return the process that goes on, of those that could."""
        return due[0]

    def run(self) -> None:
        """Run all processes to their ends."""
        while self._processes:
            due = [process for process in self._processes if process.wake_at <= self.now]
            if not due:
                self.advance(min(process.wake_at for process in self._processes))
                continue
            process = self.choose_process(due)
            self.current = process
            try:
                process.run.switch()
            finally:
                self.current = None
            if process.run.dead:
                self._end(process)

    def _end(self, process: Process) -> None:
        process.troubles.append((self.now, FAR))
        self._processes.remove(process)
        if process.owner is not None:
            process.owner.calls.remove(process)

    def close(self) -> None:
        """End the processes that still wait at a switch point."""
        for process in self._processes:
            self.current = process
            if process.run:
                process.run.throw()
        self._processes.clear()
        self.current = None

"""The decisions at each switch point: which process goes on, stalls or crashes."""

from __future__ import annotations

from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from erp_invoice_core.adapters.containment import ProcessEnd

from .decisions import Decisions, Menu, menu
from .faults import Fault
from .process import FAR, Crashed, Process
from .processes import Processes

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence

T = TypeVar("T")


class _Turn(Enum):
    GO = "go"
    YIELD = "yield"
    STALL = "stall"
    CRASH = "crash"


_TURNS = menu((87, _Turn.GO), (7, _Turn.YIELD), (3, _Turn.STALL), (3, _Turn.CRASH))
_STALLS = menu((1, 1.0), (1, 20.0), (2, 70.0), (1, 600.0), (3, 3_000.0))
#: A worker that is stopped for the longest of these goes on once others took over its entry.
_LONGEST = 3_000.0
_TAKES = menu((2, 1), (2, 2), (2, 3), (1, 4), (1, 6))
_MOST = 1_000


class Restless(ProcessEnd):
    """The run does not end."""


class Scheduler(Processes):
    """
    Runs the processes of one run, and injects their faults.

    Attributes:
        counts: Number of faults of each kind.
        limit: The number of decisions after which the faults are over.
        transactions: Number of transactions so far.
    """

    def __init__(self, decisions: Decisions, counts: Counter[Fault], limit: int) -> None:
        """Begin with no process."""
        super().__init__()
        self.decisions = decisions
        self.counts = counts
        self.limit = limit
        self.transactions = 0

    def transacts(self) -> None:
        """
        Note that a transaction begins.

        Raises:
            Restless: There were too many of them.
        """
        self.transactions += 1
        if self.transactions > _MOST:
            raise Restless

    def pause(self) -> None:
        """
        Switch here: other processes may go on, and the process may stall or crash.

        Raises:
            Crashed: It crashes here.
        """
        process = self.current
        if process is not None and process.is_doomed:
            raise Crashed
        if process is None or self.decisions.quiet:
            return
        turn = self.decisions.choose(_TURNS)
        if turn is _Turn.GO:
            return
        if turn is _Turn.CRASH:
            self._crash(process)
        elif process.is_hindered:
            self._hinder(process, stalls=turn is _Turn.STALL)

    def _crash(self, process: Process) -> None:
        crash = process.whole.crash
        if crash is None:
            return
        self.counts[crash] += 1
        process.whole.troubles.append((self.now, FAR))
        for part in process.parts:
            part.is_doomed = True
            part.wake_at = self.now
        raise Crashed

    def stop_all(self) -> None:
        """End every process of the host and the workers."""
        for process in self._processes:
            if process.whole.crash is not None and not process.is_doomed:
                process.troubles.append((self.now, FAR))
                process.is_doomed = True
                process.wake_at = self.now

    def _hinder(self, process: Process, *, stalls: bool) -> None:
        if stalls:
            self.counts[Fault.STALL] += 1
            seconds = self.decisions.choose(_STALLS)
            process.stall(self.now, self.after(seconds))
            if seconds == _LONGEST and process.whole.crash is Fault.CRASH_WORKER:
                process.whole.sleeps_for = self.decisions.choose(_TAKES)
        self.sleep(0.0)
        process.whole.sleeps_for = 0

    def choose(self, of: Menu[T]) -> T:
        """Return one of a menu's options; outside of any process, the harmless one."""
        return of.options[0] if self.current is None else self.decisions.choose(of)

    @contextmanager
    def act_unhindered(self) -> Iterator[None]:
        """Let the running process act without a switch between reading and acting."""
        process = self.current
        if process is not None:
            process.is_hindered = False
        try:
            yield
        finally:
            if process is not None:
                process.is_hindered = True

    def choose_process(self, due: Sequence[Process]) -> Process:
        """Return the process that goes on; after :attr:`limit` decisions the faults are over."""
        if len(self.decisions.taken) >= self.limit:
            self.decisions.quiet = True
        return self.decisions.pick(due)

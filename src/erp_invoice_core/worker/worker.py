"""A worker: claim what is due, call the adapter, record."""

from __future__ import annotations

import os
import socket
import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from ..exchange import Deferred
from ..flow import claim, expire, hand_back, is_resting, postpone, watch
from ..queue import Result
from ..stores import CommitUnknown, StoreBusy
from ..verdict import Verdict
from ..vocabulary import ExportStatus
from .committing import commit, holds, is_in
from .exporting import export
from .job import Job, Lost
from .looking import look_up
from .watching import look_for_late
from .withdrawing import withdraw

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from threading import Event

    from ..documents import QueueEntry
    from ..events import Change
    from ..queue import ExportQueue

__all__ = ["Worker"]

_LEASE = timedelta(seconds=60)
_PAUSE = 0.05


def _incarnation() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}"


class Worker:
    """
    Exports what was accepted, looks up what is unknown, withdraws what was left.

    It claims only what its queue's adapters can do. Any number of workers may run, in threads,
    processes or machines, as far as the store reaches; each has a name of its own per incarnation.

    Args:
        queue: Whose entries it works on.
        lease: How long a claim and each call may take; a call's start renews it.
        holder: A name unique to this incarnation; made up by default.
        sleep: Waits for so many seconds.
    """

    def __init__(
        self,
        queue: ExportQueue,
        *,
        lease: timedelta = _LEASE,
        holder: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.queue = queue
        self.lease = lease
        self.holder = holder or _incarnation()
        self._sleep = sleep

    def run_once(self, limit: int | None = None, budget: float | None = None) -> list[Result]:
        """
        Work until nothing is due, and return each entry touched as it stands then.

        Args:
            limit: Stop after so many claims.
            budget: Start nothing more after so many seconds.
        """
        touched: dict[str, None] = {}
        ends = None if budget is None else time.monotonic() + budget
        claims = 0
        while (limit is None or claims < limit) and (ends is None or time.monotonic() < ends):
            entry = self._next()
            if entry is None:
                break
            claims += 1
            self._work(entry)
            if not is_resting(entry):
                touched[entry.id] = None
        entries = self.queue.entries(list(touched))
        return [Result(entry.id, Verdict(entry.refusal), entry) for entry in entries]

    def run_until_idle(self) -> list[Result]:
        """Work, wait for the leases of others to run out, and end when nothing is leased or due."""
        results: dict[str, Result] = {}
        while True:
            results |= {result.id: result for result in self.run_once()}
            ends = self.queue.store.lease_ends(self.queue.lines.names)
            if ends is None:
                return list(results.values())
            wait = (ends - self.queue.clock()).total_seconds()
            self._sleep(min(max(wait, 0.0) + _PAUSE, 1.0))

    def run(self, stop: Event, pause: float = 1.0) -> None:
        """Work until asked to stop; the entry in hand is finished first."""
        while not stop.is_set():
            if not self._worked():
                stop.wait(pause)

    def _worked(self) -> bool:
        """Work on one entry, if the store lets us and there is one to work on."""
        try:
            return bool(self.run_once(limit=1))
        except StoreBusy:
            return False

    def _next(self) -> QueueEntry | None:
        """Take the entry that waits longest: claim, free or watch it, as it needs."""
        at, names = self.queue.clock(), self.queue.lines.names
        change: Change | None = None
        try:
            with self.queue.store.work() as transaction:
                due = transaction.due(at, names, 1)
                if not due:
                    return None
                change = self._taken(due[0], at)
                transaction.save(change)
        except CommitUnknown:
            if change is None:  # nothing was to be stored, so nothing is in doubt
                return None
            if not is_in(self.queue.store, change):
                return due[0]
        self.queue.observe(change.event)
        return change.after

    def _taken(self, entry: QueueEntry, at: datetime) -> Change:
        if entry.status is ExportStatus.EXPORTING:
            return expire(entry, at=at, erp=self.queue.lines.declaration(entry.connection))
        if is_resting(entry):
            return watch(entry, at=at)
        return claim(entry, at=at, holder=self.holder, lease=self.lease)

    def _work(self, entry: QueueEntry) -> None:
        adapter = self.queue.lines.adapter(entry.connection)
        mine = entry.lease is not None and entry.lease.holder == self.holder
        if adapter is None or entry.connection is None or not (mine or is_resting(entry)):
            return
        session = self.queue.lines.session(entry.connection)
        try:
            if isinstance(session, Deferred):
                self._unreachable(entry, session)
                return
            self._do(Job(self.queue, entry, entry.fencing, adapter, session, self.lease))
        except (Lost, CommitUnknown):
            return

    def _do(self, job: Job) -> None:
        if is_resting(job.entry):
            look_for_late(job)
        elif job.entry.status is ExportStatus.EXPORTING:
            export(self.queue, job)
        elif job.entry.status is ExportStatus.UNKNOWN:
            look_up(job)
        else:
            withdraw(job)

    def _unreachable(self, entry: QueueEntry, why: Deferred) -> None:
        """Nothing was sent: later again."""
        fencing, at = entry.fencing, self.queue.clock()
        erp = self.queue.lines.declaration(entry.connection)

        def make(stored: QueueEntry) -> Change:
            if not holds(stored, fencing):
                raise Lost
            facts = {"why": why.why}
            if stored.status is ExportStatus.EXPORTING:
                return hand_back(stored, at=at, erp=erp, until=why.until, facts=facts)
            return postpone(stored, at=at, facts=facts)

        commit(self.queue.store, entry.id, make, self.queue.observe)

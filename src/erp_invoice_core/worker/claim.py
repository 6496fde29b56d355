"""
Claim: chooses the next due entry of a lane and takes it.

An accepted entry is claimed for its export, an unknown one for a look-up, and one with a requested
withdrawal for the removal of a document. An export with an expired lease is released, whatever its
connection. For an entry without other work, only the next daily look-up for late documents is
scheduled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..flow import claim, expire, is_resting, watch
from ..stores import CommitUnknown, EntryChanged
from ..vocabulary import Action, ExportStatus
from .commits import is_committed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from ..documents import QueueEntry
    from ..events import Change
    from ..stores import WorkTransaction
    from .candidates import Candidate
    from .context import WorkerContext
    from .job import Job


@attrs.frozen(kw_only=True)
class ClaimedEntry:
    """
    An entry that a lane has taken.

    Attributes:
        entry: The entry as the transaction of the claim has stored it.
        is_claimed: True if the entry was claimed; false if an expired lease was released, if only
            the next look-up for late documents was scheduled, or if the claim was not stored.
        job: The job of the entry, if the start of its first step is also committed.
    """

    entry: QueueEntry
    is_claimed: bool
    job: Job | None = None


@attrs.define
class RoundRobin:
    """
    The order in which a lane serves its connections: the one served last comes last.

    It also notes the connections that the last poll left out because of their rate limits.
    """

    context: WorkerContext
    _served: str | None = None
    _held_back: Collection[str] = ()

    def note_served(self, name: str | None) -> None:
        """Move a connection to the end of the order."""
        self._served = name

    def list_ready(self, names: Collection[str]) -> list[str]:
        """Return, in order, the connections whose breaker and rate limit allow a call now."""
        order = list(names)
        if self._served in order:
            after = order.index(self._served) + 1
            order = order[after:] + order[:after]
        ready: list[str] = []
        held_back: list[str] = []
        for name in order:
            limits = self.context.find_limits(name)
            if not limits.breaker.is_open:
                (held_back if limits.rate.find_wait() else ready).append(name)
        self._held_back = held_back
        return ready

    def is_ready(self, name: str) -> bool:
        """Return whether the breaker and the rate limit of a connection allow a call now."""
        limits = self.context.find_limits(name)
        return not limits.breaker.is_open and not limits.rate.find_wait()

    def find_wait(self) -> float | None:
        """
        Return the number of seconds for which rate limits delay a due entry of the lane.

        ``None`` if the last poll skipped no due entry because of a rate limit.

        Raises:
            StoreBusy: Other processes locked the store for too long.
        """
        limits = {name: self.context.find_limits(name) for name in self._held_back}
        waits = {name: one.rate for name, one in limits.items() if not one.breaker.is_open}
        if not waits:
            return None
        queue = self.context.queue
        due = queue.store.find_due_entries(queue.clock(), list(waits), 1)
        return min(rate.find_wait() for rate in waits.values()) if due else None


def claim_next(context: WorkerContext, names: Sequence[str]) -> ClaimedEntry | None:
    """
    Take the longest waiting entry of the first connection in ``names`` that has a due entry.

    Return ``None`` if no entry is due. The entry was read before without a lock. If it has changed
    since, the transaction reads the due entries again, with a lock.

    Raises:
        StoreBusy: Other processes locked the store for too long.
    """
    for name in names or [""]:
        candidate = context.candidates.take_first(name)
        if candidate is not None:
            try:
                return _claim_candidate(context, names, candidate)
            finally:
                context.candidates.release(candidate)
    return None


def _claim_candidate(
    context: WorkerContext, names: Sequence[str], candidate: Candidate
) -> ClaimedEntry | None:
    def find_expected(transaction: WorkTransaction) -> QueueEntry | None:
        try:
            return transaction.expect(candidate.entry)
        except EntryChanged:  # this store compares at once, and its transaction goes on
            context.candidates.outdate(candidate.name)
            return _find_first(context, names, transaction)

    try:
        return _claim(context, find_expected)
    except EntryChanged:
        context.candidates.outdate(candidate.name)
        return _claim(context, lambda transaction: _find_first(context, names, transaction))


def _find_first(
    context: WorkerContext, names: Sequence[str], transaction: WorkTransaction
) -> QueueEntry | None:
    """Return the longest waiting entry of the first connection that has a due entry."""
    at = context.queue.clock()
    for group in [[name] for name in names] or [[]]:
        for entry in transaction.find_due_entries(at, group, 1):
            return entry
    return None


def _claim(
    context: WorkerContext, find: Callable[[WorkTransaction], QueueEntry | None]
) -> ClaimedEntry | None:
    store, change = context.queue.store, None
    try:
        with store.work() as transaction:
            entry = find(transaction)
            if entry is not None:
                change = _take(context, entry, context.queue.clock())
                transaction.save(change)
    except CommitUnknown:
        if change is None:  # the transaction stored nothing, so a lost answer has no effect
            return None
        if not is_committed(store, change):
            return ClaimedEntry(entry=change.before, is_claimed=False)
    if change is None:
        return None
    context.queue.observe(change.event)
    is_claimed = change.action is Action.CLAIM and change.verdict.allowed
    return ClaimedEntry(entry=change.after, is_claimed=is_claimed)


def _take(context: WorkerContext, entry: QueueEntry, at: datetime) -> Change:
    if entry.status is ExportStatus.EXPORTING:
        name = entry.connection
        erp, retry_policy = (
            context.queue.connections.find_declaration(name),
            context.find_retry_policy(name),
        )
        return expire(entry, at=at, erp=erp, retry_policy=retry_policy)
    if is_resting(entry):
        return watch(entry, at=at)
    return claim(entry, at=at, holder=context.holder, lease=context.lease)

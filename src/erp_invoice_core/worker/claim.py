"""
Claim: which entry a lane takes next, and what taking it means.

An accepted entry is claimed for export, an unknown or withdrawing one for a look-up or a removal.
An export whose lease expired is freed, whatever its connection. An entry at rest is only put on
the schedule of its next look at absent keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..flow import claim, expire, is_resting, watch
from ..stores import CommitUnknown
from ..vocabulary import Action, ExportStatus
from .commits import is_committed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from ..documents import QueueEntry
    from ..events import Change
    from ..stores import Store, WorkTransaction
    from .context import WorkerContext


@attrs.frozen(kw_only=True)
class ClaimedEntry:
    """
    An entry that a lane took.

    Attributes:
        entry: The entry afterwards.
        is_claimed: It was claimed, and not only freed or scheduled.
        is_started: The start of its first step is committed, too.
    """

    entry: QueueEntry
    is_claimed: bool
    is_started: bool = False


class _RolledBack(Exception):
    """Ends a transaction in which nothing is to be stored."""


def list_due(
    store: Store, look: Callable[[WorkTransaction], Sequence[QueueEntry]]
) -> Sequence[QueueEntry]:
    """
    Return due entries, and keep no lock on them.

    Raises:
        StoreError: The store is busy, or unavailable.
    """
    found: Sequence[QueueEntry] = ()
    try:
        with store.work() as transaction:
            found = look(transaction)
            raise _RolledBack  # noqa: TRY301 - a store commits locks, too; rolled back they cost nothing
    except _RolledBack:
        return found


@attrs.define
class RoundRobin:
    """Serves the connections of a lane in turn, and remembers which ones a rate held back."""

    context: WorkerContext
    _served: str | None = None
    _held_back: Collection[str] = ()

    def note_served(self, name: str | None) -> None:
        """Move a connection to the end of the order."""
        self._served = name

    def list_ready(self, names: Collection[str]) -> list[str]:
        """Return the connections that may be called now, in the order of their turns."""
        order = list(names)
        if self._served in order:
            after = order.index(self._served) + 1
            order = order[after:] + order[:after]
        limits = {name: self.context.find_limits(name) for name in order}
        waits = {
            name: one.rate.find_wait() for name, one in limits.items() if not one.breaker.is_open
        }
        self._held_back = [name for name, wait in waits.items() if wait]
        return [name for name, wait in waits.items() if not wait]

    def find_wait(self) -> float | None:
        """
        Return for how many seconds rate limits keep the lane from a due entry.

        ``None`` if the last poll skipped no due entry because of a rate limit.

        Raises:
            StoreBusy: Others held the store for too long.
        """
        limits = {name: self.context.find_limits(name) for name in self._held_back}
        waits = {name: one.rate for name, one in limits.items() if not one.breaker.is_open}
        if not waits:
            return None
        queue = self.context.queue
        due = list_due(
            queue.store, lambda look: look.find_due_entries(queue.clock(), list(waits), 1)
        )
        return min(rate.find_wait() for rate in waits.values()) if due else None


def claim_next(context: WorkerContext, names: Sequence[str]) -> ClaimedEntry | None:
    """
    Take the entry that waits longest, of the first of these connections that has one.

    Raises:
        StoreBusy: Others held the store for too long.
    """
    store, change = context.queue.store, None
    try:
        with store.work() as transaction:
            change = _make_change(context, transaction, names)
            if change is not None:
                transaction.save(change)
    except CommitUnknown:
        if change is None:  # nothing was to be stored, so nothing is in doubt
            return None
        if not is_committed(store, change):
            return ClaimedEntry(entry=change.before, is_claimed=False)
    if change is None:
        return None
    context.queue.observe(change.event)
    is_claimed = change.action is Action.CLAIM and change.verdict.allowed
    return ClaimedEntry(entry=change.after, is_claimed=is_claimed)


def _make_change(
    context: WorkerContext, transaction: WorkTransaction, names: Sequence[str]
) -> Change | None:
    at = context.queue.clock()
    for group in [[name] for name in names] or [[]]:
        for entry in transaction.find_due_entries(at, group, 1):
            return _take(context, entry, at)
    return None


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

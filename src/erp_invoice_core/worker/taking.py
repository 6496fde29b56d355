"""Taking an entry: claimed, freed because its lease ran out, or put down to be watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..flow import claim, expire, is_resting, watch
from ..stores import CommitUnknown
from ..vocabulary import Action, ExportStatus
from .committing import is_in
from .onward import Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ..documents import QueueEntry
    from ..events import Change
    from ..stores import Store, WorkTransaction
    from .means import Means

__all__ = ["seen", "take"]


class _Seen(Exception):
    """It is seen, and nothing is to be stored."""


def seen(
    store: Store, look: Callable[[WorkTransaction], Sequence[QueueEntry]]
) -> Sequence[QueueEntry]:
    """
    Look at what is due, and hold none of it.

    Raises:
        StoreError: The store is busy, or away.
    """
    found: Sequence[QueueEntry] = ()
    try:
        with store.work() as transaction:
            found = look(transaction)
            raise _Seen  # noqa: TRY301 - a store commits locks, too; rolled back they cost nothing
    except _Seen:
        return found


def take(means: Means, names: Sequence[str]) -> Taken | None:
    """
    Take the entry that waits longest, of the first of these connections that has one.

    An export whose lease ran out is freed whatever its connection.

    Raises:
        StoreBusy: Others held the store for too long.
    """
    store, change = means.queue.store, None
    try:
        with store.work() as transaction:
            change = _change(means, transaction, names)
            if change is not None:
                transaction.save(change)
    except CommitUnknown:
        if change is None:  # nothing was to be stored, so nothing is in doubt
            return None
        if not is_in(store, change):
            return Taken(entry=change.before, is_ours=False)
    if change is None:
        return None
    means.queue.observe(change.event)
    is_ours = change.action is Action.CLAIM and change.verdict.allowed
    return Taken(entry=change.after, is_ours=is_ours)


def _change(means: Means, transaction: WorkTransaction, names: Sequence[str]) -> Change | None:
    at = means.queue.clock()
    for group in [[name] for name in names] or [[]]:
        for entry in transaction.due(at, group, 1):
            return _taken(means, entry, at)
    return None


def _taken(means: Means, entry: QueueEntry, at: datetime) -> Change:
    if entry.status is ExportStatus.EXPORTING:
        name = entry.connection
        erp, patience = means.queue.lines.declaration(name), means.patience_of(name)
        return expire(entry, at=at, erp=erp, patience=patience)
    if is_resting(entry):
        return watch(entry, at=at)
    return claim(entry, at=at, holder=means.holder, lease=means.lease)

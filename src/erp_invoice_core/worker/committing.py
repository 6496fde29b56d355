"""Changes of a worker, committed: fenced, and certain even where a commit's answer is lost."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..stores import CommitUnknown, EntryUnreadable, StoreBusy, UnreadableEntry

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..documents import QueueEntry
    from ..events import AuditEvent, Change
    from ..stores import Store, WorkTransaction

__all__ = ["commit", "commit_all", "holds", "is_in"]

_LOG = logging.getLogger(__name__)
_TRIES = 3


def holds(entry: QueueEntry, fencing: int) -> bool:
    """Whether the lease with that fencing number is still the entry's."""
    return entry.lease is not None and entry.lease.fencing == fencing


def is_in(store: Store, change: Change) -> bool:
    """Whether a change whose commit gave no answer is stored: its event is there, in its place."""
    return change.event in store.events(change.after.id)


def _readable(transaction: WorkTransaction, entry_id: str) -> QueueEntry:
    """Return the entry as it stands."""
    entry = transaction.entries([entry_id])[entry_id]
    if isinstance(entry, UnreadableEntry):
        _LOG.error(
            "What was learned of entry %s is not stored, as its row cannot be read: %s",
            entry_id,
            entry.why,
            extra={"event": "evidence_not_stored", "entry_id": entry_id, "why": entry.why},
        )
        raise EntryUnreadable(entry.why)
    return entry


def commit(
    store: Store,
    entry_id: str,
    make: Callable[[QueueEntry], Change],
    observe: Callable[[AuditEvent], None],
) -> QueueEntry:
    """
    Make a change from the entry as it stands and commit it; return the entry afterwards.

    Raises:
        CommitUnknown: The answer was lost, or the store was busy, several times.
        EntryUnreadable: The stored row cannot be read by now.
    """

    def save(transaction: WorkTransaction, entry: QueueEntry) -> list[Change]:
        change = make(entry)
        transaction.save(change)
        return [change]

    return commit_all(store, entry_id, save, observe)[0].after


def commit_all(
    store: Store,
    entry_id: str,
    save: Callable[[WorkTransaction, QueueEntry], list[Change]],
    observe: Callable[[AuditEvent], None],
    *,
    patient: bool = True,
) -> list[Change]:
    """
    Save changes, in one transaction, that begin with one of this entry as it stands; return them.

    Where the commit's answer is lost, the first one's event is looked for before anything else: if
    it stands there all of them are in, whatever came after it.

    Raises:
        CommitUnknown: The answer was lost, or the store was busy, several times.
        StoreBusy: Others held the store, and whoever asks is not *patient*.
        EntryUnreadable: The stored row cannot be read by now.
    """
    for _ in range(_TRIES):
        changes: list[Change] = []
        try:
            with store.work() as transaction:
                changes = save(transaction, _readable(transaction, entry_id))
        except StoreBusy:  # nothing was stored, and what the ERP said must not be lost for it
            if not patient:
                raise
            continue
        except CommitUnknown:
            if not changes or not is_in(store, changes[0]):
                continue
        for change in changes:
            observe(change.event)
        return changes
    msg = f"Look at invoice {entry_id} again later: the store does not answer."
    raise CommitUnknown(msg)

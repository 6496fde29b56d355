"""Changes of a worker, committed: fenced, and certain even where a commit's answer is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..stores import CommitUnknown, StoreBusy

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..documents import QueueEntry
    from ..events import AuditEvent, Change
    from ..stores import Store

__all__ = ["commit", "holds", "is_in"]

_TRIES = 3


def holds(entry: QueueEntry, fencing: int) -> bool:
    """Whether the lease with that fencing number is still the entry's."""
    return entry.lease is not None and entry.lease.fencing == fencing


def is_in(store: Store, change: Change) -> bool:
    """Whether a change whose commit gave no answer is stored: its event is there, in its place."""
    seq = change.after.seq
    return change.event in store.events(change.after.id)[seq - 1 : seq]


def commit(
    store: Store,
    entry_id: str,
    make: Callable[[QueueEntry], Change],
    observe: Callable[[AuditEvent], None],
) -> QueueEntry:
    """
    Make a change from the entry as it stands and commit it; return the entry afterwards.

    Where the commit's answer is lost, its event is looked for before anything else: if it stands
    there the change is in, whatever came after it.

    Raises:
        CommitUnknown: The answer was lost, or the store was busy, several times.
    """
    for _ in range(_TRIES):
        try:
            with store.work() as transaction:
                entry = transaction.entries([entry_id])[entry_id]
                change = make(entry)
                transaction.save(change)
        except StoreBusy:  # nothing was stored, and what the ERP said must not be lost for it
            continue
        except CommitUnknown:
            if not is_in(store, change):
                continue
        observe(change.event)
        return change.after
    msg = f"Look at invoice {entry_id} again later: the store does not answer."
    raise CommitUnknown(msg)

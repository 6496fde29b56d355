"""
Commits of a worker, fenced and certain even without an answer.

A database that dies during a commit gives no answer, though the transaction may be stored. Every
change writes an event, so that a stored event proves a committed transaction.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..stores import (
    CommitUnknown,
    EntryUnreadable,
    ErpIdTaken,
    StoreBusy,
    StoreError,
    UnreadableEntry,
)
from .log import log_no_evidence, log_not_stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..adapters.redaction import Redaction
    from ..documents import QueueEntry
    from ..events import AuditEvent, Change
    from ..stores import Store, WorkTransaction

_LOG = logging.getLogger(__name__)
_TRIES = 3


class LeaseLost(Exception):
    """The lease is another holder's by now, so that the job ends."""


def has_lease(entry: QueueEntry, fencing: int) -> bool:
    """Return whether the lease with that fencing token is still the entry's."""
    return entry.lease is not None and entry.lease.fencing == fencing


def is_committed(store: Store, change: Change) -> bool:
    """Return whether a change whose commit gave no answer is stored, as its event is."""
    return change.event in store.events(change.after.id)


def _read_entry(transaction: WorkTransaction, entry_id: str) -> QueueEntry:
    """Return the entry as stored now."""
    entry = transaction.entries([entry_id])[entry_id]
    if isinstance(entry, UnreadableEntry):
        _LOG.error(
            "The answer for entry %s is not stored, as its row cannot be read: %s",
            entry_id,
            entry.why,
            extra={"event": "evidence_not_stored", "entry_id": entry_id, "why": entry.why},
        )
        raise EntryUnreadable(entry.why)
    return entry


def commit_change(
    store: Store,
    entry_id: str,
    make: Callable[[QueueEntry], Change],
    observe: Callable[[AuditEvent], None],
) -> QueueEntry:
    """
    Make a change from the entry as stored now and commit it; return the entry afterwards.

    Raises:
        CommitUnknown: The answer was lost, or the store was busy, several times.
        EntryUnreadable: The stored row cannot be read.
    """

    def save(transaction: WorkTransaction, entry: QueueEntry) -> list[Change]:
        change = make(entry)
        transaction.save(change)
        return [change]

    return commit_changes(store, entry_id, save, observe)[0].after


def commit_changes(
    store: Store,
    entry_id: str,
    save: Callable[[WorkTransaction, QueueEntry], list[Change]],
    observe: Callable[[AuditEvent], None],
    *,
    retry_if_busy: bool = True,
) -> list[Change]:
    """
    Save several changes in one transaction and return them; the first is of this entry.

    If the answer of the commit is lost, the event of the first change is looked for before anything
    else: if it is stored all of them are.

    Args:
        store: The store.
        entry_id: The entry.
        save: Makes and saves the changes, from the entry as stored now.
        observe: Called with the event of each change.
        retry_if_busy: True if to try again if others held the store.

    Raises:
        CommitUnknown: The answer was lost, or the store was busy, several times.
        StoreBusy: Others held the store, and *retry_if_busy* is off.
        EntryUnreadable: The stored row cannot be read.
    """
    for _ in range(_TRIES):
        changes: list[Change] = []
        try:
            with store.work() as transaction:
                changes = save(transaction, _read_entry(transaction, entry_id))
        except StoreBusy:  # nothing was stored, and what the ERP said must not be lost for it
            if not retry_if_busy:
                raise
            continue
        except CommitUnknown:
            if not changes or not is_committed(store, changes[0]):
                continue
        for change in changes:
            observe(change.event)
        return changes
    msg = f"Look at invoice {entry_id} again later: the store does not answer."
    raise CommitUnknown(msg)


#: The waiting times before late evidence is stored again, in seconds: an hour in all.
_WAITS = (0.1, 0.5, 2.0, 10.0, *(60.0,) * 60)


def retry_until_stored(
    act: Callable[[], object],
    entry: QueueEntry,
    *,
    sleep: Callable[[float], None],
    redaction: Redaction,
) -> None:
    """
    Store late evidence, again and again for an hour while the store does not take it.

    It runs in a thread that nothing waits for, so that it logs every error and raises none.

    Args:
        act: Stores it.
        entry: The entry, for the log.
        sleep: Sleeps for the given seconds.
        redaction: Removes secrets from the log.
    """
    for wait in (*_WAITS, None):
        try:
            act()
        except LeaseLost:
            log_no_evidence(entry)
            return
        except (ErpIdTaken, EntryUnreadable) as error:  # no further try changes that
            log_not_stored(entry, error, redaction)
            return
        except StoreError as error:
            if wait is None:
                log_not_stored(entry, error, redaction)
                return
            sleep(wait)
        except Exception as error:  # noqa: BLE001 - the thread would print it with its secrets
            log_not_stored(entry, error, redaction)
            return
        else:
            return

"""
Commits of a worker, fenced and safe to repeat.

If the database stops during a commit, the worker gets no answer, but the transaction may be stored.
Every change writes an event, so a stored event proves that the transaction is committed.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..stores import (
    CommitUnknown,
    EntryChanged,
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
_SILENT = "The store did not answer about invoice {entry_id}. Look at it again later."
_HELD = (
    "Other processes changed invoice {entry_id} or held the store in each of {tries} tries."
    " Nothing of this change is stored. Look at the invoice again later."
)


class LeaseLost(Exception):
    """The claim of the job no longer holds the lease of the entry; the job ends."""


def has_lease(entry: QueueEntry, fencing: int) -> bool:
    """Return whether the claim with that fencing token still holds the lease."""
    return entry.lease is not None and entry.lease.fencing == fencing


def is_committed(store: Store, change: Change) -> bool:
    """Return whether the event of a change, whose commit gave no answer, is stored."""
    return change.event in store.events(change.after.id, after=change.before.seq, limit=1)


def _read_entry(
    transaction: WorkTransaction, entry_id: str, expected: QueueEntry | None
) -> QueueEntry:
    """
    Return the stored entry; if ``expected`` is given, check that the stored entry is equal to it.

    Raises:
        EntryUnreadable: The stored row cannot be read; the error is logged.
        EntryChanged: The stored entry differs from the expected one.
    """
    entry = (
        transaction.expect(expected)
        if expected is not None
        else transaction.entries([entry_id])[entry_id]
    )
    if isinstance(entry, UnreadableEntry):
        _LOG.error(
            "The answer for entry %s is not stored because its row cannot be read: %s",
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
    *,
    expected: QueueEntry | None = None,
) -> QueueEntry:
    """
    Commit the change that ``make`` builds from the stored entry; return the changed entry.

    ``observe`` is called with the event of the change. ``expected`` is the entry as the caller
    knows it, which the store need not read again.

    Raises:
        CommitUnknown: Each of several tries ended with a lost answer or a busy store.
        EntryUnreadable: The stored row cannot be read.
    """

    def save(transaction: WorkTransaction, entry: QueueEntry) -> list[Change]:
        change = make(entry)
        transaction.save(change)
        return [change]

    return commit_changes(store, entry_id, save, observe, expected=expected)[0].after


def commit_changes(
    store: Store,
    entry_id: str,
    save: Callable[[WorkTransaction, QueueEntry], list[Change]],
    observe: Callable[[AuditEvent], None],
    *,
    expected: QueueEntry | None = None,
    retry_if_busy: bool = True,
) -> list[Change]:
    """
    Save several changes in one transaction and return them, the change of the entry first.

    If the answer of the commit is lost, the event of the first change is searched for in the store.
    If it is there, all changes are stored; otherwise they are saved again. If an entry has changed
    since the caller read it, the changes are built again from the stored entry.

    Args:
        store: The store.
        entry_id: The entry.
        save: Builds and saves the changes of the stored entry.
        observe: Called with the event of each change.
        expected: The entry as the caller knows it, which the store need not read again.
        retry_if_busy: True to try again if other processes locked the store.

    Raises:
        CommitUnknown: Each of several tries ended with a lost answer or a busy store.
        StoreBusy: Other processes locked the store, and *retry_if_busy* is false.
        EntryUnreadable: The stored row cannot be read.
    """
    is_silent = False
    for _ in range(_TRIES):
        changes: list[Change] = []
        try:
            with store.work() as transaction:
                changes = save(transaction, _read_entry(transaction, entry_id, expected))
        except EntryChanged:
            expected = None
            continue
        except StoreBusy:  # nothing was stored, and the ERP's answer must not be lost
            if not retry_if_busy:
                raise
            continue
        except CommitUnknown:
            if not changes or not is_committed(store, changes[0]):
                is_silent = True
                continue
        for change in changes:
            observe(change.event)
        return changes
    why = _SILENT if is_silent else _HELD
    raise CommitUnknown(why.format(entry_id=entry_id, tries=_TRIES))


#: The waiting times between tries to store late evidence, in seconds; an hour in all.
_WAITS = (0.1, 0.5, 2.0, 10.0, *(60.0,) * 60)


def retry_until_stored(
    act: Callable[[], object],
    entry: QueueEntry,
    *,
    sleep: Callable[[float], None],
    redaction: Redaction,
) -> None:
    """
    Store late evidence; if the store refuses, try again for an hour.

    No thread waits for the result, so every error is logged and none is raised.

    Args:
        act: Stores the evidence.
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
        except (ErpIdTaken, EntryUnreadable) as error:  # another try cannot change that
            log_not_stored(entry, error, redaction)
            return
        except StoreError as error:
            if wait is None:
                log_not_stored(entry, error, redaction)
                return
            sleep(wait)
        except Exception as error:  # noqa: BLE001 - the thread would print the error with its secrets
            log_not_stored(entry, error, redaction)
            return
        else:
            return

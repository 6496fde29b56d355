"""
Watch of absent writes: daily look-ups for documents that appear late.

A look-up or a person finds that a write did not happen (the write is *absent*), and yet its
document may appear later. A worker therefore looks up the keys of such writes in the ERP once a
day, until the ERP has answered :data:`MOST_WATCHES` times.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..documents import Answer, CallKind
from ..values import evolve
from ..vocabulary import ExportStatus

if TYPE_CHECKING:
    from datetime import datetime

    from ..documents import Call, QueueEntry


#: The number of answers of the ERP after which a watched key is not looked up any more.
MOST_WATCHES = 5
WATCH_EVERY = timedelta(days=1)

_RESTING = frozenset(
    {
        ExportStatus.NOT_SENT,
        ExportStatus.READY,
        ExportStatus.RETRIEVED,
        ExportStatus.REJECTED,
        ExportStatus.FAILED,
        ExportStatus.SYNCED,
    }
)


def is_resting(entry: QueueEntry) -> bool:
    """Return whether a worker has nothing to do for an entry but to watch its absent writes."""
    return entry.status in _RESTING and not entry.withdrawing


def find_watched_calls(entry: QueueEntry) -> tuple[Call, ...]:
    """
    Return the writes that a look-up or a person found not to have happened, the latest first.

    Writes of former generations are among them, as their documents may turn up after the invoice
    was unlinked.
    """
    return tuple(
        call
        for call in reversed(entry.calls)
        if call.answer is Answer.ABSENT and call.kind is CallKind.WRITE
    )


def find_watched_in_generation(entry: QueueEntry) -> tuple[Call, ...]:
    """
    Return the watched calls of the current generation.

    If the document of one of these calls turns up, the next write would make a duplicate of it.
    """
    return tuple(
        call for call in find_watched_calls(entry) if call.key.generation == entry.generation
    )


def plan_watch(before: QueueEntry, after: QueueEntry, at: datetime) -> QueueEntry:
    """
    Return the entry after a change, with its next daily look-up for absent writes planned.

    ``before`` is the entry before the change. If the change gave the entry another status, the
    count of its look-ups begins again at zero.
    """
    if not is_resting(after) or after.due_at is not None:
        return after
    looks = after.lookups if after.status is before.status else 0
    keys = after.calls and find_watched_calls(after)
    due_at = at + WATCH_EVERY if keys and looks < MOST_WATCHES else None
    if due_at is None and looks == after.lookups:
        return after
    return evolve(after, {"lookups": looks, "due_at": due_at})

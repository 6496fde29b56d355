"""Watch of absent keys: daily look-ups for documents that appear late."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..documents import Answer, CallKind
from ..values import evolve
from ..vocabulary import ExportStatus

if TYPE_CHECKING:
    from datetime import datetime

    from ..documents import Call, QueueEntry


#: A watched key is looked up until the ERP has answered so often, and then no more.
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
    """Return whether no worker has anything to do with it but to watch its keys."""
    return entry.status in _RESTING and not entry.withdrawing


def find_watched_calls(entry: QueueEntry) -> tuple[Call, ...]:
    """
    Return the writes that a look-up or a person found not to have happened, the latest first.

    Those of former generations are among them: what they left may turn up once the invoice is
    unlinked.
    """
    return tuple(
        call
        for call in reversed(entry.calls)
        if call.answer is Answer.ABSENT and call.kind is CallKind.WRITE
    )


def find_watched_in_generation(entry: QueueEntry) -> tuple[Call, ...]:
    """Return those of this generation: what they left stands in the way of its next write."""
    return tuple(
        call for call in find_watched_calls(entry) if call.key.generation == entry.generation
    )


def plan_watch(before: QueueEntry, after: QueueEntry, at: datetime) -> QueueEntry:
    """Return the entry as it is after a change, with its next look at watched keys planned."""
    if not is_resting(after) or after.due_at is not None:
        return after
    looks = after.lookups if after.status is before.status else 0
    keys = after.calls and find_watched_calls(after)
    due_at = at + WATCH_EVERY if keys and looks < MOST_WATCHES else None
    if due_at is None and looks == after.lookups:
        return after
    return evolve(after, {"lookups": looks, "due_at": due_at})

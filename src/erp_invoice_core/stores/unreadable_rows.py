"""
The handling of stored rows that cannot be read.

Such a row is logged once per process and left out, so that one damaged row does not stop the queue.
"""

from __future__ import annotations

import logging
import threading

import attrs

from ..documents import QueueEntry
from ..vocabulary import ExportStatus

_LOG = logging.getLogger(__name__)
#: The hashes of logged rows; the set is cleared when it is full.
_LOGGED: set[int] = set()
_MOST = 10_000
_LOCK = threading.Lock()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class UnreadableEntry(QueueEntry):
    """
    The placeholder for an entry whose stored row cannot be read; no worker claims it.

    Attributes:
        why: The reason why the row cannot be read.
    """

    why: str = ""


def set_aside(entry_id: str, why: str, *stored: object) -> UnreadableEntry:
    """
    Return the placeholder for an entry that cannot be read; log it once per process.

    Args:
        entry_id: Its id.
        why: The reason why its row cannot be read.
        stored: The values of the row.
    """
    _log_once(
        "Entry %s is left out, because its stored row cannot be read: %s",
        entry_id,
        why,
        stored,
        event="entry_set_aside",
    )
    return UnreadableEntry(id=entry_id, status=ExportStatus.UNKNOWN, why=why)


def set_aside_event(entry_id: str, why: str, stored: object) -> None:
    """Log, once per process, that an event of an entry cannot be read and is left out."""
    _log_once(
        "An event of entry %s is left out, because it cannot be read: %s",
        entry_id,
        why,
        stored,
        event="event_set_aside",
    )


def set_aside_record(kind: str, identity: str, why: str, stored: object) -> None:
    """Log, once per process, that a loaded record cannot be read."""
    mark = hash((kind, identity, repr(stored)))
    if _is_new(mark):
        extra = {"event": "document_set_aside", "kind": kind, "document_id": identity, "why": why}
        _LOG.error("The loaded %s %s cannot be read: %s", kind, identity, why, extra=extra)


def _is_new(mark: int) -> bool:
    with _LOCK:
        if mark in _LOGGED:
            return False
        if len(_LOGGED) >= _MOST:
            _LOGGED.clear()
        _LOGGED.add(mark)
        return True


def _log_once(message: str, entry_id: str, why: str, stored: object, *, event: str) -> None:
    if _is_new(hash((event, entry_id, repr(stored)))):
        extra = {"event": event, "entry_id": entry_id, "why": why}
        _LOG.error(message, entry_id, why, extra=extra)

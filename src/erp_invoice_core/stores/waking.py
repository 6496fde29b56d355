"""When a worker should look at an entry next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..vocabulary import ExportStatus

if TYPE_CHECKING:
    from ..documents import QueueEntry

__all__ = ["from_micros", "micros", "wakes_at"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Return the moment as whole microseconds since 1970 (UTC)."""
    return (moment - _EPOCH) // _MICRO


def from_micros(count: int) -> datetime:
    """Return the moment that so many microseconds after 1970 is (UTC)."""
    return _EPOCH + timedelta(microseconds=count)


def wakes_at(entry: QueueEntry) -> datetime | None:
    """Return when it is due, or when its lease runs out (UTC); ``None``: no worker will look."""
    lease = entry.lease
    if entry.status is ExportStatus.EXPORTING:
        return lease.until if lease else None
    if entry.due_at is None or lease is None:
        return entry.due_at
    return max(entry.due_at, lease.until)

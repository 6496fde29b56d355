"""The feed of events: each gets its place when it is first read, after all that were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .schema import LOCKS

if TYPE_CHECKING:
    from .pipeline import Pipeline
    from .sql import Row


READ = "SELECT place, body, entry_id FROM erp_events WHERE place > %s ORDER BY place LIMIT %s"
#: A row, if any event waits for its place.
WAITING = "SELECT number FROM erp_events WHERE place IS NULL LIMIT 1"

_LOCK = "SELECT pg_advisory_xact_lock(%s::int, 'erp_events'::regclass::oid::int)"
# The number grows with each event of an entry, as only one transaction at a time holds the entry.
_PLACE = """
    UPDATE erp_events AS event SET place = n.place
    FROM (
        SELECT waiting.entry_id, waiting.seq,
            (SELECT coalesce(max(place), 0) FROM erp_events WHERE place IS NOT NULL)
            + row_number() OVER (ORDER BY waiting.number) AS place
        FROM (
            SELECT entry_id, seq, number FROM erp_events
            WHERE place IS NULL ORDER BY number LIMIT %s
        ) AS waiting
    ) AS n
    WHERE event.entry_id = n.entry_id AND event.seq = n.seq
"""


def place(pipeline: Pipeline, after: int, limit: int) -> list[Row]:
    """
    Give events that are visible by now their places; return those after a place.

    Where they stand is decided by one reader at a time, and is decided when its transaction ends.
    An event that commits later comes later, however early it was written.

    Args:
        pipeline: In a transaction of our own.
        after: The place after which to read.
        limit: How many events to place, and to return, at most.
    """
    # The lock is its own statement: the next one sees what was committed when it is held.
    pipeline.query(_LOCK, LOCKS)
    pipeline.defer(_PLACE, limit)
    return pipeline.query(READ, after, limit)

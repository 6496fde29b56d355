"""
The change feed: an event gets its place when first read.

Transactions may commit in another order than they write. A number assigned at the write could thus
become visible after a reader has passed it, so a reader assigns the places to committed events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .schema import LOCKS

if TYPE_CHECKING:
    from .pipeline import Pipeline
    from .sql import Row


READ = "SELECT place, body, entry_id FROM erp_events WHERE company = %s AND place > %s ORDER BY place LIMIT %s"
#: Returns a row if any event has no place yet.
WAITING = "SELECT number FROM erp_events WHERE company = %s AND place IS NULL LIMIT 1"

_LOCK = "SELECT pg_advisory_xact_lock(%s::int, 'erp_events'::regclass::oid::int)"
# The number increases with each event of an entry, as its row lock serializes transactions.
_PLACE = """
    UPDATE erp_events AS event SET place = n.place
    FROM (
        SELECT waiting.company, waiting.entry_id, waiting.seq,
            (SELECT coalesce(max(place), 0) FROM erp_events
                WHERE company = %s AND place IS NOT NULL)
            + row_number() OVER (ORDER BY waiting.number) AS place
        FROM (
            SELECT company, entry_id, seq, number FROM erp_events
            WHERE company = %s AND place IS NULL ORDER BY number LIMIT %s
        ) AS waiting
    ) AS n
    WHERE event.company = n.company AND event.entry_id = n.entry_id AND event.seq = n.seq
"""


def place(pipeline: Pipeline, company: str, after: int, limit: int) -> list[Row]:
    """
    Assign places to the committed events without one; return the events after a place.

    One reader at a time assigns places, in its own transaction. An event that is committed later
    gets a later place, even if it was written earlier.

    Args:
        pipeline: The pipeline of a transaction of the store.
        company: The company of the store, encoded by ``to_column``.
        after: The place after which to read.
        limit: The most events to assign places to, and to return.
    """
    # The lock is a statement of its own, so that the next one sees what is committed by then.
    pipeline.query(_LOCK, LOCKS)
    pipeline.defer(_PLACE, company, company, limit)
    return pipeline.query(READ, company, after, limit)

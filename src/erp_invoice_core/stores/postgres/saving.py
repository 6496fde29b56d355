"""Changes of entries on their way into the tables: many of them in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..filed import columns_of
from ..texts import as_column
from .values import NO_NUMBER, NOTHING_SQL, number, of_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...documents import QueueEntry

__all__ = ["SAVE", "Saving", "values_of"]

# The last change of an entry is how it stands; the events tell them all, in their order.
SAVE = f"""
    WITH moved AS (
        UPDATE erp_entries AS entry SET status = n.status, seq = n.seq, head = n.head,
            connection = nullif(n.connection, {NOTHING_SQL}),
            wake_at = nullif(n.wake_at, {NO_NUMBER}),
            lease_until = nullif(n.lease_until, {NO_NUMBER}),
            body = n.body, paper = CASE n.paper WHEN '' THEN entry.paper ELSE n.paper END
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
            %s::text[], %s::bytea[], %s::bytea[])
            AS n (id, status, connection, seq, wake_at, lease_until, head, body, paper)
        WHERE entry.id = n.id
    ), told AS (
        INSERT INTO erp_events (entry_id, seq, body, digest)
        SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bytea[], %s::text[])
    )
    INSERT INTO erp_commands (command, entry_id, seq)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[])
    ON CONFLICT (command, entry_id) DO UPDATE SET seq = excluded.seq
"""  # noqa: S608 - only constants of ours are put in


@attrs.frozen(kw_only=True)
class Saving:
    """
    An entry after a change, and the event that tells it.

    Attributes:
        head: The digest of the event.
        paper: The entry's document, where it is another than before; else empty.
        command: What the change answers, where it is remembered; else empty.
    """

    entry: QueueEntry
    body: bytes
    event: bytes
    head: str
    paper: bytes = b""
    command: str = ""


def values_of(savings: Sequence[Saving]) -> tuple[object, ...]:
    """Return the values of :data:`SAVE`, column by column."""
    last = {saving.entry.id: saving for saving in savings}
    papers = {saving.entry.id: saving.paper for saving in savings if saving.paper}
    columns = [columns_of(saving.entry) for saving in last.values()]
    answers = [saving for saving in savings if saving.command]
    return (
        [as_column(key) for key in last],
        [status for status, *_ in columns],
        [of_column(connection) for _, connection, *_ in columns],
        [seq for _, _, seq, *_ in columns],
        [number(wake) for *_, wake, _ in columns],
        [number(lease) for *_, lease in columns],
        [saving.head for saving in last.values()],
        [saving.body for saving in last.values()],
        [papers.get(key, b"") for key in last],
        [as_column(saving.entry.id) for saving in savings],
        [saving.entry.seq for saving in savings],
        [saving.event for saving in savings],
        [saving.head for saving in savings],
        [as_column(saving.command) for saving in answers],
        [as_column(saving.entry.id) for saving in answers],
        [saving.entry.seq for saving in answers],
    )

"""
Guarded write: changes in one statement, if nothing else has changed.

A worker has read the entries before, without a lock. The statement locks those that have not
changed since, without waiting for other transactions, and checks that the number slots and ERP ids
of the changes are free. It writes only if it has locked all entries, and all slots and ids are
free. Otherwise it changes nothing, and the worker reads and locks the entries in the usual way,
which shows the reason. This saves the round trips of reading and locking in the usual case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cache import Recent
from ..rows import build_columns, to_column
from .sql import Blobs, Numbers
from .unique_rows import build_reservations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...documents import QueueEntry
    from .unit_of_work import EntryWrite


#: Returns 1 if it has written, else 0. It waits briefly for a transaction with an equal unique row.
#: Keys are compared with arrays, so that an index has all of them, even if it was planned while the
#: tables were small.
GUARDED_SAVE = """
    WITH asked AS (SELECT %s::text AS company), wanted AS (
        SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[],
            %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bytea[])
            AS n (id, former_seq, former_head, status, connection, seq, wake_at, lease_until,
                head, body)
    ), taken AS (
        SELECT * FROM unnest(%s::text[], %s::text[]) AS n (slot, entry_id)
    ), owned AS (
        SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])
            AS n (connection, erp_id, entry_id, generation)
    ), locked AS MATERIALIZED (
        SELECT entry.id FROM erp_entries AS entry, wanted
        WHERE entry.company = (SELECT company FROM asked)
            AND entry.id = ANY(ARRAY(SELECT id FROM wanted)) AND entry.id = wanted.id
            AND entry.seq = wanted.former_seq AND entry.head = wanted.former_head
        FOR UPDATE OF entry SKIP LOCKED
    ), verdict AS MATERIALIZED (
        SELECT (SELECT count(*) FROM locked) = (SELECT count(*) FROM wanted)
            AND NOT EXISTS (SELECT 1 FROM erp_number_slots
                WHERE company = (SELECT company FROM asked)
                    AND slot = ANY(ARRAY(SELECT slot FROM taken)))
            AND NOT EXISTS (SELECT 1 FROM erp_shared_number_slots
                WHERE company = (SELECT company FROM asked)
                    AND slot = ANY(ARRAY(SELECT slot FROM taken)))
            AND NOT EXISTS (SELECT 1 FROM erp_document_owners
                WHERE company = (SELECT company FROM asked)
                    AND connection = ANY(ARRAY(SELECT connection FROM owned))
                    AND erp_id = ANY(ARRAY(SELECT erp_id FROM owned)))
            AND set_config('lock_timeout', '250ms', true) IS NOT NULL AS is_expected
    ), moved AS (
        UPDATE erp_entries AS entry SET status = wanted.status, seq = wanted.seq,
            head = wanted.head, connection = wanted.connection, wake_at = wanted.wake_at,
            lease_until = wanted.lease_until, body = wanted.body
        FROM wanted, verdict
        WHERE is_expected AND entry.company = (SELECT company FROM asked)
            AND entry.id = ANY(ARRAY(SELECT id FROM wanted)) AND entry.id = wanted.id
    ), logged AS (
        INSERT INTO erp_events (company, entry_id, seq, body, digest)
        SELECT company, n.* FROM asked, verdict,
            unnest(%s::text[], %s::bigint[], %s::bytea[], %s::text[]) AS n
        WHERE is_expected
    ), slots AS (
        INSERT INTO erp_number_slots (company, slot, entry_id)
        SELECT company, taken.* FROM taken, asked, verdict WHERE is_expected
    ), owners AS (
        INSERT INTO erp_document_owners (company, connection, erp_id, entry_id, generation)
        SELECT company, owned.* FROM owned, asked, verdict WHERE is_expected
    )
    SELECT is_expected::int4 FROM verdict
"""

#: The number of entries whose heads are kept: those of several reads of a worker.
_MOST = 2_000
_UNKNOWN = (0, "")


class KnownHeads:
    """A cache of the number and digest of each entry's last event, shared by all threads."""

    def __init__(self) -> None:
        self._heads: Recent[str, tuple[int, str]] = Recent(_MOST)

    def find(self, entry: QueueEntry) -> str | None:
        """Return the digest of the last event of an entry, or ``None`` if it is not known."""
        seq, head = self._heads.get(entry.id) or _UNKNOWN
        if seq > entry.seq:  # the entry is outdated, or the database was restored from a backup
            self.forget([entry.id])
        return head if seq and seq == entry.seq else None

    def put(self, entry_id: str, seq: int, head: str) -> None:
        """Record number and digest of an entry's last event, unless a later one is known."""
        known = self._heads.get(entry_id) or _UNKNOWN
        # A read of another thread may have begun before the last write.
        if known[0] <= seq and known != (seq, head):
            self._heads.put(entry_id, (seq, head), 1)

    def forget(self, ids: Iterable[str]) -> None:
        """Forget entries, so that they are read again."""
        for entry_id in ids:
            self._heads.put(entry_id, _UNKNOWN, 1)


def build_guarded_values(
    company: str, writes: Sequence[EntryWrite], expected: Mapping[str, tuple[int, str]]
) -> tuple[object, ...]:
    """
    Return the values for the placeholders of :data:`GUARDED_SAVE`, column by column.

    Args:
        company: The company of the entries, encoded by ``to_column``.
        writes: The changes, in order.
        expected: The number and the digest of the last event before the changes, by entry id.
    """
    last = {write.entry.id: write for write in writes}
    columns = [build_columns(write.entry) for write in last.values()]
    reservations = [
        build_reservations(write.change) for write in writes if write.change is not None
    ]
    slots = [slot for slot, _ in reservations if slot is not None]
    # Sorted, so that two transactions with the same unique rows do not deadlock.
    documents = sorted(document for _, documents in reservations for document in documents)
    return (
        company,
        [to_column(key) for key in last],
        Numbers(expected[key][0] for key in last),
        [expected[key][1] for key in last],
        [status for status, *_ in columns],
        [connection for _, connection, *_ in columns],
        Numbers(seq for _, _, seq, *_ in columns),
        Numbers(wake for *_, wake, _ in columns),
        Numbers(lease for *_, lease in columns),
        [write.head for write in last.values()],
        Blobs(write.body for write in last.values()),
        [slot for slot, _ in slots],
        [entry_id for _, entry_id in slots],
        [connection for connection, *_ in documents],
        [erp_id for _, erp_id, *_ in documents],
        [entry_id for _, _, entry_id, _ in documents],
        Numbers(generation for *_, generation in documents),
        [to_column(write.entry.id) for write in writes],
        Numbers(write.entry.seq for write in writes),
        Blobs(write.event for write in writes),
        [write.head for write in writes],
    )

"""
The minimum *same* on PostgreSQL: one statement and one round trip per job.

The statement stores the outcome of one job and the start of the next, as arrays: entries, events,
slots and owners. It divides by zero if an entry, a slot or an owner was not as expected, and stores
nothing then. Candidates are read in batches; each start is durable before its call.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

import psycopg

from .same import Record, build_slot, encode_plainly, send
from .samples import LINES, invoice_of

_TABLES = """
    CREATE TABLE IF NOT EXISTS entries (
        id text PRIMARY KEY, status text NOT NULL, connection text, seq bigint NOT NULL,
        wake_at bigint, lease_until bigint, head text NOT NULL, body bytea NOT NULL,
        document bytea) WITH (fillfactor = 70);
    CREATE INDEX IF NOT EXISTS waking ON entries (wake_at, id) WHERE wake_at IS NOT NULL;
    CREATE TABLE IF NOT EXISTS events (
        place bigserial PRIMARY KEY, entry_id text NOT NULL, seq bigint NOT NULL,
        body bytea NOT NULL, digest text NOT NULL, UNIQUE (entry_id, seq));
    CREATE TABLE IF NOT EXISTS slots (slot text PRIMARY KEY, entry_id text NOT NULL);
    CREATE TABLE IF NOT EXISTS owners (
        connection text, erp_id text, entry_id text, generation int,
        PRIMARY KEY (connection, erp_id));
"""
_SEND = """
    WITH recorded AS (
        INSERT INTO events (entry_id, seq, body, digest)
            SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bytea[], %s::text[]))
    INSERT INTO entries (id, status, connection, seq, head, body, document)
        SELECT id, 'ready', 'erp', 1, head, body, document
        FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::bytea[])
            AS sent (id, head, body, document)
"""
_SAVE = """
    WITH wanted AS (
        SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::text[],
            %s::bytea[], %s::bigint[]) AS n (id, was, status, seq, head, body, wake_at)),
    moved AS (
        UPDATE entries e SET status = n.status, seq = n.seq, head = n.head, body = n.body,
            wake_at = nullif(n.wake_at, -1), lease_until = nullif(n.wake_at, -1)
            FROM wanted n WHERE e.id = n.id AND e.seq = n.was RETURNING e.id),
    recorded AS (
        INSERT INTO events (entry_id, seq, body, digest)
            SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bytea[], %s::text[])),
    slotted AS (
        INSERT INTO slots SELECT * FROM unnest(%s::text[], %s::text[])
            ON CONFLICT DO NOTHING RETURNING slot),
    owned AS (
        INSERT INTO owners SELECT 'erp', erp_id, entry_id, 1
            FROM unnest(%s::text[], %s::text[]) AS n (erp_id, entry_id)
            ON CONFLICT DO NOTHING RETURNING erp_id)
    SELECT 1 / ((SELECT count(*) FROM moved) = %s AND (SELECT count(*) FROM slotted) = %s
        AND (SELECT count(*) FROM owned) = %s)::int
"""
_DUE = """
    SELECT id, seq, body, head, document FROM entries WHERE wake_at <= 1
        ORDER BY wake_at, id LIMIT %s
"""


def _turn(rows: list[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Return the columns of rows."""
    return (
        [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
    )


class SamePostgres:
    """A loop with the invoices at hand; it reads a number of candidates at once."""

    prefetch: ClassVar[int] = 100

    def __init__(self, where: str) -> None:
        """Open a connection, and make the tables."""
        self._connection = psycopg.connect(where, autocommit=True, prepare_threshold=0)
        self._connection.execute(_TABLES, prepare=False)
        self._invoices: dict[int, dict[str, Any]] = {}
        self._due: list[tuple[Any, ...]] = []

    def load(self, first: int, count: int, lines: int = LINES) -> None:
        """Have these invoices at hand."""
        self._invoices = {n: invoice_of(n, lines) for n in range(first, first + count)}

    def send(self, first: int, count: int, batch: int) -> None:
        """Send these in batches, each with a look and a statement."""
        for begin in range(first, first + count, batch):
            numbers = range(begin, min(begin + batch, first + count))
            self._send([self._invoices[number] for number in numbers])

    def _send(self, invoices: list[dict[str, Any]]) -> None:
        ids = [invoice["invoice_id"] for invoice in invoices]
        slots = [build_slot(invoice) for invoice in invoices]
        there = self._connection.execute(
            "SELECT id FROM entries WHERE id = ANY(%s)"
            " UNION ALL SELECT slot FROM slots WHERE slot = ANY(%s)",
            (ids, slots),
        ).fetchall()
        if there:
            raise ValueError(there)
        rows, events = [], []
        for invoice in invoices:
            record, document = send(invoice, encode_plainly)
            rows.append((record.id, record.head, record.body, document))
            events += record.take_events()
        self._connection.execute(_SEND, (*_turn(events, 4), *_turn(rows, 4)), binary=True)

    def accept(self, first: int, count: int, batch: int) -> None:
        """Accept these in batches."""
        for begin in range(first, first + count, batch):
            ids = [str(number) for number in range(begin, min(begin + batch, first + count))]
            stored = self._connection.execute(
                "SELECT seq, body, head FROM entries WHERE id = ANY(%s)", (ids,), binary=True
            ).fetchall()
            changed = []
            for seq, body, head in stored:
                record = Record(encode_plainly, json.loads(body), head)
                record.accept()
                changed.append((record, seq, 0))
            self._save(changed, [], [])

    def _save(
        self,
        changed: list[tuple[Record, int, int]],
        slots: list[tuple[str, str]],
        owners: list[tuple[str, str]],
    ) -> None:
        """Store records, each with the number of its last stored event and when it is due."""
        rows, events = [], []
        for record, was, wake_at in changed:
            entry = record.entry
            moved = (record.id, was, entry["status"], entry["seq"], record.head, record.body)
            rows.append((*moved, wake_at))
            events += record.take_events()
        columns = (*_turn(rows, 7), *_turn(events, 4), *_turn(slots, 2), *_turn(owners, 2))
        counts = (len(rows), len(slots), len(owners))
        self._connection.execute(_SAVE, (*columns, *counts), binary=True)

    def export(self, jobs: int) -> None:
        """Claim, call and record that number of exports of one step, one after the other."""
        claimed: tuple[Record, int] | None = None
        for place in range(jobs + 1):
            changed: list[tuple[Record, int, int]] = []
            slots: list[tuple[str, str]] = []
            owners: list[tuple[str, str]] = []
            if claimed is not None:
                record, was = claimed
                owners.append((record.record(), record.id))
                changed.append((record, was, -1))
            if place < jobs:
                record, was, slot = self._claim()
                changed.append((record, was, 99))
                slots.append((slot, record.id))
                claimed = record, record.entry["seq"]
            self._save(changed, slots, owners)

    def _claim(self) -> tuple[Record, int, str]:
        if not self._due:
            found = self._connection.execute(_DUE, (self.prefetch,), binary=True)
            self._due = found.fetchall()
        _, seq, body, head, document = self._due.pop(0)
        record = Record(encode_plainly, json.loads(body), head)
        slot = build_slot(json.loads(document))
        record.claim()
        record.start(slot)
        return record, seq, slot

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class SingleSamePostgres(SamePostgres):
    """The same, with a look for each candidate."""

    prefetch = 1

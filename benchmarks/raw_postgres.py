"""The hand-written minimum on PostgreSQL: the same durable work with psycopg, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg

from .raw_sqlite import pack
from .samples import LINES, NOON, invoice_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_TABLES = """
    CREATE TABLE IF NOT EXISTS invoices (id text PRIMARY KEY, status text NOT NULL);
    CREATE TABLE IF NOT EXISTS entries (
        id text PRIMARY KEY, status text NOT NULL, digest text NOT NULL, body bytea NOT NULL,
        due float8, leased_until float8);
    CREATE INDEX IF NOT EXISTS entries_due ON entries (due, id) WHERE due IS NOT NULL;
    CREATE TABLE IF NOT EXISTS audit (
        place bigserial PRIMARY KEY, invoice_id text NOT NULL, at text NOT NULL,
        actor text NOT NULL, action text NOT NULL, before text NOT NULL, after text NOT NULL);
    CREATE TABLE IF NOT EXISTS keys (key text PRIMARY KEY, entry_id text NOT NULL);
"""
_RECORD = """
    INSERT INTO audit (invoice_id, at, actor, action, before, after)
        VALUES (%s, %s, %s, %s, %s, %s)
"""
_DUE = """
    UPDATE entries SET status = 'exporting', due = NULL, leased_until = 60 WHERE id IN (
        SELECT id FROM entries WHERE due <= 1 ORDER BY due, id LIMIT %s FOR UPDATE SKIP LOCKED)
        RETURNING id, body
"""


class RawPostgres:
    """One connection, and SQL written for one purpose; it trusts its caller."""

    def __init__(self, where: str) -> None:
        """Open a connection, and make the tables."""
        self.db = psycopg.connect(where, autocommit=True)
        self.db.execute(_TABLES)
        self._invoices: dict[int, dict[str, Any]] = {}

    def load(self, first: int, count: int, lines: int = LINES) -> None:
        """Have these invoices, approved and not sent; what the host has before it sends."""
        self._invoices = {n: invoice_of(n, lines) for n in range(first, first + count)}
        with self.db.transaction(), self.db.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO invoices VALUES (%s, 'not_sent')",
                [(str(number),) for number in self._invoices],
            )

    def send(self, first: int, count: int, batch: int) -> None:
        """Send these in batches."""
        for begin in range(first, first + count, batch):
            numbers = range(begin, min(begin + batch, first + count))
            self._send([self._invoices[number] for number in numbers])

    def _send(self, invoices: Sequence[dict[str, Any]]) -> None:
        """Send these in one transaction, each table in one round trip."""
        ids = [invoice["invoice_id"] for invoice in invoices]
        events = [(key, NOON.isoformat(), "pm", "send", "not_sent", "ready") for key in ids]
        with self.db.transaction(), self.db.cursor() as cursor:
            cursor.execute(
                "SELECT id, status FROM invoices WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (ids,)
            )
            before: dict[str, str] = dict(cursor.fetchall())
            if any(before[key] not in {"not_sent", "retrieved"} for key in ids):
                raise ValueError(before)
            cursor.execute("UPDATE invoices SET status = 'ready' WHERE id = ANY(%s)", (ids,))
            entries = []
            for invoice in invoices:
                body, digest = pack(invoice)
                entries.append((invoice["invoice_id"], digest, body))
            cursor.executemany(_RECORD, events)
            cursor.executemany(
                "INSERT INTO entries (id, status, digest, body) VALUES (%s, 'ready', %s, %s)",
                entries,
            )
            cursor.executemany(
                "INSERT INTO keys VALUES (%s, %s)", [(f"{key}/1/1/bill", key) for key in ids]
            )

    def accept(self, first: int, count: int, batch: int) -> None:
        """Accept all that were sent, without a record of it."""
        del first, count, batch
        self.db.execute("UPDATE entries SET status = 'accepted', due = 0 WHERE due IS NULL")

    def export(self, jobs: int, at_once: int = 100) -> None:
        """Claim that number at once with their starts, then record each as its outcome arrives."""
        done = 0
        while done < jobs:
            with self.db.transaction(), self.db.cursor() as cursor:
                cursor.execute(_DUE, (at_once,))
                taken = cursor.fetchall()
                cursor.executemany(_RECORD, [_row(key, "start") for key, _ in taken])
            for key, body in taken:
                json.loads(body)
                with self.db.transaction():
                    self.db.execute(
                        "UPDATE entries SET status = 'synced' WHERE id = %s AND leased_until = 60",
                        (key,),
                    )
                    self.db.execute(_RECORD, _row(key, "record"))
            done += len(taken)

    def close(self) -> None:
        """Close the connection."""
        self.db.close()


def _row(key: str, action: str) -> tuple[str, ...]:
    before, after = ("accepted", "exporting") if action == "start" else ("exporting", "synced")
    return (key, NOON.isoformat(), "worker", action, before, after)

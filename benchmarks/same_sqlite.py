"""The minimum *same* on SQLite: a hand-written loop that stores exactly what our store does."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .same import Record, build_slot, encode_plainly, find_fast_encoder, send
from .samples import LINES, invoice_of

if TYPE_CHECKING:
    from .same import Encode

_TABLES = """
    CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS entries (
        id TEXT PRIMARY KEY, status TEXT NOT NULL, connection TEXT, seq INTEGER NOT NULL,
        wake_at INTEGER, lease_until INTEGER, head TEXT NOT NULL, body BLOB NOT NULL, sha TEXT);
    CREATE INDEX IF NOT EXISTS waking ON entries (wake_at, id, connection)
        WHERE wake_at IS NOT NULL;
    CREATE INDEX IF NOT EXISTS leased ON entries (lease_until, connection)
        WHERE lease_until IS NOT NULL;
    CREATE TABLE IF NOT EXISTS events (
        place INTEGER PRIMARY KEY, entry_id TEXT NOT NULL, seq INTEGER NOT NULL,
        body BLOB NOT NULL, digest TEXT NOT NULL, UNIQUE (entry_id, seq));
    CREATE TABLE IF NOT EXISTS slots (
        slot TEXT PRIMARY KEY, entry_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS owners (
        connection TEXT NOT NULL, erp_id TEXT NOT NULL, entry_id TEXT NOT NULL,
        generation INTEGER NOT NULL, PRIMARY KEY (connection, erp_id)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS contents (sha TEXT PRIMARY KEY, body BLOB NOT NULL);
"""
_DUE = """
    SELECT entries.body, head, contents.body FROM entries JOIN contents USING (sha)
        WHERE wake_at <= 1 AND connection = 'erp' ORDER BY wake_at, id LIMIT 1
"""
_EVENT = "INSERT INTO events (entry_id, seq, body, digest) VALUES (?, ?, ?, ?)"
_ENTRY = "INSERT INTO entries VALUES (?, ?, 'erp', ?, NULL, NULL, ?, ?, ?)"
_MOVE = (
    "UPDATE entries SET status = ?, seq = ?, wake_at = ?, lease_until = ?, head = ?, body = ?"
    " WHERE id = ?"
)


class SameSqlite:
    """A loop with the invoices at hand, and JSON of the standard library."""

    def __init__(self, where: str, encode: Encode = encode_plainly) -> None:
        """Open the file in a folder, durable as ours is."""
        self.encode = encode
        self._connection = sqlite3.connect(Path(where) / "same.db", isolation_level=None)
        self._run = self._connection.execute
        self._run("PRAGMA journal_mode=WAL")
        self._run("PRAGMA synchronous=FULL")
        self._run("PRAGMA wal_autocheckpoint=8192")
        self._connection.executescript(_TABLES)
        self._invoices: dict[str, dict[str, Any]] = {}

    def load(self, first: int, count: int, lines: int = LINES) -> None:
        """Have these invoices at hand."""
        made = (invoice_of(number, lines) for number in range(first, first + count))
        self._invoices = {invoice["invoice_id"]: invoice for invoice in made}

    def _find(self, key: str) -> dict[str, Any]:
        return self._invoices[key]

    def _look(self, key: str) -> None:
        """Look at the invoice before it is exported; there is nothing to look at here."""

    def send(self, first: int, count: int, batch: int) -> None:
        """Send these in batches."""
        for begin in range(first, first + count, batch):
            self._run("BEGIN IMMEDIATE")
            for number in range(begin, min(begin + batch, first + count)):
                self._send(self._find(str(number)))
            self._run("COMMIT")

    def _send(self, invoice: dict[str, Any]) -> None:
        run, key = self._run, invoice["invoice_id"]
        before = run("SELECT status FROM entries WHERE id = ?", (key,)).fetchone()
        if before is not None and before[0] not in {"not_sent", "retrieved"}:
            raise ValueError(before)
        slot = build_slot(invoice)
        if run("SELECT entry_id FROM slots WHERE slot = ?", (slot,)).fetchone():
            raise ValueError(slot)
        record, document = send(invoice, self.encode)
        entry = record.entry
        run(
            _ENTRY,
            (key, entry["status"], entry["seq"], record.head, record.body, entry["digest"]),
        )
        run(
            "INSERT INTO contents VALUES (?, ?) ON CONFLICT DO NOTHING",
            (entry["digest"], document),
        )
        self._record_event(record)

    def accept(self, first: int, count: int, batch: int) -> None:
        """Accept these in batches."""
        for begin in range(first, first + count, batch):
            self._run("BEGIN IMMEDIATE")
            for number in range(begin, min(begin + batch, first + count)):
                body, head = self._run(
                    "SELECT body, head FROM entries WHERE id = ?", (str(number),)
                ).fetchone()
                record = Record(self.encode, json.loads(body), head)
                record.accept()
                self._save(record, wake_at=0)
            self._run("COMMIT")

    def _save(
        self, record: Record, *, wake_at: int | None = None, lease_until: int | None = None
    ) -> None:
        entry = record.entry
        row = (entry["status"], entry["seq"], wake_at, lease_until, record.head, record.body)
        self._run(_MOVE, (*row, record.id))
        self._record_event(record)

    def _record_event(self, record: Record) -> None:
        for event in record.take_events():
            self._run(_EVENT, event)

    def export(self, jobs: int) -> None:
        """
        Claim, call and record that number of exports, each record with the next claim.

        The call is made between two commits: its start is durable before it, its receipt after it.
        """
        claimed: Record | None = None
        for place in range(jobs + 1):
            self._run("BEGIN IMMEDIATE")
            if claimed is not None:
                self._record(claimed)
            claimed = self._claim() if place < jobs else None
            self._run("COMMIT")

    def _claim(self) -> Record:
        body, head, document = self._run(_DUE).fetchone()
        record = Record(self.encode, json.loads(body), head)
        self._look(record.id)
        slot = build_slot(json.loads(document))
        record.claim()
        record.start(slot)
        self._run("INSERT INTO slots VALUES (?, ?)", (slot, record.id))
        self._save(record, wake_at=99, lease_until=99)
        return record

    def _record(self, record: Record) -> None:
        stored = self._run("SELECT seq, head FROM entries WHERE id = ?", (record.id,)).fetchone()
        if stored != (record.entry["seq"], record.head):
            raise ValueError(stored)
        erp_id = record.record()
        self._run("INSERT INTO owners VALUES ('erp', ?, ?, 1)", (erp_id, record.id))
        self._save(record)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class ReadingSqlite(SameSqlite):
    """The same with the invoices in a table, which is read for every send and every export."""

    def load(self, first: int, count: int, lines: int = LINES) -> None:
        """Store these invoices."""
        super().load(first, count, lines)
        rows = [(key, self.encode(each).decode()) for key, each in self._invoices.items()]
        self._run("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO documents VALUES (?, ?)", rows)
        self._run("COMMIT")

    def _find(self, key: str) -> dict[str, Any]:
        (body,) = self._run("SELECT body FROM documents WHERE id = ?", (key,)).fetchone()
        invoice: dict[str, Any] = json.loads(body)
        return invoice

    def _look(self, key: str) -> None:
        self._find(key)


class FastSqlite(SameSqlite):
    """The same with the JSON of msgspec."""

    def __init__(self, where: str) -> None:
        """Open the file with the encoder of msgspec, which must be installed."""
        super().__init__(where, find_fast_encoder() or encode_plainly)

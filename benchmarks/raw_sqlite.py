"""The hand-written minimum on SQLite: the same durable work, and nothing else."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from .same import encode_plainly
from .samples import LINES, NOON, invoice_of

_TABLES = """
    CREATE TABLE IF NOT EXISTS invoices (id TEXT PRIMARY KEY, status TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS entries (
        id TEXT PRIMARY KEY, status TEXT NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL,
        due REAL, leased_until REAL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS entries_due ON entries (due) WHERE due IS NOT NULL;
    CREATE TABLE IF NOT EXISTS audit (
        place INTEGER PRIMARY KEY, invoice_id TEXT NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL,
        action TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY, entry_id TEXT NOT NULL) WITHOUT ROWID;
"""


def pack(invoice: dict[str, Any]) -> tuple[bytes, str]:
    """Return an invoice as JSON bytes, and their digest."""
    body = encode_plainly(invoice)
    return body, hashlib.sha256(body).hexdigest()


class RawSqlite:
    """
    A file with the same promises (WAL, ``synchronous=FULL``), and SQL written for one purpose.

    It trusts its caller: no rules, no reasons, no chain of digests, no fencing.
    """

    def __init__(self, where: str) -> None:
        """Open the file in a folder."""
        self.db = sqlite3.connect(Path(where) / "raw.db", isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.executescript(_TABLES)
        self._invoices: dict[int, dict[str, Any]] = {}

    def load(self, first: int, count: int, lines: int = LINES) -> None:
        """Have these invoices, approved and not sent; what the host has before it sends."""
        self._invoices = {n: invoice_of(n, lines) for n in range(first, first + count)}
        rows = [(str(number),) for number in self._invoices]
        self.db.execute("BEGIN IMMEDIATE")
        self.db.executemany("INSERT INTO invoices VALUES (?, 'not_sent')", rows)
        self.db.execute("COMMIT")

    def send(self, first: int, count: int, batch: int) -> None:
        """Send these in batches: status, audit record, entry with digest, key."""
        run = self.db.execute
        for begin in range(first, first + count, batch):
            run("BEGIN IMMEDIATE")
            for number in range(begin, min(begin + batch, first + count)):
                self._send(self._invoices[number])
            run("COMMIT")

    def _send(self, invoice: dict[str, Any]) -> None:
        run = self.db.execute
        key = invoice["invoice_id"]
        before = run("SELECT status FROM invoices WHERE id = ?", (key,)).fetchone()[0]
        if before not in {"not_sent", "retrieved"}:
            raise ValueError(before)
        body, digest = pack(invoice)
        run("UPDATE invoices SET status = 'ready' WHERE id = ?", (key,))
        run(
            "INSERT INTO audit (invoice_id, at, actor, action, before, after)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (key, NOON.isoformat(), "pm", "send", before, "ready"),
        )
        run(
            "INSERT INTO entries (id, status, digest, body) VALUES (?, 'ready', ?, ?)",
            (key, digest, body),
        )
        run("INSERT INTO keys VALUES (?, ?)", (f"{key}/1/1/bill", key))

    def accept(self, first: int, count: int, batch: int) -> None:
        """Accept all that were sent, without a record of it."""
        del first, count, batch
        self.db.execute("UPDATE entries SET status = 'accepted', due = 0 WHERE due IS NULL")

    def export(self, jobs: int) -> None:
        """
        Claim, call and record that number of exports, each record with the next claim.

        The call is made between two commits: its start is durable before it, its receipt after it.
        """
        run = self.db.execute
        taken: str | None = None
        for _ in range(jobs + 1):
            run("BEGIN IMMEDIATE")
            if taken is not None:
                self._move(taken, "record", "exporting", "synced")
            due = run(
                "SELECT id, body FROM entries WHERE due <= 1 ORDER BY due, id LIMIT 1"
            ).fetchone()
            taken = None if due is None else due[0]
            if taken is not None:
                self._move(taken, "start", "accepted", "exporting")
            run("COMMIT")
            if due is not None:
                json.loads(due[1])

    def _move(self, key: str, action: str, before: str, after: str) -> None:
        run = self.db.execute
        run("UPDATE entries SET status = ?, due = NULL WHERE id = ?", (after, key))
        run(
            "INSERT INTO audit (invoice_id, at, actor, action, before, after)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (key, NOON.isoformat(), "worker", action, before, after),
        )

    def close(self) -> None:
        """Close the file."""
        self.db.close()

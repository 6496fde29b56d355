"""The hand-written floor on SQLite: the same durable work, and nothing else."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import TYPE_CHECKING, Any

import attrs

from .samples import NOON, document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["RawSqlite", "invoice_of", "pack"]

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


def invoice_of(number: int) -> dict[str, Any]:
    """Return the invoice of that number as a program without this library holds it: a dict."""
    return attrs.asdict(document(number))


def pack(invoice: dict[str, Any]) -> tuple[bytes, str]:
    """Return an invoice as JSON bytes, and their digest."""
    body = json.dumps(invoice, default=_text, separators=(",", ":"), sort_keys=True).encode()
    return body, hashlib.sha256(body).hexdigest()


def _text(value: Any) -> str:  # noqa: ANN401 - an amount, a day or a word of a closed set
    return str(getattr(value, "value", value))


class RawSqlite:
    """
    A file with the same promises (WAL, ``synchronous=FULL``), and SQL written for one purpose.

    It trusts its caller: no rules, no reasons, no chain of digests, no fencing.
    """

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.executescript(_TABLES)

    def have(self, invoices: Sequence[dict[str, Any]]) -> None:
        """Have these invoices, approved and not sent; what the host has before it sends."""
        rows = [(invoice["invoice_id"],) for invoice in invoices]
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("INSERT INTO invoices VALUES (?, 'not_sent')", rows)
        self.connection.execute("COMMIT")

    def send(self, invoices: Sequence[dict[str, Any]]) -> None:
        """Send these in one transaction: status, audit record, entry with digest, key."""
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        for invoice in invoices:
            self._send(invoice)
        run("COMMIT")

    def _send(self, invoice: dict[str, Any]) -> None:
        run = self.connection.execute
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

    def ready_to_export(self, invoices: Sequence[dict[str, Any]]) -> None:
        """Have these sent and accepted, for a worker to take."""
        self.have(invoices)
        self.send(invoices)
        self.connection.execute("UPDATE entries SET status = 'accepted', due = 0 WHERE due IS NULL")

    def export(self, jobs: int) -> None:
        """
        Claim, call and record so many one-step exports, each record together with the next claim.

        The call is made between two commits: its start is durable before it, its receipt after it.
        """
        run = self.connection.execute
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
        run = self.connection.execute
        run("UPDATE entries SET status = ?, due = NULL WHERE id = ?", (after, key))
        run(
            "INSERT INTO audit (invoice_id, at, actor, action, before, after)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (key, NOON.isoformat(), "worker", action, before, after),
        )

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

"""The tables of the queue in SQLite, and how an older file comes up to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import StoreFault

if TYPE_CHECKING:
    import sqlite3

__all__ = ["migrate"]

#: One tuple of statements per version, forward only; the file's own version is in erp_schema.
MIGRATIONS = (
    (
        """CREATE TABLE erp_entries (
            id TEXT PRIMARY KEY, status TEXT NOT NULL, connection TEXT, seq INTEGER NOT NULL,
            wake_at INTEGER, lease_until INTEGER, head TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID""",
        """CREATE INDEX erp_entries_waking ON erp_entries (wake_at, id, connection)
            WHERE wake_at IS NOT NULL""",
        """CREATE INDEX erp_entries_leased ON erp_entries (lease_until, connection)
            WHERE lease_until IS NOT NULL""",
        """CREATE TABLE erp_events (
            place INTEGER PRIMARY KEY AUTOINCREMENT, entry_id TEXT NOT NULL, seq INTEGER NOT NULL,
            body BLOB NOT NULL, digest TEXT NOT NULL, UNIQUE (entry_id, seq))""",
        "CREATE TABLE erp_slots (slot TEXT PRIMARY KEY, entry_id TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE erp_owners (
            connection TEXT NOT NULL, erp_id TEXT NOT NULL, entry_id TEXT NOT NULL,
            generation INTEGER NOT NULL, PRIMARY KEY (connection, erp_id)) WITHOUT ROWID""",
        """CREATE TABLE erp_commands (
            command TEXT NOT NULL, entry_id TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY (command, entry_id)) WITHOUT ROWID""",
    ),
    (
        "CREATE TABLE erp_papers (sha TEXT PRIMARY KEY, body BLOB NOT NULL)",
        "ALTER TABLE erp_entries ADD COLUMN paper TEXT",
        """CREATE VIEW erp_filed AS SELECT erp_entries.*, erp_papers.body AS document
            FROM erp_entries LEFT JOIN erp_papers ON erp_papers.sha = erp_entries.paper""",
        "CREATE TABLE erp_clock (boot TEXT PRIMARY KEY, at INTEGER NOT NULL, ticks INTEGER NOT NULL)",
    ),
)


def migrate(connection: sqlite3.Connection) -> None:
    """
    Bring the tables up to this version, inside the caller's write transaction.

    Raises:
        StoreFault: The file was written by a newer version of this library.
    """
    connection.execute("CREATE TABLE IF NOT EXISTS erp_schema (version INTEGER NOT NULL)")
    row = connection.execute("SELECT max(version) FROM erp_schema").fetchone()
    version = row[0] or 0
    if version > len(MIGRATIONS):
        msg = "Upgrade erp_invoice_core: this database was written by a newer version of it."
        raise StoreFault(msg)
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        for statement in statements:
            connection.execute(statement)
        connection.execute("INSERT INTO erp_schema (version) VALUES (?)", (number,))

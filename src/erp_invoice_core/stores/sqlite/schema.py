"""The tables of the queue in SQLite, and how an older file comes up to them."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

from ..document_rows import DOCUMENT_TABLES
from ..errors import StoreFault
from ..rows import to_column
from ..unique_claims import find_older_slots
from .columns import to_text

if TYPE_CHECKING:
    from collections.abc import Callable


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
    (
        # Entries that hold one number together since numbers are compared in one form.
        """CREATE TABLE erp_slots_shared (
            slot TEXT NOT NULL, entry_id TEXT NOT NULL, PRIMARY KEY (slot, entry_id))
            WITHOUT ROWID""",
    ),
    (
        "CREATE TABLE erp_identity (id TEXT NOT NULL)",
        """CREATE TABLE erp_restores (
            number INTEGER PRIMARY KEY, at INTEGER NOT NULL, why TEXT NOT NULL)""",
    ),
)


def _compare_numbers_alike(connection: sqlite3.Connection) -> None:
    """Write the slots of version 0.1 as they are looked up from now on."""
    stored = connection.execute("SELECT slot, entry_id FROM erp_slots").fetchall()
    for older in find_older_slots((to_text(row[0]), to_text(row[1])) for row in stored):
        table = "erp_slots_shared" if older.is_shared else "erp_slots"
        row = (to_column(older.key), to_column(older.entry_id))
        connection.execute("DELETE FROM erp_slots WHERE slot = ?", (to_column(older.slot),))
        connection.execute(f"INSERT INTO {table} (slot, entry_id) VALUES (?, ?)", row)  # noqa: S608 - one of two names of ours


#: The function that a version calls after its statements.
_THEN = {3: _compare_numbers_alike}


_LOG = logging.getLogger(__name__)
_NEWER = "Upgrade erp_invoice_core: this database was written by a newer version of it."
_DAMAGED = (
    "Restore this database from a backup: its table erp_schema does not say which version wrote it."
)
_EMPTY = "This database is empty: nothing was stored in it yet."


def _read_version(connection: sqlite3.Connection) -> int:
    """
    Return the version of the tables, 0 before the first.

    Raises:
        StoreFault: A row was damaged: its version is no number of one.
    """
    stored = [row[0] for row in connection.execute("SELECT version FROM erp_schema ORDER BY rowid")]
    if all(type(each) is int for each in stored) and max(stored, default=0) > len(MIGRATIONS):
        raise StoreFault(_NEWER)
    if stored != list(range(1, len(stored) + 1)):
        raise StoreFault(_DAMAGED)
    return len(stored)


def _has_older_documents(connection: sqlite3.Connection) -> bool:
    """Return whether the documents were loaded by a version that kept no table of their numbers."""
    tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
    there = [connection.execute(tables, (name,)).fetchone() == (1,) for name in DOCUMENT_TABLES]
    return there[0] and not all(there)


def open_readable(
    connection: sqlite3.Connection,
    complete_copy: Callable[[sqlite3.Connection], object] | None = None,
) -> sqlite3.Connection:
    """
    Return a connection whose tables are those of this version; nothing is written to the file.

    It is the one given, or, where an older version wrote the tables, one to a private copy that was
    brought up to this one; then the one given is closed. ``complete_copy`` fills in the copy what
    the tables of the loaded documents lack.

    Raises:
        StoreFault: The file is empty, or was written by a newer version of this library.
    """
    there = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'erp_schema'"
    if connection.execute(there).fetchone() == (0,):
        raise StoreFault(_EMPTY)
    version = _read_version(connection)
    if version == len(MIGRATIONS) and not _has_older_documents(connection):
        return connection
    # Without a name it is a temporary file, that SQLite removes with the connection.
    copy = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    try:
        connection.backup(copy)
        migrate(copy)
        if complete_copy is not None and _has_older_documents(copy):
            complete_copy(copy)
        copy.execute("PRAGMA query_only=ON")
    except BaseException:
        copy.close()
        raise
    connection.close()
    return copy


def require_known(connection: sqlite3.Connection) -> None:
    """
    Require that no newer version has changed the tables meanwhile.

    Raises:
        StoreFault: One has.
    """
    _read_version(connection)


def migrate(connection: sqlite3.Connection) -> None:
    """
    Bring the tables up to this version, inside the caller's write transaction.

    Raises:
        StoreFault: The file was written by a newer version of this library, or is damaged.
    """
    connection.execute("CREATE TABLE IF NOT EXISTS erp_schema (version INTEGER NOT NULL)")
    version = _read_version(connection)
    if version < len(MIGRATIONS):
        extra = {"event": "migrated", "version": version, "to": len(MIGRATIONS)}
        _LOG.info("Tables of version %d are brought to %d.", version, len(MIGRATIONS), extra=extra)
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        for statement in statements:
            connection.execute(statement)
        if number in _THEN:
            _THEN[number](connection)
        connection.execute("INSERT INTO erp_schema (version) VALUES (?)", (number,))

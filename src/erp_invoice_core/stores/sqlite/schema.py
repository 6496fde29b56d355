"""The tables of the queue in SQLite, and their migrations."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

from ..errors import StoreFault
from ..record_rows import OLDER_TABLE
from ..rows import to_column
from ..unique_rows import find_older_slots
from .columns import to_text

if TYPE_CHECKING:
    from collections.abc import Callable


#: The statements of each version, forward only; erp_schema has the file's version.
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
        # Entries of version 0.1 that hold the same number in its present canonical form.
        """CREATE TABLE erp_slots_shared (
            slot TEXT NOT NULL, entry_id TEXT NOT NULL, PRIMARY KEY (slot, entry_id))
            WITHOUT ROWID""",
    ),
    (
        "CREATE TABLE erp_identity (id TEXT NOT NULL)",
        """CREATE TABLE erp_restores (
            number INTEGER PRIMARY KEY, at INTEGER NOT NULL, why TEXT NOT NULL)""",
    ),
    (
        # The company is part of every key. Entries are in a rowid table, because a body of more
        # than 1 KB would overflow its page in a table without rowids. Events are never deleted, so
        # that their places increase without AUTOINCREMENT, which would write one more page.
        "DROP VIEW erp_filed",
        "DROP INDEX erp_entries_waking",
        "DROP INDEX erp_entries_leased",
        "ALTER TABLE erp_entries RENAME TO erp_entries_4",
        """CREATE TABLE erp_entries (
            company TEXT NOT NULL DEFAULT '', id TEXT NOT NULL, status TEXT NOT NULL,
            connection TEXT, seq INTEGER NOT NULL, wake_at INTEGER, lease_until INTEGER,
            head TEXT NOT NULL, document_sha256 TEXT, body BLOB NOT NULL, UNIQUE (company, id))""",
        """INSERT INTO erp_entries (id, status, connection, seq, wake_at, lease_until, head,
                document_sha256, body)
            SELECT id, status, connection, seq, wake_at, lease_until, head, paper, body
            FROM erp_entries_4 ORDER BY id""",
        "DROP TABLE erp_entries_4",
        """CREATE INDEX erp_entries_wake_at ON erp_entries (company, wake_at, id, connection)
            WHERE wake_at IS NOT NULL""",
        """CREATE INDEX erp_entries_lease_until ON erp_entries (company, lease_until, connection)
            WHERE lease_until IS NOT NULL""",
        "ALTER TABLE erp_events RENAME TO erp_events_4",
        """CREATE TABLE erp_events (
            place INTEGER PRIMARY KEY, company TEXT NOT NULL DEFAULT '', entry_id TEXT NOT NULL,
            seq INTEGER NOT NULL, body BLOB NOT NULL, digest TEXT NOT NULL,
            UNIQUE (company, entry_id, seq))""",
        """INSERT INTO erp_events (place, entry_id, seq, body, digest)
            SELECT place, entry_id, seq, body, digest FROM erp_events_4 ORDER BY place""",
        "DROP TABLE erp_events_4",
        # A database of one company has the company '' and needs no index for its change feed.
        """CREATE INDEX erp_events_company ON erp_events (company) WHERE company <> ''""",
        "ALTER TABLE erp_papers RENAME TO erp_export_documents",
        "ALTER TABLE erp_export_documents RENAME COLUMN sha TO sha256",
        "ALTER TABLE erp_export_documents RENAME COLUMN body TO document",
        """CREATE TABLE erp_number_slots (
            company TEXT NOT NULL DEFAULT '', slot TEXT NOT NULL, entry_id TEXT NOT NULL,
            PRIMARY KEY (company, slot)) WITHOUT ROWID""",
        "INSERT INTO erp_number_slots (slot, entry_id) SELECT slot, entry_id FROM erp_slots",
        "DROP TABLE erp_slots",
        """CREATE TABLE erp_shared_number_slots (
            company TEXT NOT NULL DEFAULT '', slot TEXT NOT NULL, entry_id TEXT NOT NULL,
            PRIMARY KEY (company, slot, entry_id)) WITHOUT ROWID""",
        """INSERT INTO erp_shared_number_slots (slot, entry_id)
            SELECT slot, entry_id FROM erp_slots_shared""",
        "DROP TABLE erp_slots_shared",
        """CREATE TABLE erp_document_owners (
            company TEXT NOT NULL DEFAULT '', connection TEXT NOT NULL, erp_id TEXT NOT NULL,
            entry_id TEXT NOT NULL, generation INTEGER NOT NULL,
            PRIMARY KEY (company, connection, erp_id)) WITHOUT ROWID""",
        """INSERT INTO erp_document_owners (connection, erp_id, entry_id, generation)
            SELECT connection, erp_id, entry_id, generation FROM erp_owners""",
        "DROP TABLE erp_owners",
        "ALTER TABLE erp_commands RENAME TO erp_commands_4",
        """CREATE TABLE erp_commands (
            company TEXT NOT NULL DEFAULT '', command TEXT NOT NULL, entry_id TEXT NOT NULL,
            seq INTEGER NOT NULL, PRIMARY KEY (company, command, entry_id)) WITHOUT ROWID""",
        """INSERT INTO erp_commands (command, entry_id, seq)
            SELECT command, entry_id, seq FROM erp_commands_4""",
        "DROP TABLE erp_commands_4",
    ),
)

#: The tables of entries and their documents, joined.
ENTRIES = "erp_entries LEFT JOIN erp_export_documents ON sha256 = document_sha256"


def _compare_numbers_alike(db: sqlite3.Connection) -> None:
    """
    Convert the number slots of version 0.1 to their present form.

    If an entry then has the same slot as another, its row is moved to the table of shared slots.
    """
    stored = db.execute("SELECT slot, entry_id FROM erp_slots").fetchall()
    for older in find_older_slots((to_text(row[0]), to_text(row[1])) for row in stored):
        table = "erp_slots_shared" if older.is_shared else "erp_slots"
        row = (to_column(older.key), to_column(older.entry_id))
        db.execute("DELETE FROM erp_slots WHERE slot = ?", (to_column(older.slot),))
        db.execute(f"INSERT INTO {table} (slot, entry_id) VALUES (?, ?)", row)  # noqa: S608 - one of two constant names


#: The function of a version to call after its statements.
_THEN = {3: _compare_numbers_alike}


_LOG = logging.getLogger(__name__)
_NEWER = "A newer version of erp_invoice_core wrote this database. Upgrade erp_invoice_core."
_DAMAGED = "The table erp_schema of this database has no valid version. Restore it from a backup."
_EMPTY = "This database is empty. Nothing was stored in it yet."


def _read_version(db: sqlite3.Connection) -> int:
    """
    Return the version of the tables, 0 before the first.

    Raises:
        StoreFault: The row of the version is damaged.
    """
    stored = [row[0] for row in db.execute("SELECT version FROM erp_schema ORDER BY rowid")]
    if all(type(each) is int for each in stored) and max(stored, default=0) > len(MIGRATIONS):
        raise StoreFault(_NEWER)
    if stored != list(range(1, len(stored) + 1)):
        raise StoreFault(_DAMAGED)
    return len(stored)


def _has_older_records(db: sqlite3.Connection) -> bool:
    """Return whether a version from 0.1 to 0.3 loaded the records."""
    tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
    return bool(db.execute(tables, (OLDER_TABLE,)).fetchone() == (1,))


def open_readable(
    db: sqlite3.Connection,
    complete_copy: Callable[[sqlite3.Connection], object] | None = None,
) -> sqlite3.Connection:
    """
    Return a connection to tables of this version, without writing to the file.

    It is the given connection. If an older version wrote the tables, it is a connection to a
    migrated private copy, and the given connection is closed. ``complete_copy`` completes the
    tables of the loaded records in the copy.

    Raises:
        StoreFault: The file is empty, or a newer version of this package wrote it.
    """
    there = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'erp_schema'"
    if db.execute(there).fetchone() == (0,):
        raise StoreFault(_EMPTY)
    version = _read_version(db)
    if version == len(MIGRATIONS) and not _has_older_records(db):
        return db
    # An empty name is a temporary file, which SQLite removes with the connection.
    copy = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    try:
        db.backup(copy)
        migrate(copy)
        if complete_copy is not None and _has_older_records(copy):
            complete_copy(copy)
        copy.execute("PRAGMA query_only=ON")
    except BaseException:
        copy.close()
        raise
    db.close()
    return copy


def require_known(db: sqlite3.Connection) -> None:
    """
    Check that no newer version has migrated the tables.

    Raises:
        StoreFault: A newer version has.
    """
    _read_version(db)


def migrate(db: sqlite3.Connection) -> None:
    """
    Migrate the tables to this version, within the caller's write transaction.

    Raises:
        StoreFault: A newer version of this package wrote the file, or it is damaged.
    """
    db.execute("CREATE TABLE IF NOT EXISTS erp_schema (version INTEGER NOT NULL)")
    version = _read_version(db)
    if version < len(MIGRATIONS):
        extra = {"event": "migrated", "version": version, "to": len(MIGRATIONS)}
        _LOG.info("Migrating tables, version %d to %d.", version, len(MIGRATIONS), extra=extra)
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        for statement in statements:
            db.execute(statement)
        if number in _THEN:
            _THEN[number](db)
        db.execute("INSERT INTO erp_schema (version) VALUES (?)", (number,))

"""The tables of the queue in PostgreSQL, and their migrations."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import StoreFault
from ..record_rows import OLDER_TABLE
from ..rows import from_column, to_column
from ..unique_rows import find_older_slots

if TYPE_CHECKING:
    from .pipeline import Pipeline


#: The first version whose tables can be read without a migration.
READABLE_FROM = 4

#: The first number of every advisory lock; the second one is the schema or the table.
LOCKS = 0x45525031  # "ERP1"

#: The lock for creating tables in the schema, held until the transaction ends.
LOCK_SCHEMA = (
    "SELECT pg_advisory_xact_lock(%s::int, current_schema()::regnamespace::oid::int)::text"
)

#: The statements of each version, forward only; erp_schema has the schema's version.
MIGRATIONS = (
    (
        # The document is a column of its own, which is not rewritten when the entry changes.
        # Nothing is compressed, as that would cost more time than it saves.
        """CREATE TABLE erp_entries (
            id text COLLATE "C" PRIMARY KEY, status text NOT NULL, connection text COLLATE "C",
            seq bigint NOT NULL, wake_at bigint, lease_until bigint, head text NOT NULL,
            body bytea NOT NULL, paper bytea) WITH (fillfactor = 70)""",
        "ALTER TABLE erp_entries ALTER body SET STORAGE EXTERNAL, ALTER paper SET STORAGE EXTERNAL",
        """CREATE INDEX erp_entries_waking ON erp_entries (wake_at, id)
            WHERE wake_at IS NOT NULL""",
        """CREATE INDEX erp_entries_leased ON erp_entries (lease_until, connection)
            WHERE lease_until IS NOT NULL""",
        # An event gets its place in the feed at its first reading.
        """CREATE TABLE erp_events (
            entry_id text COLLATE "C" NOT NULL, seq bigint NOT NULL, body bytea NOT NULL,
            digest text NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY, place bigint,
            PRIMARY KEY (entry_id, seq)) WITH (fillfactor = 90)""",
        "CREATE UNIQUE INDEX erp_events_placed ON erp_events (place) WHERE place IS NOT NULL",
        "CREATE INDEX erp_events_unplaced ON erp_events (number) WHERE place IS NULL",
        """CREATE TABLE erp_slots (
            slot text COLLATE "C" PRIMARY KEY, entry_id text COLLATE "C" NOT NULL)""",
        """CREATE TABLE erp_owners (
            connection text COLLATE "C" NOT NULL, erp_id text COLLATE "C" NOT NULL,
            entry_id text COLLATE "C" NOT NULL, generation bigint NOT NULL,
            PRIMARY KEY (connection, erp_id))""",
        """CREATE TABLE erp_commands (
            command text COLLATE "C" NOT NULL, entry_id text COLLATE "C" NOT NULL,
            seq bigint NOT NULL, PRIMARY KEY (command, entry_id))""",
    ),
    (
        # Entries of version 0.1 that hold the same number in its present canonical form.
        """CREATE TABLE erp_slots_shared (
            slot text COLLATE "C" NOT NULL, entry_id text COLLATE "C" NOT NULL,
            PRIMARY KEY (slot, entry_id))""",
    ),
    (
        "CREATE TABLE erp_cluster (system text NOT NULL, timeline text NOT NULL)",
        """CREATE TABLE erp_restores (
            number bigint PRIMARY KEY, at bigint NOT NULL, why text NOT NULL)""",
    ),
    (
        # The company is part of every key.
        """ALTER TABLE erp_entries ADD COLUMN company text COLLATE "C" NOT NULL DEFAULT '',
            DROP CONSTRAINT erp_entries_pkey, ADD PRIMARY KEY (company, id)""",
        "ALTER TABLE erp_entries RENAME COLUMN paper TO document",
        "DROP INDEX erp_entries_waking",
        "DROP INDEX erp_entries_leased",
        """CREATE INDEX erp_entries_wake_at ON erp_entries (company, wake_at, id)
            WHERE wake_at IS NOT NULL""",
        """CREATE INDEX erp_entries_lease_until ON erp_entries (company, lease_until, connection)
            WHERE lease_until IS NOT NULL""",
        """ALTER TABLE erp_events ADD COLUMN company text COLLATE "C" NOT NULL DEFAULT '',
            DROP CONSTRAINT erp_events_pkey, ADD PRIMARY KEY (company, entry_id, seq)""",
        "DROP INDEX erp_events_placed",
        "DROP INDEX erp_events_unplaced",
        """CREATE UNIQUE INDEX erp_events_with_place ON erp_events (company, place)
            WHERE place IS NOT NULL""",
        """CREATE INDEX erp_events_without_place ON erp_events (company, number)
            WHERE place IS NULL""",
        """ALTER TABLE erp_slots ADD COLUMN company text COLLATE "C" NOT NULL DEFAULT '',
            DROP CONSTRAINT erp_slots_pkey""",
        "ALTER TABLE erp_slots RENAME TO erp_number_slots",
        "ALTER TABLE erp_number_slots ADD PRIMARY KEY (company, slot)",
        """ALTER TABLE erp_slots_shared ADD COLUMN company text COLLATE "C" NOT NULL DEFAULT '',
            DROP CONSTRAINT erp_slots_shared_pkey""",
        "ALTER TABLE erp_slots_shared RENAME TO erp_shared_number_slots",
        "ALTER TABLE erp_shared_number_slots ADD PRIMARY KEY (company, slot, entry_id)",
        """ALTER TABLE erp_owners ADD COLUMN company text COLLATE "C" NOT NULL DEFAULT '',
            DROP CONSTRAINT erp_owners_pkey""",
        "ALTER TABLE erp_owners RENAME TO erp_document_owners",
        "ALTER TABLE erp_document_owners ADD PRIMARY KEY (company, connection, erp_id)",
        """ALTER TABLE erp_commands ADD COLUMN company text COLLATE "C" NOT NULL DEFAULT '',
            DROP CONSTRAINT erp_commands_pkey, ADD PRIMARY KEY (company, command, entry_id)""",
    ),
)


def _compare_numbers_alike(pipeline: Pipeline) -> None:
    """
    Convert the number slots of version 0.1 to their present form.

    If an entry then has the same slot as another, its row is moved to the table of shared slots.
    """
    stored = pipeline.query("SELECT slot, entry_id FROM erp_slots")
    for older in find_older_slots(
        (from_column(slot), from_column(entry_id)) for slot, entry_id in stored
    ):
        table = "erp_slots_shared" if older.is_shared else "erp_slots"
        row = (to_column(older.key), to_column(older.entry_id))
        pipeline.defer("DELETE FROM erp_slots WHERE slot = %s", to_column(older.slot))
        pipeline.defer(f"INSERT INTO {table} (slot, entry_id) VALUES (%s, %s)", *row)  # noqa: S608 - one of two constant names


#: The function of a version to call after its statements.
_THEN = {2: _compare_numbers_alike}


_LOG = logging.getLogger(__name__)
_NEWER = "A newer version of erp_invoice_core wrote this database. Upgrade erp_invoice_core."
_EMPTY = "This database is empty. Nothing was stored in this schema yet."
_OLDER = (
    "This database was written by an older version of erp_invoice_core: open it once with the"
    " right to change tables to bring them up to this version."
)


def require_known(version: int) -> None:
    """
    Check that no newer version has created the tables.

    Raises:
        StoreFault: A newer version has.
    """
    if version > len(MIGRATIONS):
        raise StoreFault(_NEWER)


class OlderTables(StoreFault):
    """An older version created the tables; they need a migration."""


def check_readable(pipeline: Pipeline) -> None:
    """
    Check that the tables can be read without a migration; write nothing.

    Raises:
        OlderTables: The tables must be migrated first.
        StoreFault: The schema is empty or too new.
    """
    version = _read_version(pipeline)
    if not version:
        raise StoreFault(_EMPTY)
    tables = "SELECT (to_regclass(%s) IS NOT NULL)::int"
    if version < READABLE_FROM or pipeline.query(tables, OLDER_TABLE) == [(1,)]:
        raise OlderTables(_OLDER)


def migrate(pipeline: Pipeline) -> None:
    """
    Migrate the tables to this version, in a transaction of the store.

    Several processes at the same time wait for each other.

    Raises:
        StoreFault: There is no schema for the tables, or they are of a newer version.
    """
    if _read_version(pipeline) == len(MIGRATIONS):
        return
    ((schema,),) = pipeline.query("SELECT current_schema()::text")
    if schema is None:
        msg = "The search_path has no existing schema for the tables. Name one in it."
        raise StoreFault(msg)
    pipeline.query(LOCK_SCHEMA, LOCKS)
    pipeline.defer("CREATE TABLE IF NOT EXISTS erp_schema (version integer PRIMARY KEY)")
    version = _read_version(pipeline)
    if version < len(MIGRATIONS):
        extra = {"event": "migrated", "version": version, "to": len(MIGRATIONS)}
        _LOG.info("Migrating tables, version %d to %d.", version, len(MIGRATIONS), extra=extra)
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        for statement in statements:
            pipeline.defer(statement)
        if number in _THEN:
            _THEN[number](pipeline)
        pipeline.defer("INSERT INTO erp_schema (version) VALUES (%s)", number)


def _read_version(pipeline: Pipeline) -> int:
    ((there,),) = pipeline.query("SELECT (to_regclass('erp_schema') IS NOT NULL)::int")
    if not there:
        return 0
    ((version,),) = pipeline.query("SELECT coalesce(max(version), 0)::bigint FROM erp_schema")
    require_known(version)
    return int(version)

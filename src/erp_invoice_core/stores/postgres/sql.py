"""The SQL statements of transactions, and values as columns hold them."""

from __future__ import annotations

from typing import Any, TypeAlias

import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.rows import tuple_row
from psycopg.types.array import ListBinaryDumper
from psycopg.types.none import NoneDumper
from psycopg.types.numeric import Int4BinaryLoader, Int8BinaryDumper, Int8BinaryLoader
from psycopg.types.string import (
    ByteaBinaryLoader,
    BytesBinaryDumper,
    StrBinaryDumper,
    TextBinaryLoader,
)

#: Creates missing entries; the ids are sorted.
MAKE = """
    INSERT INTO erp_entries (company, id, status, seq, head, body)
    SELECT %s::text, n.id, 'not_sent', 0, '', n.body
        FROM unnest(%s::text[], %s::bytea[]) AS n (id, body)
    ON CONFLICT (company, id) DO NOTHING
"""
HOLD = """
    SELECT body, document, head, id, seq FROM erp_entries
    WHERE company = %s AND id = ANY(%s::text[]) ORDER BY id FOR UPDATE
"""
#: Writes entries without a change, so that transactions with an older snapshot fail.
MARK = "UPDATE erp_entries SET seq = seq WHERE company = %s AND id = ANY(%s::text[])"
DISCARD = "DELETE FROM erp_entries WHERE company = %s AND id = ANY(%s::text[]) AND seq = 0"
DUE = """
    SELECT body, document, head, id, seq FROM erp_entries
    WHERE company = %s AND wake_at <= %s AND (connection = ANY(%s::text[]) OR status = 'exporting')
        AND id <> ALL(%s::text[])
    ORDER BY wake_at, id LIMIT %s FOR UPDATE SKIP LOCKED
"""
HURRY = "SET LOCAL lock_timeout = '250ms'"

# Committed rows are checked before an insert, so that no process waits for a transaction that only
# releases a slot. If two processes insert at the same time, the constraint decides.
TAKE_SLOT = """
    INSERT INTO erp_number_slots (company, slot, entry_id) SELECT n.company, n.slot, n.entry_id
    FROM (VALUES (%s::text, %s::text, %s::text)) AS n (company, slot, entry_id)
    WHERE NOT EXISTS (SELECT 1 FROM erp_number_slots AS held
            WHERE held.company = n.company AND held.slot = n.slot)
        AND NOT EXISTS (SELECT 1 FROM erp_shared_number_slots AS held
            WHERE held.company = n.company AND held.slot = n.slot)
    ON CONFLICT (company, slot) DO NOTHING
"""
FREE_SLOT = "DELETE FROM erp_number_slots WHERE company = %s AND slot = %s AND entry_id = %s"
# If version 0.1 gave one number to two entries, both still prevent a third.
FREE_SHARED_SLOT = """
    DELETE FROM erp_shared_number_slots WHERE company = %s AND slot = %s AND entry_id = %s
"""
SLOT_HOLDERS = """
    WITH asked AS (SELECT %s::text AS company, %s::text[] AS slots)
    SELECT slot, entry_id FROM erp_number_slots AS held, asked
        WHERE held.company = asked.company AND slot = ANY(asked.slots)
    UNION ALL
    SELECT slot, entry_id FROM erp_shared_number_slots AS held, asked
        WHERE held.company = asked.company AND slot = ANY(asked.slots)
"""
OWN = """
    INSERT INTO erp_document_owners (company, connection, erp_id, entry_id, generation)
    SELECT c.company, c.name, n.erp_id, n.entry_id, n.generation
    FROM (VALUES (%s::text, %s::text)) AS c (company, name),
        unnest(%s::text[], %s::text[], %s::bigint[]) AS n (erp_id, entry_id, generation)
    WHERE NOT EXISTS (SELECT 1 FROM erp_document_owners AS held
        WHERE held.company = c.company AND held.connection = c.name AND held.erp_id = n.erp_id)
    ON CONFLICT (company, connection, erp_id) DO NOTHING
"""
OWNERS = """
    SELECT erp_id, entry_id, generation FROM erp_document_owners
    WHERE company = %s AND connection = %s AND erp_id = ANY(%s::text[])
"""
ANSWERS = """
    SELECT entry_id, seq FROM erp_commands
    WHERE company = %s AND command = %s AND entry_id = ANY(%s::text[])
"""


Row: TypeAlias = tuple[Any, ...]

#: The values for NULL in an array; no text and no time in a column has these values.
NOTHING = "\\"
#: The same in SQL, not as a literal, as the meaning of a backslash is a server setting.
NOTHING_SQL = "chr(92)"
NO_NUMBER = -(2**63)

# Independent of a host's registrations: every value is binary and every number a bigint, so that
# a statement is prepared once.
_ADAPTERS = AdaptersMap(psycopg.adapters)
for _kind, _dumper in (
    (str, StrBinaryDumper),
    (bytes, BytesBinaryDumper),
    (int, Int8BinaryDumper),
    (list, ListBinaryDumper),
    (type(None), NoneDumper),
):
    _ADAPTERS.register_dumper(_kind, _dumper)
for _name, _loader in (
    ("text", TextBinaryLoader),
    ("bytea", ByteaBinaryLoader),
    ("int8", Int8BinaryLoader),
    ("int4", Int4BinaryLoader),
):
    _ADAPTERS.register_loader(_name, _loader)


class _Cursor(psycopg.Cursor[Row]):
    """A cursor that ignores the adapters and row factory of its connection."""

    @property
    def adapters(self) -> AdaptersMap:
        """Return the adapters of this module."""
        return _ADAPTERS


def open_cursor(connection: psycopg.Connection[Any]) -> psycopg.Cursor[Row]:
    """Return a cursor that returns plain tuples."""
    return _Cursor(connection, row_factory=tuple_row)


def to_array_number(value: int | None) -> int:
    """Return the number for an array, with the value for NULL."""
    return NO_NUMBER if value is None else value


def to_array_text(text: str | None) -> str:
    """Return the column's text for an array, with the value for NULL."""
    return NOTHING if text is None else text

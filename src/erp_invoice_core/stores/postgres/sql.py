"""The SQL statements of transactions, and the binary encoding of their values."""

from __future__ import annotations

import struct
from typing import Any, ClassVar, TypeAlias

import psycopg
from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format
from psycopg.rows import tuple_row
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
HOLD_UNLOCKED = HOLD + "SKIP LOCKED"
#: Creates one entry, or locks it. It returns no row if another transaction has just created it.
MAKE_OR_HOLD = f"""
    WITH made AS ({MAKE} RETURNING body, head, id)
    SELECT body, NULL::bytea, head, id, 0::bigint FROM made
    UNION ALL SELECT * FROM ({HOLD}) AS held
"""  # noqa: S608 - two constant statements
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


class Numbers(list["int | None"]):
    """A list that is sent as an array of bigint; ``None`` is NULL."""


class Blobs(list[bytes]):
    """A list that is sent as an array of bytea."""


# An array of one dimension with an element type, and the sizes of its items; -1 is NULL.
_ARRAY = struct.Struct("!iiIii")
_EMPTY = struct.Struct("!iiI")
_SIZE = struct.Struct("!i")
_NUMBER = struct.Struct("!iq")
_NULL = _SIZE.pack(-1)


class _TextsDumper(Dumper):
    """Dumps a list of texts. psycopg's dumper of lists is slower, as it finds out their type."""

    format = Format.BINARY
    oid = psycopg.postgres.types["text"].array_oid
    item_oid: ClassVar[int] = psycopg.postgres.types["text"].oid

    def dump(self, obj: list[Any]) -> bytes:
        """Return the array in PostgreSQL's binary format."""
        if not obj:
            return _EMPTY.pack(0, 0, self.item_oid)
        head = _ARRAY.pack(1, 1, self.item_oid, len(obj), 1)
        return head + b"".join(_NULL if item is None else self._dump(item) for item in obj)

    def _dump(self, item: Any) -> bytes:  # noqa: ANN401 - a value of the element type
        data: bytes = item.encode()
        return _SIZE.pack(len(data)) + data


class _NumbersDumper(_TextsDumper):
    """Dumps a list of numbers."""

    oid = psycopg.postgres.types["int8"].array_oid
    item_oid = psycopg.postgres.types["int8"].oid

    def _dump(self, item: int) -> bytes:
        return _NUMBER.pack(8, item)


class _BlobsDumper(_TextsDumper):
    """Dumps a list of bytes."""

    oid = psycopg.postgres.types["bytea"].array_oid
    item_oid = psycopg.postgres.types["bytea"].oid

    def _dump(self, item: bytes) -> bytes:
        return _SIZE.pack(len(item)) + item


# Independent of a host's registrations: every value is binary and every number a bigint, so that
# a statement is prepared once.
_ADAPTERS = AdaptersMap(psycopg.adapters)
for _kind, _dumper in (
    (str, StrBinaryDumper),
    (bytes, BytesBinaryDumper),
    (int, Int8BinaryDumper),
    (list, _TextsDumper),
    (Numbers, _NumbersDumper),
    (Blobs, _BlobsDumper),
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
    """A cursor that ignores the type adapters and the row factory of its connection."""

    @property
    def adapters(self) -> AdaptersMap:
        """Return the type adapters of this module, by which psycopg converts values."""
        return _ADAPTERS


def open_cursor(db: psycopg.Connection[Any]) -> psycopg.Cursor[Row]:
    """Return a cursor that returns plain tuples."""
    return _Cursor(db, row_factory=tuple_row)

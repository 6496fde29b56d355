"""Values as PostgreSQL's columns hold them, on a connection that may be anyone's."""

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

__all__ = ["NOTHING", "NOTHING_SQL", "NO_NUMBER", "Row", "cursor", "number", "of_column"]

Row: TypeAlias = tuple[Any, ...]

#: What stands for NULL in an array: no column's text is ever this, and no moment that number.
NOTHING = "\\"
#: The same in SQL, without a literal: how a backslash is read there is a setting of the server.
NOTHING_SQL = "chr(92)"
NO_NUMBER = -(2**63)

# Ours alone, whatever a host has registered: every value binary, every number a bigint, so that a
# statement is prepared once.
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
    """A cursor that knows nothing of what its connection's owner has set."""

    @property
    def adapters(self) -> AdaptersMap:
        """Return our own."""
        return _ADAPTERS


def cursor(connection: psycopg.Connection[Any]) -> psycopg.Cursor[Row]:
    """Return a cursor that gives plain tuples."""
    return _Cursor(connection, row_factory=tuple_row)


def number(value: int | None) -> int:
    """Return the number as an array takes it."""
    return NO_NUMBER if value is None else value


def of_column(text: str | None) -> str:
    """Return the column's text as an array takes it."""
    return NOTHING if text is None else text

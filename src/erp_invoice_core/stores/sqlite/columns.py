"""Values of columns on any connection to SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...canonical import encode_json
from ..rows import from_column, to_column

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection


def query(
    connection: sqlite3.Connection, statement: str, *values: object
) -> list[tuple[object, ...]]:
    """Return plain tuples, for any row factory of the connection."""
    cursor = connection.cursor()
    cursor.row_factory = None
    found: list[tuple[object, ...]] = cursor.execute(statement, values).fetchall()
    return found


def to_json_list(values: Collection[str]) -> str:
    """Return texts as one value for ``json_each``."""
    return encode_json([to_column(value) for value in values])


def to_text(value: object) -> str:
    """Return a column's text, for any text factory of the connection."""
    return from_column(value.decode() if isinstance(value, bytes) else str(value))

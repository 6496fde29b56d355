"""Values as SQLite's columns hold them, on a connection that may be anyone's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...wire.json_encode import encode_json
from ..rows import from_column, to_column

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection


def query(
    connection: sqlite3.Connection, statement: str, *values: object
) -> list[tuple[object, ...]]:
    """Return plain tuples, whatever row factory the connection's owner has set."""
    cursor = connection.cursor()
    cursor.row_factory = None
    found: list[tuple[object, ...]] = cursor.execute(statement, values).fetchall()
    return found


def to_json_list(values: Collection[str]) -> str:
    """Return texts as the one value that ``json_each`` takes apart."""
    return encode_json([to_column(value) for value in values])


def to_text(value: object) -> str:
    """Return a column's text, whatever text factory the connection's owner has set."""
    return from_column(value.decode() if isinstance(value, bytes) else str(value))

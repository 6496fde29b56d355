"""Queries and column values that do not depend on a SQLite connection's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...canonical import encode_json
from ..rows import from_column, to_column

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection


def query(db: sqlite3.Connection, statement: str, *values: object) -> list[tuple[object, ...]]:
    """Execute a statement; return plain tuples, whatever the connection's row factory."""
    cursor = db.cursor()
    cursor.row_factory = None
    found: list[tuple[object, ...]] = cursor.execute(statement, values).fetchall()
    return found


def to_json_list(values: Collection[str]) -> str:
    """Return texts as one JSON list, which a statement reads with ``json_each``."""
    return encode_json([to_column(value) for value in values])


def to_text(value: object) -> str:
    """Return the decoded text of a column, whatever the connection's text factory."""
    return from_column(value.decode() if isinstance(value, bytes) else str(value))

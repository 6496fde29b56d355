"""Values as SQLite's columns hold them, on a connection that may be anyone's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from ..papers import unpacked
from ..texts import as_column, from_column
from ..waking import micros, wakes_at

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from ...documents import QueueEntry

__all__ = ["blob", "columns_of", "entry_of", "many", "rows", "text"]


def rows(
    connection: sqlite3.Connection, statement: str, *values: object
) -> list[tuple[object, ...]]:
    """Return plain tuples, whatever row factory the connection's owner has set."""
    cursor = connection.cursor()
    cursor.row_factory = None
    found: list[tuple[object, ...]] = cursor.execute(statement, values).fetchall()
    return found


def blob(value: object) -> bytes:
    """Return a stored body as bytes; somebody who edits it by hand may leave a text behind."""
    return value.encode() if isinstance(value, str) else bytes(cast("bytes", value))


def entry_of(body: object, paper: object) -> QueueEntry:
    """
    Return the entry of a body and its document.

    Raises:
        InvalidData: It is none, or its document is missing.
    """
    return unpacked(blob(body), None if paper is None else blob(paper))


def many(values: Collection[str]) -> str:
    """Return texts as the one value that ``json_each`` takes apart."""
    return json.dumps([as_column(value) for value in values])


def text(value: object) -> str:
    """Return a column's text, whatever text factory the connection's owner has set."""
    return from_column(value.decode() if isinstance(value, bytes) else str(value))


def columns_of(entry: QueueEntry) -> tuple[str, str | None, int, int | None, int | None]:
    """Return status, connection, seq, and in microseconds when it wakes and its lease ends."""
    wake, lease = wakes_at(entry), entry.lease.until if entry.lease else None
    return (
        entry.status.value,
        None if entry.connection is None else as_column(entry.connection),
        entry.seq,
        None if wake is None else micros(wake),
        None if lease is None else micros(lease),
    )

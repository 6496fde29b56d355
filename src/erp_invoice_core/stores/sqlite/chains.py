"""Entries and events of a SQLite file, read as they are stored, to be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...wire.plain import InvalidData
from ..papers import unpacked
from ..ports import Chain
from .columns import blob, columns_of, rows, text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

__all__ = ["chains"]

# One statement sees one moment: others may be writing meanwhile.
_CHAIN = """
    SELECT 0, 0, body, head, status, connection, seq, wake_at, lease_until, document
        FROM erp_filed WHERE id = ?1
    UNION ALL
    SELECT 1, seq, body, digest, NULL, NULL, NULL, NULL, NULL, NULL
        FROM erp_events WHERE entry_id = ?1
    ORDER BY 1, 2
"""


def chains(connection: sqlite3.Connection) -> Iterator[Chain]:
    """Yield every entry with its events, those without an entry included."""
    keys = "SELECT id FROM erp_entries UNION SELECT entry_id FROM erp_events ORDER BY 1"
    for (key,) in rows(connection, keys):
        stored = rows(connection, _CHAIN, key)
        links = tuple((blob(row[2]), str(row[3])) for row in stored if row[0])
        body, head, agree, paper = b"", "", True, None
        if stored and not stored[0][0]:
            body, head = blob(stored[0][2]), str(stored[0][3])
            paper = None if stored[0][9] is None else blob(stored[0][9])
            agree = _agree(body, paper, stored[0][4:9])
        yield Chain(
            entry_id=text(key),
            body=body,
            paper=paper,
            head=head,
            links=links,
            columns_agree=agree,
        )


def _agree(body: bytes, paper: bytes | None, columns: tuple[object, ...]) -> bool:
    """Whether an entry is found by what it holds: its status, its connection, its times."""
    try:
        return columns_of(unpacked(body, paper)) == columns
    except InvalidData:
        return False

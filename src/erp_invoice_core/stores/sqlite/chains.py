"""Entries and events of a SQLite file, read as they are stored, to be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..filed import chain_of
from .columns import rows, text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from ..ports import Chain

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
        yield chain_of(text(key), rows(connection, _CHAIN, key))

"""Entries and events of a SQLite file, read as they are stored, to be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..derived import derived_rows
from ..filed import chain_of, whole
from .columns import rows, text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from ..ports import Chain, DerivedRows

__all__ = ["chains"]

_KEYS = """
    SELECT id FROM erp_entries UNION SELECT entry_id FROM erp_events
    UNION SELECT entry_id FROM erp_slots UNION SELECT entry_id FROM erp_slots_shared
    UNION SELECT entry_id FROM erp_owners
    UNION SELECT entry_id FROM erp_commands ORDER BY 1
"""
_SLOTS = """
    SELECT slot, entry_id FROM erp_slots UNION ALL SELECT slot, entry_id FROM erp_slots_shared
    ORDER BY 1, 2
"""
_CHAIN = """
    SELECT 0, 0, CAST(body AS BLOB), head, status, connection, seq, wake_at, lease_until,
        CAST(document AS BLOB), NULL
        FROM erp_filed WHERE id = ?1
    UNION ALL
    SELECT 1, seq, CAST(body AS BLOB), digest, NULL, NULL, NULL, NULL, NULL, NULL, place
        FROM erp_events WHERE entry_id = ?1
    ORDER BY 1, 2
"""


def chains(snapshot: sqlite3.Connection) -> Iterator[Chain]:
    """Yield every entry with its events, those without an entry included, as of one moment."""
    derived = _derived(snapshot)
    for (key,) in rows(snapshot, _KEYS):
        entry_id = text(key)
        yield chain_of(entry_id, rows(snapshot, _CHAIN, key), derived.get(entry_id))


def _derived(snapshot: sqlite3.Connection) -> dict[str, DerivedRows]:
    slots = rows(snapshot, _SLOTS)
    owners = rows(
        snapshot,
        "SELECT connection, erp_id, entry_id, generation FROM erp_owners ORDER BY 1, 2",
    )
    commands = rows(snapshot, "SELECT command, entry_id, seq FROM erp_commands ORDER BY 1, 2")
    return derived_rows(
        slots=((text(slot), text(key)) for slot, key in slots),
        owners=(
            (text(name), text(erp_id), text(key), whole(generation))
            for name, erp_id, key, generation in owners
        ),
        commands=((text(command), text(key), whole(seq)) for command, key, seq in commands),
    )

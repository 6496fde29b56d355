"""Which entry holds which slot, and which owns which id of an ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..claims import erp_id_taken, holders_of, owned_anew, slot_key, slot_taken
from ..texts import as_column
from .columns import many, text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from ...documents import QueueEntry
    from ...events import Change

__all__ = ["SqliteHoldings"]

_HOLD = "INSERT OR REPLACE INTO erp_slots (slot, entry_id) VALUES (?, ?)"
# Where version 0.1 gave one number to two, each of them still bars a third.
_FREE = "DELETE FROM {} WHERE slot = ? AND entry_id = ?"
_HOLDERS = """
    SELECT slot, entry_id FROM erp_slots WHERE slot IN (SELECT value FROM json_each(?1))
    UNION ALL
    SELECT slot, entry_id FROM erp_slots_shared WHERE slot IN (SELECT value FROM json_each(?1))
"""
_OWN = """
    INSERT OR REPLACE INTO erp_owners (connection, erp_id, entry_id, generation)
        VALUES (?, ?, ?, ?)
"""


class SqliteHoldings:
    """Slots and ERP ids, on a connection that has a transaction open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._cursor = connection.cursor()
        self._cursor.row_factory = None  # plain tuples, whatever the connection's owner has set

    def _rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = self._cursor.execute(statement, values).fetchall()
        return found

    def _claim(self, change: Change) -> None:
        """Take the slot and the ERP ids of a change, or nothing."""
        slot, connection = change.after.slot, change.after.connection or ""
        if slot is not None and slot != change.before.slot:
            holder = self.slot_holders([slot]).get(slot, change.after.id)
            if holder != change.after.id:
                raise slot_taken(change.after.id, holder)
        news = owned_anew(change)
        taken = self.owners(connection, news) if news else {}
        for erp_id, owner in taken.items():
            if owner != news[erp_id]:
                raise erp_id_taken(erp_id)
        for erp_id, (entry_id, generation) in news.items():
            self._rows(
                _OWN, as_column(connection), as_column(erp_id), as_column(entry_id), generation
            )
        self._move_slot(change.before, change.after)

    def _move_slot(self, before: QueueEntry, after: QueueEntry) -> None:
        if before.slot == after.slot:
            return
        former, key = slot_key(before.slot), slot_key(after.slot)
        if former is not None:
            for table in ("erp_slots", "erp_slots_shared"):
                self._rows(_FREE.format(table), as_column(former), as_column(before.id))
        if key is not None:
            self._rows(_HOLD, as_column(key), as_column(after.id))

    def slot_holders(self, slots: Collection[str]) -> dict[str, str]:
        """Return the id of the entry that holds each of the slots that are held."""
        found = self._rows(_HOLDERS, many([slot_key(slot) or "" for slot in slots]))
        return holders_of(slots, {text(slot): text(entry_id) for slot, entry_id in found})

    def owners(self, connection: str, erp_ids: Collection[str]) -> dict[str, tuple[str, int]]:
        """Return entry id and generation of those of the ERP ids that are owned."""
        found = self._rows(
            "SELECT erp_id, entry_id, generation FROM erp_owners WHERE connection = ?"
            " AND erp_id IN (SELECT value FROM json_each(?))",
            as_column(connection),
            many(erp_ids),
        )
        return {text(erp_id): (text(entry), int(str(number))) for erp_id, entry, number in found}

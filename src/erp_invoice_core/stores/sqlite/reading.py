"""What is read of the queue outside of any transaction: everything is committed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from ...documents import QueueEntry
from ..filed import read_entry, read_event, whole
from ..ports import Stored
from ..texts import as_column
from .chains import chains
from .columns import many, rows, text
from .faults import told
from .transaction import SqlitePeople

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ...events import AuditEvent
    from ..ports import Chain

__all__ = ["SqliteReading"]

# A body that was edited by hand may be a text that is not one: taken as bytes, it can be read.
_ROWS = "SELECT CAST(body AS BLOB), CAST(document AS BLOB), id, seq FROM erp_filed"
_PAGE = _ROWS + " WHERE id > ? ORDER BY id LIMIT ?"
_NAMED = _ROWS + " WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants of ours
_LEASED = (
    _ROWS + " WHERE lease_until IS NOT NULL AND wake_at IS NOT NULL"  # noqa: S608 - the same
    " AND connection IN (SELECT value FROM json_each(?)) ORDER BY lease_until, id LIMIT 1 OFFSET ?"
)
_FEED = """
    SELECT place, CAST(body AS BLOB), entry_id FROM erp_events
        WHERE place > ? ORDER BY place LIMIT ?
"""


class SqliteReading(ABC):
    """The reading part of a store; on which connection is the store's."""

    @abstractmethod
    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""

    @abstractmethod
    def _snapshot(self) -> AbstractContextManager[sqlite3.Connection]:
        """Open a connection that sees one moment: others may be writing meanwhile."""

    def _rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with told():
            return rows(self._connection(), statement, *values)

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """Return entries by id: the named ones in their order, or a page of all, ordered by id."""
        if ids is None:
            found = self._rows(_PAGE, as_column(after or ""), -1 if limit is None else limit)
            return [read_entry(text(key), body, paper, seq) for body, paper, key, seq in found]
        named = list(ids)
        stored = {}
        for body, paper, key, seq in self._rows(_NAMED, many(named)):
            stored[text(key)] = read_entry(text(key), body, paper, seq)
        return [stored.get(entry_id) or QueueEntry(id=entry_id) for entry_id in named]

    def slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return the id of the entry that holds each of the slots that are held."""
        with told():
            return SqlitePeople(self._connection()).slot_holders(slots)

    def events(self, entry_id: str) -> Sequence[AuditEvent]:
        """Return an entry's events, oldest first; one that cannot be read is passed over."""
        found = self._rows(
            "SELECT CAST(body AS BLOB) FROM erp_events WHERE entry_id = ? ORDER BY seq",
            as_column(entry_id),
        )
        events = [read_event(entry_id, body) for (body,) in found]
        return [event for event in events if event is not None]

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """
        Return committed events after a place: writers take turns, so places commit in order.

        One that cannot be read is passed over.
        """
        while found := self._rows(_FEED, after, limit):
            read = [
                (after := whole(place), read_event(text(key), body)) for place, body, key in found
            ]
            if stored := [Stored(place, event) for place, event in read if event is not None]:
                return stored
        return []

    def chains(self) -> Iterable[Chain]:
        """Yield every entry with its events as stored, all as of one moment."""
        with told(), self._snapshot() as snapshot:
            yield from chains(snapshot)

    def lease_ends(self, connections: Collection[str]) -> datetime | None:
        """Return when the first lease runs out (UTC); ``None``: nothing is leased."""
        passed = 0
        while found := self._rows(_LEASED, many(connections), passed):
            body, paper, key, seq = found[0]
            lease = read_entry(text(key), body, paper, seq).lease
            if lease is not None:
                return lease.until
            passed += 1
        return None

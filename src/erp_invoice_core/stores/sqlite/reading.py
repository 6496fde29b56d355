"""What is read of the queue outside of any transaction: everything is committed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from ...documents import QueueEntry
from ...events import AuditEvent
from ...wire.plain import unpack
from ..filed import blob, entry_of
from ..ports import Stored
from ..texts import as_column
from ..waking import from_micros
from .chains import chains
from .columns import many, rows, text
from .faults import told
from .transaction import SqlitePeople

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ..ports import Chain

__all__ = ["SqliteReading"]


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
            found = self._rows(
                "SELECT body, document, id FROM erp_filed WHERE id > ? ORDER BY id LIMIT ?",
                as_column(after or ""),
                -1 if limit is None else limit,
            )
            return [entry_of(body, paper) for body, paper, _ in found]
        named = list(ids)
        found = self._rows(
            "SELECT body, document, id FROM erp_filed WHERE id IN (SELECT value FROM json_each(?))",
            many(named),
        )
        stored = {text(entry_id): entry_of(body, paper) for body, paper, entry_id in found}
        return [stored.get(entry_id) or QueueEntry(id=entry_id) for entry_id in named]

    def slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return the id of the entry that holds each of the slots that are held."""
        with told():
            return SqlitePeople(self._connection()).slot_holders(slots)

    def events(self, entry_id: str) -> Sequence[AuditEvent]:
        """Return an entry's events, oldest first."""
        found = self._rows(
            "SELECT body FROM erp_events WHERE entry_id = ? ORDER BY seq", as_column(entry_id)
        )
        return [_event(body) for (body,) in found]

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """Return committed events after a place: writers take turns, so places commit in order."""
        found = self._rows(
            "SELECT place, body FROM erp_events WHERE place > ? ORDER BY place LIMIT ?",
            after,
            limit,
        )
        return [Stored(int(str(place)), _event(body)) for place, body in found]

    def chains(self) -> Iterable[Chain]:
        """Yield every entry with its events as stored, all as of one moment."""
        with told(), self._snapshot() as snapshot:
            yield from chains(snapshot)

    def lease_ends(self, connections: Collection[str]) -> datetime | None:
        """Return when the first lease runs out (UTC); ``None``: nothing is leased."""
        found = self._rows(
            "SELECT min(lease_until) FROM erp_entries WHERE lease_until IS NOT NULL"
            " AND connection IN (SELECT value FROM json_each(?))",
            many(connections),
        )
        first = found[0][0]
        return None if first is None else from_micros(int(str(first)))


def _event(body: object) -> AuditEvent:
    return unpack(blob(body), AuditEvent)

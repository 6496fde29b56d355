"""What is read of the queue outside of any transaction: everything is committed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from ...documents import QueueEntry
from ..claims import holders_of, slot_key
from ..filed import read_entry, read_event
from ..ports import Stored
from ..texts import as_column, from_column
from . import feed, statements
from .chains import chains

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ...events import AuditEvent
    from ..ports import Chain
    from .talk import OwnTalk
    from .values import Row

__all__ = ["PostgresReading"]

_ROWS = "SELECT body, paper, id, seq FROM erp_entries"
_PAGE = _ROWS + " WHERE id > %s ORDER BY id LIMIT %s"
_NAMED = _ROWS + " WHERE id = ANY(%s::text[])"
_LEASED = (
    _ROWS
    + """
    WHERE lease_until IS NOT NULL AND wake_at IS NOT NULL AND connection = ANY(%s::text[])
    ORDER BY lease_until, id LIMIT 1 OFFSET %s
"""
)


class PostgresReading(ABC):
    """The reading part of a store; how it is asked is the store's."""

    #: Whether nothing may be written.
    read_only: bool

    @abstractmethod
    def _rows(self, statement: str, *values: object) -> list[Row]:
        """Ask outside of any transaction."""

    @abstractmethod
    def _snapshot(self) -> AbstractContextManager[Callable[..., list[Row]]]:
        """Give what asks within one moment: others may be writing meanwhile."""

    @abstractmethod
    def _talking(self) -> AbstractContextManager[OwnTalk]:
        """Open a transaction of our own."""

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """Return entries by id: the named ones in their order, or a page of all, ordered by id."""
        if ids is None:
            found = self._rows(_PAGE, as_column(after or ""), limit)
            return [_entry(row) for row in found]
        named = list(ids)
        found = self._rows(_NAMED, [as_column(entry_id) for entry_id in named])
        stored = {entry.id: entry for entry in map(_entry, found)}
        return [stored.get(entry_id) or QueueEntry(id=entry_id) for entry_id in named]

    def slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return the id of the entry that holds each of the slots that are held."""
        keys = [as_column(slot_key(slot) or "") for slot in slots]
        found = self._rows(statements.SLOT_HOLDERS, keys)
        held = {from_column(slot): from_column(entry_id) for slot, entry_id in found}
        return holders_of(slots, held)

    def events(self, entry_id: str) -> Sequence[AuditEvent]:
        """Return an entry's events, oldest first; one that cannot be read is passed over."""
        found = self._rows(
            "SELECT body FROM erp_events WHERE entry_id = %s ORDER BY seq", as_column(entry_id)
        )
        events = [read_event(entry_id, body) for (body,) in found]
        return [event for event in events if event is not None]

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """
        Return committed events after a place: what commits later comes later.

        An event gets its place when it is first read; a store that only reads gives none, and
        returns events up to the first that waits for its place. One that cannot be read is passed
        over.
        """
        while found := self._placed(after, limit):
            read = [
                (after := place, read_event(from_column(key), body)) for place, body, key in found
            ]
            if stored := [Stored(place, event) for place, event in read if event is not None]:
                return stored
        return []

    def _placed(self, after: int, limit: int) -> list[Row]:
        found = self._rows(feed.READ, after, limit)
        if len(found) < limit and not self.read_only and self._rows(feed.WAITING):
            with self._talking() as talk:
                found = feed.place(talk, after, limit)
        return found

    def chains(self) -> Iterable[Chain]:
        """Yield every entry with its events as stored, all as of one moment."""
        with self._snapshot() as ask:
            yield from chains(ask)

    def lease_ends(self, connections: Collection[str]) -> datetime | None:
        """Return when the first lease runs out (UTC); ``None``: nothing is leased."""
        names = [as_column(connection) for connection in connections]
        passed = 0
        while found := self._rows(_LEASED, names, passed):
            lease = _entry(found[0]).lease
            if lease is not None:
                return lease.until
            passed += 1
        return None


def _entry(row: Row) -> QueueEntry:
    body, paper, key, seq = row
    return read_entry(from_column(key), body, paper, seq)

"""What is read of the queue outside of any transaction: everything is committed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from ...documents import QueueEntry
from ...events import AuditEvent
from ...wire.plain import unpack
from ..claims import holders_of, slot_key
from ..filed import entry_of
from ..ports import Stored
from ..texts import as_column, from_column
from ..waking import from_micros
from . import feed, statements
from .chains import chains

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ..ports import Chain
    from .talk import OwnTalk
    from .values import Row

__all__ = ["PostgresReading"]


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
            page = "SELECT body, paper FROM erp_entries WHERE id > %s ORDER BY id LIMIT %s"
            return [entry_of(*row) for row in self._rows(page, as_column(after or ""), limit)]
        named = list(ids)
        found = self._rows(
            "SELECT body, paper FROM erp_entries WHERE id = ANY(%s::text[])",
            [as_column(entry_id) for entry_id in named],
        )
        stored = {entry.id: entry for entry in (entry_of(*row) for row in found)}
        return [stored.get(entry_id) or QueueEntry(id=entry_id) for entry_id in named]

    def slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return the id of the entry that holds each of the slots that are held."""
        keys = [as_column(slot_key(slot) or "") for slot in slots]
        found = self._rows(statements.SLOT_HOLDERS, keys)
        held = {from_column(slot): from_column(entry_id) for slot, entry_id in found}
        return holders_of(slots, held)

    def events(self, entry_id: str) -> Sequence[AuditEvent]:
        """Return an entry's events, oldest first."""
        found = self._rows(
            "SELECT body FROM erp_events WHERE entry_id = %s ORDER BY seq", as_column(entry_id)
        )
        return [unpack(bytes(body), AuditEvent) for (body,) in found]

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """
        Return committed events after a place: what commits later comes later.

        An event gets its place when it is first read; a store that only reads gives none, and
        returns events up to the first that waits for its place.
        """
        found = self._rows(feed.READ, after, limit)
        if len(found) < limit and not self.read_only and self._rows(feed.WAITING):
            with self._talking() as talk:
                found = feed.place(talk, after, limit)
        return [Stored(place, unpack(bytes(body), AuditEvent)) for place, body in found]

    def chains(self) -> Iterable[Chain]:
        """Yield every entry with its events as stored, all as of one moment."""
        with self._snapshot() as ask:
            yield from chains(ask)

    def lease_ends(self, connections: Collection[str]) -> datetime | None:
        """Return when the first lease runs out (UTC); ``None``: nothing is leased."""
        ((first,),) = self._rows(
            "SELECT min(lease_until) FROM erp_entries WHERE lease_until IS NOT NULL"
            " AND connection = ANY(%s::text[])",
            [as_column(connection) for connection in connections],
        )
        return None if first is None else from_micros(first)

"""The tables of the queue in memory, and both ports on them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..documents import QueueEntry
from ..vocabulary import ExportStatus
from .chain import START, link, sealed
from .claims import holders_of, slot_key, slot_taken
from .derived import derived_rows
from .errors import ErpIdTaken, StaleEntry
from .papers import packed
from .texts import as_column
from .unreadable import UnreadableEntry
from .waking import wakes_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from ..events import AuditEvent, Change
    from .ports import DerivedRows

__all__ = ["MemoryPeople", "MemoryWork", "Tables"]


_K = TypeVar("_K")
_V = TypeVar("_V")
_MISSING = object()


@attrs.define
class Tables:
    """
    All that the store keeps: events with their bytes, per entry, and in the order of the feed.

    Every change is written down in a journal, so that it can be undone without copying the rest.
    """

    entries: dict[str, QueueEntry] = attrs.Factory(dict)
    links: dict[str, tuple[tuple[bytes, str], ...]] = attrs.Factory(dict)
    events: dict[str, tuple[AuditEvent, ...]] = attrs.Factory(dict)
    feed: list[AuditEvent] = attrs.Factory(list)
    slots: dict[str, str] = attrs.Factory(dict)
    owners: dict[tuple[str, str], tuple[str, int]] = attrs.Factory(dict)
    commands: dict[tuple[str, str], int] = attrs.Factory(dict)
    _journal: list[tuple[dict[Any, Any], object, object]] = attrs.Factory(list)

    def copy(self) -> Tables:
        """Return the same rows in tables of their own."""
        return Tables(
            entries=dict(self.entries),
            links=dict(self.links),
            events=dict(self.events),
            feed=list(self.feed),
            slots=dict(self.slots),
            owners=dict(self.owners),
            commands=dict(self.commands),
        )

    def put(self, table: dict[_K, _V], key: _K, value: _V) -> None:
        """Set a row of a table."""
        self._journal.append((table, key, table.get(key, _MISSING)))
        table[key] = value

    def drop(self, table: dict[_K, _V], key: _K) -> None:
        """Delete a row of a table, if it is there."""
        self._journal.append((table, key, table.pop(key, _MISSING)))

    def derived(self) -> dict[str, DerivedRows]:
        """Return by entry the rows that follow from it."""
        return derived_rows(
            slots=self.slots.items(),
            owners=((*document, *owner) for document, owner in self.owners.items()),
            commands=((*command, seq) for command, seq in self.commands.items()),
        )

    def places(self) -> dict[str, list[int]]:
        """Return by entry the places of its events in the feed."""
        places: dict[str, list[int]] = {}
        for place, event in enumerate(self.feed, 1):
            places.setdefault(event.entry_id, []).append(place)
        return places

    def undo(self, mark: int, told: int) -> None:
        """Undo everything since the journal was *mark* and the feed *told* rows long."""
        while len(self._journal) > mark:
            table, key, former = self._journal.pop()
            if former is _MISSING:
                table.pop(key, None)
            else:
                table[key] = former
        del self.feed[told:]

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Undo what is done inside if it ends with an error."""
        mark, told = len(self._journal), len(self.feed)
        try:
            yield
        except BaseException:
            self.undo(mark, told)
            raise

    def forget(self) -> None:
        """Empty the journal: what was done stays."""
        self._journal.clear()


class MemoryPeople:
    """People's port."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def lock(self, ids: Sequence[str]) -> None:
        """Make the entries that are missing; the whole store is held."""
        for entry_id in ids:
            if entry_id not in self.tables.entries:
                self.tables.put(self.tables.entries, entry_id, QueueEntry(id=entry_id))

    def entries(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries, made where they are missing."""
        self.lock(ids)
        return {entry_id: self.tables.entries[entry_id] for entry_id in ids}

    def discard(self, ids: Sequence[str]) -> None:
        """Remove those of the entries that have no event."""
        for entry_id in ids:
            if entry_id not in self.tables.events:
                self.tables.drop(self.tables.entries, entry_id)

    def save(self, change: Change) -> None:
        """Keep the entry and the event of a change, or nothing."""
        before, after = change.before, change.after
        stored = self.tables.entries.get(after.id, QueueEntry(id=after.id))
        if stored.seq != before.seq:
            msg = f"Read invoice {after.id} again: it has moved since."
            raise StaleEntry(msg)
        self._require_slot(after)
        self._own(before, after)
        self._move_slot(before, after)
        body = sealed(change.event, packed(after).body)
        links = self.tables.links.get(after.id, ())
        head = links[-1][1] if links else START
        self.tables.put(self.tables.links, after.id, (*links, (body, link(head, body))))
        told = self.tables.events.get(after.id, ())
        self.tables.put(self.tables.events, after.id, (*told, change.event))
        self.tables.feed.append(change.event)
        self.tables.put(self.tables.entries, after.id, after)
        if change.command and change.verdict:
            self.tables.put(self.tables.commands, (change.command, after.id), after.seq)

    def _require_slot(self, after: QueueEntry) -> None:
        holder = self.tables.slots.get(slot_key(after.slot) or "", after.id)
        if holder != after.id:
            raise slot_taken(after.id, holder)

    def _move_slot(self, before: QueueEntry, after: QueueEntry) -> None:
        former, key = slot_key(before.slot), slot_key(after.slot)
        if former is not None:
            self.tables.drop(self.tables.slots, former)
        if key is not None:
            self.tables.put(self.tables.slots, key, after.id)

    def _own(self, before: QueueEntry, after: QueueEntry) -> None:
        news: dict[tuple[str, str], tuple[str, int]] = {}
        for holding in after.holdings:
            if holding in before.holdings or holding.receipt.role is None:
                continue
            document = (after.connection or "", holding.receipt.erp_id)
            owner = (after.id, holding.key.generation)
            if self.tables.owners.get(document, news.get(document, owner)) != owner:
                msg = f"Document {holding.receipt.erp_id} of the ERP belongs to another invoice."
                raise ErpIdTaken(msg)
            news[document] = owner
        for document, owner in news.items():
            self.tables.put(self.tables.owners, document, owner)

    def slot_holders(self, slots: Collection[str]) -> dict[str, str]:
        """Return the id of the entry that holds each of the slots that are held."""
        return holders_of(slots, self.tables.slots)

    def owners(self, connection: str, erp_ids: Collection[str]) -> dict[str, tuple[str, int]]:
        """Return entry id and generation of those of the ERP ids that are owned."""
        owners = self.tables.owners
        return {
            erp_id: owners[connection, erp_id]
            for erp_id in erp_ids
            if (connection, erp_id) in owners
        }

    def answered(self, command: str, entry_id: str) -> int | None:
        """Return the ``seq`` of the event with which a command has answered."""
        return self.tables.commands.get((command, entry_id))

    @contextmanager
    def item(self) -> Iterator[None]:
        """One item of several: an error inside undoes this item alone."""
        with self.tables.all_or_nothing():
            yield


class MemoryWork(MemoryPeople):
    """The worker's port."""

    def due(self, at: datetime, connections: Collection[str], limit: int) -> Sequence[QueueEntry]:
        """Return entries to claim or whose lease ran out, the longest waiting first."""
        waiting = [
            (when, as_column(entry.id), entry)
            for entry in self.tables.entries.values()
            if not isinstance(entry, UnreadableEntry)
            and (when := wakes_at(entry)) is not None
            and when <= at
            and (entry.connection in connections or entry.status is ExportStatus.EXPORTING)
        ]
        return [entry for _, _, entry in sorted(waiting, key=lambda row: row[:2])[:limit]]

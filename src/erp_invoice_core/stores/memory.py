"""The store in memory, which is the model for the other stores."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..documents import QueueEntry, Restore
from ..vocabulary import ExportStatus
from .audit_chain import START, append_digest, link
from .blobs import pack_entry
from .clock import THIS_MACHINE, Anchor, Machine, SteadyClock
from .derived_rows import build_derived_rows
from .errors import NoTransaction, StaleEntry, StoreBusy
from .page_bounds import bound_limit, bound_position
from .protocol import Chain, DerivedRows, Stored
from .rows import find_wake_time, require_unchanged, to_column
from .unique_rows import (
    build_erp_id_taken,
    build_slot_key,
    build_slot_taken,
    find_owners_between,
    match_holders,
)
from .unreadable_rows import UnreadableEntry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Self

    from ..events import AuditEvent, Change
    from .protocol import PeopleTransaction, WorkTransaction


_K = TypeVar("_K")
_V = TypeVar("_V")
_MISSING = object()


@attrs.define
class Tables:
    """
    The rows of the store: entries, events by entry, and the feed.

    A journal records every change, so that it can be undone without copying all rows.
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
        """Return a copy of the rows."""
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
        """Set a row of a table, and record the change in the journal."""
        self._journal.append((table, key, table.get(key, _MISSING)))
        table[key] = value

    def drop(self, table: dict[_K, _V], key: _K) -> None:
        """Delete a row of a table, if it exists."""
        self._journal.append((table, key, table.pop(key, _MISSING)))

    def build_derived(self) -> dict[str, DerivedRows]:
        """Return the derived rows, grouped by entry id."""
        return build_derived_rows(
            slots=self.slots.items(),
            owners=((*document, *owner) for document, owner in self.owners.items()),
            commands=((*command, seq) for command, seq in self.commands.items()),
        )

    def list_places(self) -> dict[str, list[int]]:
        """Return the places of the events in the change feed, by entry id."""
        places: dict[str, list[int]] = {}
        for place, event in enumerate(self.feed, 1):
            places.setdefault(event.entry_id, []).append(place)
        return places

    def undo(self, mark: int, length: int) -> None:
        """Undo all changes since the journal had *mark* records and the feed *length* events."""
        while len(self._journal) > mark:
            table, key, former = self._journal.pop()
            if former is _MISSING:
                table.pop(key, None)
            else:
                table[key] = former
        del self.feed[length:]

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo the changes within the block if it raises."""
        mark, length = len(self._journal), len(self.feed)
        try:
            yield
        except BaseException:
            self.undo(mark, length)
            raise

    def forget(self) -> None:
        """Empty the journal; its changes can no longer be undone."""
        self._journal.clear()


class MemoryPeople:
    """A transaction for people's actions, such as send and accept."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def lock(self, ids: Sequence[str]) -> None:
        """Create missing entries; the transaction has locked the whole store already."""
        for entry_id in ids:
            if entry_id not in self.tables.entries:
                self.tables.put(self.tables.entries, entry_id, QueueEntry(id=entry_id))

    def entries(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries; missing ones are created."""
        self.lock(ids)
        return {entry_id: self.tables.entries[entry_id] for entry_id in ids}

    def expect_new(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries; missing ones are created."""
        return self.entries(ids)

    def discard(self, ids: Sequence[str]) -> None:
        """Remove those of the entries that have no event: only a lock has created them."""
        for entry_id in ids:
            if entry_id not in self.tables.events:
                self.tables.drop(self.tables.entries, entry_id)

    def save(self, change: Change) -> None:
        """Store the entry and the event of a change, both or nothing."""
        before, after = change.before, change.after
        stored = self.tables.entries.get(after.id, QueueEntry(id=after.id))
        if stored.seq != before.seq:
            msg = f"Invoice {after.id} has changed since it was read. Read it again."
            raise StaleEntry(msg)
        with self.tables.savepoint():
            self._reserve_erp_ids(before, after)
            self._require_slot(after)
        self._move_slot(before, after)
        body = append_digest(change.event, pack_entry(after).body)
        links = self.tables.links.get(after.id, ())
        head = links[-1][1] if links else START
        self.tables.put(self.tables.links, after.id, (*links, (body, link(head, body))))
        former = self.tables.events.get(after.id, ())
        self.tables.put(self.tables.events, after.id, (*former, change.event))
        self.tables.feed.append(change.event)
        self.tables.put(self.tables.entries, after.id, after)
        if change.command and change.verdict:
            self.tables.put(self.tables.commands, (change.command, after.id), after.seq)

    def _require_slot(self, after: QueueEntry) -> None:
        holder = self.tables.slots.get(build_slot_key(after.slot) or "", after.id)
        if holder != after.id:
            raise build_slot_taken(after.id, holder)

    def _move_slot(self, before: QueueEntry, after: QueueEntry) -> None:
        former, key = build_slot_key(before.slot), build_slot_key(after.slot)
        if former is not None:
            self.tables.drop(self.tables.slots, former)
        if key is not None:
            self.tables.put(self.tables.slots, key, after.id)

    def _reserve_erp_ids(self, before: QueueEntry, after: QueueEntry) -> None:
        connection, owners = after.connection or "", self.tables.owners
        news = find_owners_between(before, after)
        for erp_id, owner in news.items():
            if owners.get((connection, erp_id), owner) != owner:
                raise build_erp_id_taken(erp_id)
        for erp_id, owner in news.items():
            self.tables.put(owners, (connection, erp_id), owner)

    def find_slot_holders(self, slots: Collection[str]) -> dict[str, str]:
        """Return, by number slot, the id of the entry that holds it; free slots are left out."""
        return match_holders(slots, self.tables.slots)

    def expect_free(self, slots: Collection[str]) -> dict[str, str]:
        """Return, by number slot, the id of the entry that holds it; free slots are left out."""
        return self.find_slot_holders(slots)

    def find_owners(self, connection: str, erp_ids: Collection[str]) -> dict[str, tuple[str, int]]:
        """Return, by ERP id, its owner (entry id, generation); ids without one are left out."""
        owners = self.tables.owners
        return {
            erp_id: owners[connection, erp_id]
            for erp_id in erp_ids
            if (connection, erp_id) in owners
        }

    def find_answer(self, command: str, entry_id: str) -> int | None:
        """Return the ``seq`` of the event that the command caused; ``None`` for a new command."""
        return self.tables.commands.get((command, entry_id))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Open a savepoint: an error within the block undoes the changes of the block only."""
        with self.tables.savepoint():
            yield


class MemoryWork(MemoryPeople):
    """The transaction of a worker."""

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """Return due entries and those with an expired lease, the longest waiting first."""
        waiting = [
            (when, to_column(entry.id), entry)
            for entry in self.tables.entries.values()
            if not isinstance(entry, UnreadableEntry)
            and (when := find_wake_time(entry)) is not None
            and when <= at
            and (entry.connection in connections or entry.status is ExportStatus.EXPORTING)
        ]
        return [entry for _, _, entry in sorted(waiting, key=lambda row: row[:2])[:limit]]

    def expect(self, entry: QueueEntry) -> QueueEntry:
        """Return the stored entry; raise :class:`EntryChanged` if the given one is outdated."""
        return require_unchanged(entry, self.entries([entry.id])[entry.id])


_T = TypeVar("_T", bound=MemoryPeople)


class MemoryStore:
    """A store for tests and trials, whose entries are lost at the end of the process."""

    def __init__(self, machine: Machine = THIS_MACHINE) -> None:
        """Start without entries, with the machine's clock."""
        self.clock = SteadyClock(Anchor.build(machine), machine.ticks)
        self._lock = threading.RLock()
        self._tables = Tables()
        self._is_open = False
        self._restore: Restore | None = None

    def close(self) -> None:
        """Do nothing, as there is no connection to close; the entries are kept."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _transaction(self, transaction: type[_T]) -> Iterator[_T]:
        with self._lock:
            if self._is_open:
                msg = "This thread has an open transaction. End it before you open another."
                raise StoreBusy(msg)
            self._is_open = True
            try:
                with self._tables.savepoint():
                    yield transaction(self._tables)
            finally:
                self._is_open = False
                self._tables.forget()

    @contextmanager
    def people(self, on: object | None = None) -> Iterator[PeopleTransaction]:
        """Open a transaction for people's actions; it accepts no connection of a host."""
        if on is not None:
            msg = "A store in memory accepts no connection of a host. Call without one."
            raise NoTransaction(msg)
        with self._transaction(MemoryPeople) as transaction:
            yield transaction

    @contextmanager
    def work(self) -> Iterator[WorkTransaction]:
        """Open a transaction of a worker."""
        with self._transaction(MemoryWork) as transaction:
            yield transaction

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """
        Return the named entries in their order, or a page of all entries, ordered by id.

        Raises:
            TypeError: ``limit`` is neither a whole number nor ``None``.
            ValueError: ``limit`` is negative.
        """
        limit = bound_limit(limit)
        with self._lock:
            stored = self._tables.entries
            if ids is not None:
                return [stored.get(entry_id, QueueEntry(id=entry_id)) for entry_id in ids]
            first = "" if after is None else to_column(after)
            page = sorted((key for key in stored if to_column(key) > first), key=to_column)
            return [stored[entry_id] for entry_id in page[:limit]]

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """Return committed entries that are due, the longest waiting first."""
        with self._lock:
            return MemoryWork(self._tables).find_due_entries(at, connections, limit)

    def find_slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return, by number slot, the id of the entry that holds it; free slots are left out."""
        with self._lock:
            return MemoryPeople(self._tables).find_slot_holders(slots)

    def events(
        self, entry_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[AuditEvent]:
        """
        Return an entry's events after a ``seq``, oldest first.

        Raises:
            TypeError: ``after`` or ``limit`` is not a whole number.
            ValueError: ``after`` or ``limit`` is negative.
        """
        after, limit = bound_position("after", after), bound_limit(limit)
        with self._lock:
            events = self._tables.events.get(entry_id, ())
        # An entry has an event for each seq, counted from 1.
        return events[after : None if limit is None else after + limit]

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """
        Return committed events after a place in the change feed, oldest first.

        Raises:
            TypeError: ``after`` or ``limit`` is not a whole number.
            ValueError: ``after`` or ``limit`` is negative.
        """
        after, limit = bound_position("after", after), bound_position("limit", limit)
        with self._lock:
            rows = self._tables.feed[after : after + limit]
        return [Stored(place, event) for place, event in enumerate(rows, after + 1)]

    def chains(self) -> Iterable[Chain]:
        """Yield every entry with its stored events."""
        with self._lock:
            entries, linked = dict(self._tables.entries), dict(self._tables.links)
            derived, places = self._tables.build_derived(), self._tables.list_places()
        for entry_id in sorted(entries, key=to_column):
            links, entry = linked.get(entry_id, ()), pack_entry(entries[entry_id])
            yield Chain(
                entry_id=entry_id,
                body=entry.body,
                document_json=entry.document_json,
                head=links[-1][1] if links else START,
                links=links,
                derived=attrs.evolve(
                    derived.get(entry_id, DerivedRows()), places=tuple(places.get(entry_id, ()))
                ),
            )

    def restore(self) -> Restore | None:
        """Return the last recorded restore of the database; ``None`` without one."""
        return self._restore

    def record_restore(self, why: str) -> Restore:
        """Record a restore of the database, for tests."""
        with self._lock:
            number = self._restore.number + 1 if self._restore else 1
            self._restore = Restore(number=number, at=self.clock(), why=why)
            return self._restore

    def find_lease_end(self, connections: Collection[str]) -> datetime | None:
        """Return when the first lease on the connections ends (UTC); ``None`` without a lease."""
        with self._lock:
            entries = list(self._tables.entries.values())
        ends = (
            entry.lease.until
            for entry in entries
            if entry.lease and entry.connection in connections
        )
        return min(ends, default=None)

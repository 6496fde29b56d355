"""The queue in memory: the model with which the other stores must agree."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import attrs

from ..documents import QueueEntry, Restore
from .chain import START
from .clock import THIS_MACHINE, Anchor, Machine, SteadyClock
from .errors import NoTransaction, StoreBusy
from .memory_tables import MemoryPeople, MemoryWork, Tables
from .papers import packed
from .ports import Chain, DerivedRows, Stored
from .texts import as_column

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from ..events import AuditEvent
    from .ports import PeopleTransaction, WorkTransaction

__all__ = ["MemoryStore"]

_T = TypeVar("_T", bound=MemoryPeople)


class MemoryStore:
    """A queue that lives as long as the process: for tests, trials, and as the model."""

    def __init__(self, machine: Machine = THIS_MACHINE) -> None:
        """Start empty, on the machine's clock."""
        self.clock = SteadyClock(Anchor.now(machine), machine.ticks)
        self._lock = threading.RLock()
        self._tables = Tables()
        self._is_open = False
        self._restore: Restore | None = None

    @contextmanager
    def _committed(self, transaction: type[_T]) -> Iterator[_T]:
        with self._lock:
            if self._is_open:
                msg = "End this thread's transaction before you open another."
                raise StoreBusy(msg)
            self._is_open = True
            try:
                with self._tables.all_or_nothing():
                    yield transaction(self._tables)
            finally:
                self._is_open = False
                self._tables.forget()

    @contextmanager
    def people(self, connection: object | None = None) -> Iterator[PeopleTransaction]:
        """Open people's port; a host has no connection to memory."""
        if connection is not None:
            msg = "Call without a connection: a queue in memory has none to share."
            raise NoTransaction(msg)
        with self._committed(MemoryPeople) as transaction:
            yield transaction

    @contextmanager
    def work(self) -> Iterator[WorkTransaction]:
        """Open the worker's port."""
        with self._committed(MemoryWork) as transaction:
            yield transaction

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """Return entries by id: the named ones in their order, or a page of all, ordered by id."""
        with self._lock:
            stored = self._tables.entries
            if ids is not None:
                return [stored.get(entry_id, QueueEntry(id=entry_id)) for entry_id in ids]
            first = "" if after is None else as_column(after)
            page = sorted((key for key in stored if as_column(key) > first), key=as_column)
            return [stored[entry_id] for entry_id in page[:limit]]

    def slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return the id of the entry that holds each of the slots that are held."""
        with self._lock:
            return MemoryPeople(self._tables).slot_holders(slots)

    def events(self, entry_id: str) -> Sequence[AuditEvent]:
        """Return an entry's events, oldest first."""
        with self._lock:
            return self._tables.events.get(entry_id, ())

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """Return committed events after a place."""
        with self._lock:
            rows = self._tables.feed[after : after + limit]
        return [Stored(place, event) for place, event in enumerate(rows, after + 1)]

    def chains(self) -> Iterable[Chain]:
        """Yield every entry with its events as stored."""
        with self._lock:
            entries, linked = dict(self._tables.entries), dict(self._tables.links)
            derived, places = self._tables.derived(), self._tables.places()
        for entry_id in sorted(entries, key=as_column):
            links, entry = linked.get(entry_id, ()), packed(entries[entry_id])
            yield Chain(
                entry_id=entry_id,
                body=entry.body,
                paper=entry.paper,
                head=links[-1][1] if links else START,
                links=links,
                derived=attrs.evolve(
                    derived.get(entry_id, DerivedRows()), places=tuple(places.get(entry_id, ()))
                ),
            )

    def restore(self) -> Restore | None:
        """Return the last restore that was said."""
        return self._restore

    def record_restore(self, why: str) -> Restore:
        """Record a restore: of memory there is none, but a test may say so."""
        with self._lock:
            number = self._restore.number + 1 if self._restore else 1
            self._restore = Restore(number=number, at=self.clock(), why=why)
            return self._restore

    def lease_ends(self, connections: Collection[str]) -> datetime | None:
        """Return when the first lease runs out (UTC); ``None``: nothing is leased."""
        with self._lock:
            entries = list(self._tables.entries.values())
        ends = (
            entry.lease.until
            for entry in entries
            if entry.lease and entry.connection in connections
        )
        return min(ends, default=None)

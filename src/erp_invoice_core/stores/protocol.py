"""The protocol of a store: transactions for people and workers, and queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from typing import Self

    from ..documents import QueueEntry, Restore
    from ..events import AuditEvent, Change


@attrs.frozen
class Stored:
    """A committed event with its place in the change feed; places increase."""

    place: int
    event: AuditEvent


@attrs.frozen(kw_only=True)
class DerivedRows:
    """
    The stored rows that are derived from an entry and its events.

    Attributes:
        slots: The number slots whose rows name the entry.
        owned: Connection, ERP id and generation of the rows that name the entry as an owner.
        answers: Each command id with the ``seq`` of the event that it caused.
        places: The place of each event in the change feed, or ``None`` without a place yet.
    """

    slots: tuple[str, ...] = ()
    owned: tuple[tuple[str, str, int], ...] = ()
    answers: tuple[tuple[str, int], ...] = ()
    places: tuple[int | None, ...] = ()


@attrs.frozen(kw_only=True)
class Chain:
    """
    An entry and its events as stored.

    Attributes:
        body: The entry's bytes; empty if the entry is not stored.
        is_stored: True if the entry is stored, and not only events or other rows that name it.
        document_json: The bytes of its document, which the body names by their digest.
        head: The digest of the last event, as stored with the entry.
        links: The bytes and digest of each event, oldest first.
        columns_agree: True if the columns of the entry agree with its bytes.
        derived: The derived rows, or ``None`` if the store has none.
    """

    entry_id: str
    body: bytes
    head: str
    links: tuple[tuple[bytes, str], ...]
    document_json: bytes | None = None
    is_stored: bool = True
    columns_agree: bool = True
    derived: DerivedRows | None = None


class PeopleTransaction(Protocol):
    """
    A transaction for people's actions, such as send and accept.

    It runs on the store's connection or on the host's.
    """

    def entries(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries, locked until the transaction ends; missing ones are created."""
        ...

    def expect_new(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """
        Return the entries, which the caller expects to be new, that is, to have no event.

        A store may return new entries without a query or a lock, and create them later. If one of
        them has an event then, the store raises :class:`EntryChanged`, and the caller runs its
        transaction again with :meth:`entries`.

        Raises:
            EntryChanged: One of them has an event. It is raised at the end of the transaction, or
                before another query of it.
        """
        ...

    def save(self, change: Change) -> None:
        """
        Store the entry and the event of a change.

        Raises:
            StaleEntry: The stored entry is not the one before the change.
            SlotTaken: Another entry holds the slot.
            ErpIdTaken: Another entry, or a former generation, owns an ERP id.
        """
        ...

    def find_slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return, by number slot, the id of the entry that holds it; free slots are left out."""
        ...

    def expect_free(self, slots: Collection[str]) -> Mapping[str, str]:
        """
        Return the holder of each number slot, all of which the caller expects to be free.

        A store may return an empty mapping without a query, and check the slots later. If one of
        them is not free then, the store raises :class:`EntryChanged`, and the caller runs its
        transaction again with :meth:`find_slot_holders`.

        Raises:
            EntryChanged: An entry holds one of the slots. It is raised at the end of the
                transaction, or before another query of it.
        """
        ...

    def find_owners(
        self, connection: str, erp_ids: Collection[str]
    ) -> Mapping[str, tuple[str, int]]:
        """Return, by ERP id, its owner (entry id, generation); ids without one are left out."""
        ...

    def lock(self, ids: Sequence[str]) -> None:
        """Lock the entries until the transaction ends; create missing ones."""
        ...

    def discard(self, ids: Sequence[str]) -> None:
        """Remove those of the entries that have no event: only a lock has created them."""
        ...

    def find_answer(self, command: str, entry_id: str) -> int | None:
        """
        Return the ``seq`` of an entry's event that the command caused; ``None`` for a new command.

        So a repeated command of the host, which has the same id, has no further effect.
        """
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """Open a savepoint: an error within the block undoes the changes of the block only."""
        ...


class WorkTransaction(PeopleTransaction, Protocol):
    """A transaction of a worker, always on the store's connection."""

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """
        Return due entries, and those with an expired lease, locked; the longest waiting first.

        They are entries of the given connections, and exports of any connection with an expired
        lease, so that an export is released even if its adapter is not loaded any more.
        """
        ...

    def expect(self, entry: QueueEntry) -> QueueEntry:
        """
        Return the stored entry, which the caller expects to be the given one.

        A store may return the given entry without a read, and compare it at the end.

        Raises:
            EntryChanged: The stored entry has changed. If it is raised by this call, the
                transaction can continue; it may also be raised at the end of the transaction.
        """
        ...


class Store(Protocol):
    """A durable store of the queue. Its queries return committed data only."""

    def people(self, on: object | None = None) -> AbstractContextManager[PeopleTransaction]:
        """
        Open a transaction for people's actions; commit at the end, roll back on an error.

        On the host's database connection (``on``) nothing is begun or committed.

        Raises:
            NoTransaction: The host's connection has no open transaction.
            HostMustRetry: The host must roll back and run its transaction again.
            EntryChanged: At the end, if a slot is held that was expected to be free; nothing was
                stored. It is not raised on a host's connection.
            StoreBusy: Other processes locked the store for too long.
            CommitUnknown: The answer of the commit was lost.
        """
        ...

    def work(self) -> AbstractContextManager[WorkTransaction]:
        """
        Open a transaction of a worker, always on the store's connection.

        Raises:
            EntryChanged: At the end, if an expected entry has changed; nothing was stored.
            StoreBusy: Other processes locked the store for too long.
            CommitUnknown: The answer of the commit was lost.
        """
        ...

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """
        Return the named entries in their order, or a page of all entries, ordered by id.

        A named entry that is not stored is returned as a new, unsent one.

        Args:
            ids: The ids of the entries; ``None`` for a page of all.
            after: Only entries with a larger id.
            limit: The most entries of a page; ``None`` for all.

        Raises:
            TypeError: ``limit`` is neither a whole number nor ``None``.
            ValueError: ``limit`` is negative.
        """
        ...

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """
        Return committed entries that are due, without a lock.

        A worker chooses an entry from them. The transaction in which it claims the entry checks
        with :meth:`WorkTransaction.expect` that the entry has not changed.
        """
        ...

    def find_slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return, by number slot, the id of the entry that holds it; free slots are left out."""
        ...

    def events(
        self, entry_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[AuditEvent]:
        """
        Return an entry's events, oldest first.

        Args:
            entry_id: The entry.
            after: Only events with a larger ``seq``; the last one of a page gives the next page.
            limit: The most events to return; ``None`` for all.

        Raises:
            TypeError: ``after`` or ``limit`` is not a whole number.
            ValueError: ``after`` or ``limit`` is negative.
        """
        ...

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """
        Return committed events after a place in the change feed, oldest first.

        A reader that continues after the last place misses no event, because an event that is
        committed later has a later place.

        Raises:
            TypeError: ``after`` or ``limit`` is not a whole number.
            ValueError: ``after`` or ``limit`` is negative.
        """
        ...

    def chains(self) -> Iterable[Chain]:
        """Yield every entry with its stored events, for verification."""
        ...

    def clock(self) -> datetime:
        """Return the current time (UTC), the same monotonic time for all users of the store."""
        ...

    def restore(self) -> Restore | None:
        """Return the last detected or recorded restore of the database; ``None`` without one."""
        ...

    def record_restore(self, why: str) -> Restore:
        """Record that the database was restored from a backup, and return it."""
        ...

    def find_lease_end(self, connections: Collection[str]) -> datetime | None:
        """Return when the first lease on the connections ends (UTC); ``None`` without a lease."""
        ...

    def close(self) -> None:
        """Close the connection of the calling thread; its next call opens another."""
        ...

    def __enter__(self) -> Self:
        """Return the store, which is closed at the end of the block."""
        ...

    def __exit__(self, *_: object) -> None:
        """Close the connection of the calling thread."""
        ...

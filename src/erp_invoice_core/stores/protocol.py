"""The protocol of a store: transactions of people and workers, and reading."""

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
    """A committed event with its place in the feed of all events."""

    place: int
    event: AuditEvent


@attrs.frozen(kw_only=True)
class DerivedRows:
    """
    The rows of an entry that follow from it and its events, as stored.

    Attributes:
        slots: The number slots whose rows name the entry.
        owned: Connection, ERP id and generation of the rows that name the entry as an owner.
        answers: Command and ``seq`` of the rows that say what a command has answered.
        places: The place of each event in the change feed; ``None``: it has none yet.
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
        body: The entry's bytes; empty where it is not stored.
        is_stored: True if the entry is there, and not only events or other rows that name it.
        document_json: The bytes of its document, which the body names by their digest.
        head: The digest of its last event, as the entry keeps it.
        links: The bytes and digest of each event, oldest first.
        columns_agree: True if all by which the entry is found says the same as its bytes.
        derived: The rows that follow from the entry; ``None``: the store has none to compare.
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
    """One transaction of people's verbs: on a connection of its own or on the host's."""

    def entries(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries, locked until the end; one that is missing is a new one."""
        ...

    def save(self, change: Change) -> None:
        """
        Keep the entry and the event of a change.

        Raises:
            StaleEntry: The stored entry is not the change's former one.
            SlotTaken: Another entry holds the slot.
            ErpIdTaken: Another entry, or a former generation, owns an ERP id.
        """
        ...

    def find_slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return the id of the entry that holds each of the slots that are held."""
        ...

    def find_owners(
        self, connection: str, erp_ids: Collection[str]
    ) -> Mapping[str, tuple[str, int]]:
        """Return entry id and generation of those of the ERP ids that are owned."""
        ...

    def lock(self, ids: Sequence[str]) -> None:
        """Hold the entries, making them where they are missing, until the transaction ends."""
        ...

    def discard(self, ids: Sequence[str]) -> None:
        """Remove those of the entries that have no event: locking alone has made them."""
        ...

    def find_answer(self, command: str, entry_id: str) -> int | None:
        """Return the ``seq`` of the event with which a command has answered for that entry."""
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """One item of several: an error inside undoes this item alone."""
        ...


class WorkTransaction(PeopleTransaction, Protocol):
    """One transaction of a worker; a host's connection does not offer it."""

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """
        Return entries to claim or whose lease ran out, the longest waiting first, locked.

        Only those of the connections; but an export whose lease ran out whatever its connection,
        so that it is freed also where its adapter is gone for ever.
        """
        ...


class Store(Protocol):
    """A durable queue store. Everything that it returns is committed."""

    def people(self, connection: object | None = None) -> AbstractContextManager[PeopleTransaction]:
        """
        Open people's port; committed at the end, rolled back on an error.

        On the host's ``connection`` nothing is begun or committed.

        Raises:
            NoTransaction: The host's connection has no open transaction.
            HostMustRetry: The host must roll back and run its transaction again.
            StoreBusy: Others held the store for too long.
            CommitUnknown: The answer of the commit was lost.
        """
        ...

    def work(self) -> AbstractContextManager[WorkTransaction]:
        """Open the worker's port, always on a connection of its own."""
        ...

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """Return entries by id: the named ones in their order, or a page of all, ordered by id."""
        ...

    def find_slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return the id of the entry that holds each of the slots that are held."""
        ...

    def events(self, entry_id: str) -> Sequence[AuditEvent]:
        """Return an entry's events, oldest first."""
        ...

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """Return committed events after a place, in an order that skips nothing."""
        ...

    def chains(self) -> Iterable[Chain]:
        """Yield every entry with its events as stored, to be verified."""
        ...

    def clock(self) -> datetime:
        """Return the moment (UTC): one time for all who share the store, that goes on evenly."""
        ...

    def restore(self) -> Restore | None:
        """Return the last restore of the database that was noticed or said; ``None``: none."""
        ...

    def record_restore(self, why: str) -> Restore:
        """Record that the database was restored from a backup, and return it."""
        ...

    def find_lease_end(self, connections: Collection[str]) -> datetime | None:
        """Return when the first lease runs out (UTC); ``None``: nothing is leased."""
        ...

    def close(self) -> None:
        """Close the connection of the calling thread; its next call opens another."""
        ...

    def __enter__(self) -> Self:
        """Return the store, to be closed at the end of the block."""
        ...

    def __exit__(self, *_: object) -> None:
        """Close the connection of the calling thread."""
        ...

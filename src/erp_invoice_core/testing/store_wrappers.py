"""Stores that wrap another store and make its transactions fail."""

from __future__ import annotations

from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from ..stores import CommitUnknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from typing import Self

    from ..documents import QueueEntry, Restore
    from ..events import AuditEvent
    from ..stores import PeopleTransaction, Store, Stored, WorkTransaction
    from ..stores.protocol import Chain

T = TypeVar("T")


class StoreWrapper:
    """A store that passes everything on; a subclass changes its transactions."""

    def __init__(self, store: Store) -> None:
        """Wrap a store."""
        self.store = store

    def close(self) -> None:
        """Close the connection that the store has for this thread."""
        self.store.close()

    def __enter__(self) -> Self:
        """Return the wrapper, which is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection that the store has for this thread."""
        self.close()

    @contextmanager
    def _wrap(self, opened: AbstractContextManager[T]) -> Iterator[T]:
        """Yield a transaction of the wrapped store; a subclass makes it fail here."""
        with opened as transaction:
            yield transaction

    def people(self, on: object | None = None) -> AbstractContextManager[PeopleTransaction]:
        """Open a transaction for the actions of people."""
        return self._wrap(self.store.people(on))

    def work(self) -> AbstractContextManager[WorkTransaction]:
        """Open a transaction of a worker."""
        return self._wrap(self.store.work())

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """Return the store's entries."""
        return self.store.entries(ids, after=after, limit=limit)

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """Return committed entries that are due."""
        return self.store.find_due_entries(at, connections, limit)

    def find_slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return the ids of the entries that hold the slots, by slot."""
        return self.store.find_slot_holders(slots)

    def events(
        self, entry_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[AuditEvent]:
        """Return the events of an entry."""
        return self.store.events(entry_id, after=after, limit=limit)

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """Return committed events after a place in the change feed."""
        return self.store.feed(after, limit)

    def chains(self) -> Iterable[Chain]:
        """Return every entry with its chained events, for verification."""
        return self.store.chains()

    def clock(self) -> datetime:
        """Return the current time of the store (UTC)."""
        return self.store.clock()

    def restore(self) -> Restore | None:
        """Return the last restore of the database."""
        return self.store.restore()

    def record_restore(self, why: str) -> Restore:
        """Record a restore."""
        return self.store.record_restore(why)

    def find_lease_end(self, connections: Collection[str]) -> datetime | None:
        """Return the earliest lease end on the connections (UTC); ``None`` without a lease."""
        return self.store.find_lease_end(connections)


class Loss(Enum):
    """The result of a commit whose answer was lost."""

    KEPT = "kept"  #: It went through.
    DROPPED = "dropped"  #: It did not.


class _Dropped(Exception):
    """Undoes a transaction whose commit is to be lost."""


def _drop_if(is_dropped: bool) -> None:  # noqa: FBT001 - the condition that the name asks for
    if is_dropped:
        raise _Dropped


class LossyStore(StoreWrapper):
    """
    A store that can lose the answer of a commit, so that it raises ``CommitUnknown``.

    Attributes:
        loss: The result of the next commit, whose answer is then lost; ``None``: commits are
            answered. It is reset after that commit, but not if the transaction ends with an
            exception.
    """

    def __init__(self, store: Store) -> None:
        """Wrap a store."""
        super().__init__(store)
        self.loss: Loss | None = None

    @contextmanager
    def _wrap(self, opened: AbstractContextManager[T]) -> Iterator[T]:
        loss, self.loss = self.loss, None
        try:
            with opened as transaction:
                yield transaction
                _drop_if(loss is Loss.DROPPED)
        except _Dropped:
            pass
        except BaseException:
            self.loss = loss
            raise
        if loss is not None:
            msg = "The commit gave no answer. Read the entry again first."
            raise CommitUnknown(msg)

"""A store of one simulated process, with faults of commits and disks."""

from __future__ import annotations

from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

from erp_invoice_core.stores import CommitUnknown, EntryChanged, StoreFault
from erp_invoice_core.testing.store_wrappers import StoreWrapper

from .decisions import menu
from .faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from erp_invoice_core.documents import QueueEntry, Restore
    from erp_invoice_core.stores import PeopleTransaction, Store

    from .scheduler import Scheduler

T = TypeVar("T")


class _CommitFault(Enum):
    DONE = "done"
    KEPT = "kept"
    DROPPED = "dropped"
    FULL = "full"
    LOST = "lost"


_COMMIT_FAULTS = menu(
    (93, _CommitFault.DONE),
    (2, _CommitFault.KEPT),
    (2, _CommitFault.DROPPED),
    (1, _CommitFault.FULL),
    (2, _CommitFault.LOST),
)


class _Undone(Exception):
    """Rolls back a transaction whose commit fails."""


def _undo_if(is_undone: bool) -> None:
    if is_undone:
        raise _Undone


class _ExpectsNew:
    """
    A transaction in which an entry that is not new as expected is found at once.

    PostgreSQL finds it at its end, and the caller runs the transaction again. So it does here in
    every store, so that the same decisions lead to the same run.
    """

    def __init__(
        self,
        transaction: PeopleTransaction,
        read: Callable[[Sequence[str]], Sequence[QueueEntry]],
    ) -> None:
        self._transaction = transaction
        self._read = read

    def expect_new(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """
        Expect new entries of the store.

        Raises:
            EntryChanged: One of them has an event.
        """
        if any(entry.seq for entry in self._read(ids)):
            msg = "An invoice is not new as expected. Run the transaction again."
            raise EntryChanged(msg)
        return self._transaction.expect_new(ids)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a method of the transaction
        """Return what the transaction has under the name."""
        return getattr(self._transaction, name)


class SimulatedStore(StoreWrapper):
    """
    The store of one process: each transaction is between two switch points, and may fail.

    Attributes:
        kept: True if the last commit without an answer went through.
    """

    def __init__(
        self, store: Store, scheduler: Scheduler, restored_at: Callable[[], datetime]
    ) -> None:
        """Wrap the store; ``restored_at`` returns the moment of its last restore (UTC)."""
        super().__init__(store)
        self.kept = False
        self._is_repeated = False  # the last one found an entry that is not new
        self._outcome = _CommitFault.DONE
        self._scheduler = scheduler
        self._restored_at = restored_at

    def clock(self) -> datetime:
        """Return the virtual moment (UTC), which all processes of the store share."""
        return self._scheduler.now

    def restore(self) -> Restore | None:
        """Return the last restore of the database, at its virtual moment."""
        restore = super().restore()
        return attrs.evolve(restore, at=self._restored_at()) if restore else None

    @contextmanager
    def people(self, on: object | None = None) -> Iterator[PeopleTransaction]:
        """Open a transaction for people's actions; its repetition has no switch point."""
        try:
            with super().people(on) as transaction:
                yield cast("PeopleTransaction", _ExpectsNew(transaction, self.store.entries))
        except EntryChanged:
            self._is_repeated = True
            raise

    def wall(self) -> datetime:
        """Return the wall clock of the running process's machine (UTC)."""
        return self._scheduler.wall

    @contextmanager
    def _wrap(self, opened: AbstractContextManager[T]) -> Iterator[T]:
        scheduler = self._scheduler
        if self._is_repeated:
            self._is_repeated = False
        else:
            self._outcome = self._begin()
        outcome = self._outcome
        scheduler.is_held = True
        try:
            with opened as transaction:
                yield transaction
                _undo_if(outcome in {_CommitFault.DROPPED, _CommitFault.FULL})
        except _Undone:
            pass
        finally:
            scheduler.is_held = False
        self._answer(outcome)
        scheduler.record_commit()
        scheduler.pause()

    def _begin(self) -> _CommitFault:
        """Let others act before the transaction, and return the outcome of its commit."""
        scheduler = self._scheduler
        scheduler.transacts()
        scheduler.pause()
        outcome = scheduler.choose(_COMMIT_FAULTS)
        if outcome is not _CommitFault.DONE:
            scheduler.record_trouble()
        if outcome is _CommitFault.LOST:
            scheduler.counts[Fault.DATABASE_LOST] += 1
            raise StoreFault("Look at the database: its connection is lost.")
        return outcome

    def _answer(self, outcome: _CommitFault) -> None:
        counts = self._scheduler.counts
        self.kept = outcome is _CommitFault.KEPT
        if outcome is _CommitFault.FULL:
            counts[Fault.DISK_FULL] += 1
            raise StoreFault("The disk is full. Nothing was stored. Free space on it.")
        if outcome in {_CommitFault.KEPT, _CommitFault.DROPPED}:
            counts[Fault.COMMIT_KEPT if self.kept else Fault.COMMIT_DROPPED] += 1
            raise CommitUnknown("Read again before anything else: the commit gave no answer.")

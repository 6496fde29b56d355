"""
Group commit: transactions of several threads that share one commit.

If a thread begins a transaction while that of another thread is open, it waits, and then continues
the same SQLite transaction. The last of these threads commits for all. No thread waits for others
to come: if no thread is waiting, it commits at once. Each thread returns after the commit, so its
changes are durable. A transaction that fails undoes its own changes only.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from ..errors import CommitUnknown, StoreBusy, StoreError, StoreFault
from .errors import NO_ANSWER, translate_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .file_lock import SideLock

_SAVEPOINT = "erp_group_member"


@attrs.define(eq=False)
class Batch:
    """
    A write transaction that several threads, its members, use one after another.

    Attributes:
        db: The connection of the thread that began the transaction.
        lock: The lock that keeps other processes out, released after the commit.
    """

    db: sqlite3.Connection
    lock: SideLock
    # Locked until the batch is over: most batches have one member, and an event takes longer.
    _is_running: threading.Lock = attrs.Factory(threading.Lock)
    _error: BaseException | None = None

    def __attrs_post_init__(self) -> None:
        self._is_running.acquire()

    def end(self, error: BaseException | None = None) -> None:
        """Release the lock, and let the members that await the commit return or raise the error."""
        self._error = error
        try:
            self.lock.release()
        finally:
            self._is_running.release()

    def wait(self) -> None:
        """
        Wait until the last member has committed.

        Raises:
            StoreError: The commit failed, or the whole transaction was rolled back.
        """
        try:
            self._await_end()
        except BaseException:
            self._await_end()  # another thread still uses the connection of this one
            raise
        if isinstance(self._error, StoreError):
            raise type(self._error)(*self._error.args) from self._error
        if self._error is not None:
            raise CommitUnknown(NO_ANSWER) from self._error

    def _await_end(self) -> None:
        with self._is_running:
            pass


@attrs.define(eq=False)
class _Turn:
    """A thread that waits for its turn; ``batch`` is the transaction that it continues, if any."""

    has_come: threading.Event = attrs.Factory(threading.Event)
    batch: Batch | None = None


class GroupCommit:
    """The transactions of one process, one at a time, in the order in which they came."""

    def __init__(
        self,
        begin: Callable[[], Batch],
        commit: Callable[[Batch], None],
        wait: float,
    ) -> None:
        """
        Store the functions that begin and commit a transaction.

        Args:
            begin: Begins a transaction on the connection of the calling thread.
            commit: Commits it; raises :class:`StoreError`.
            wait: The longest time to wait for other threads, in seconds.
        """
        self.pid = os.getpid()
        self._begin = begin
        self._commit = commit
        self._wait = wait
        self._mutex = threading.Lock()
        self._is_busy = False
        self._turns: deque[_Turn] = deque()
        self._runner: int | None = None

    @contextmanager
    def join(self) -> Iterator[sqlite3.Connection]:
        """
        Run the block as a transaction on the yielded connection; return after the commit.

        Raises:
            StoreBusy: Other threads or processes used the store for too long.
            StoreFault: The database failed; nothing was stored.
            CommitUnknown: The answer of the commit was lost.
        """
        batch = self._await_turn()
        is_first = batch is None
        if batch is None:
            try:
                batch = self._begin()
            except BaseException:
                self._pass_turn()
                raise
        with translate_errors():
            try:
                if not is_first:
                    batch.db.execute(f"SAVEPOINT {_SAVEPOINT}")
                self._runner = threading.get_ident()
                yield batch.db
                if not is_first:
                    batch.db.execute(f"RELEASE {_SAVEPOINT}")
            except BaseException:
                self._undo(batch, is_first=is_first)
                raise
        if self._hand_over(batch):
            batch.wait()
        else:
            self._end(batch)

    def _await_turn(self) -> Batch | None:
        """Wait for this thread's turn; return the batch to continue, or ``None`` to begin one."""
        with self._mutex:
            if not self._is_busy:
                self._is_busy = True
                return None
            if self._runner == threading.get_ident():
                msg = "This thread has an open transaction. End it before you open another."
                raise StoreBusy(msg)
            turn = _Turn()
            self._turns.append(turn)
        try:
            has_come = turn.has_come.wait(self._wait)
        except BaseException:
            if not self._withdraw(turn):
                self._go_on(turn.batch)
            raise
        if not has_come and self._withdraw(turn):
            msg = "Other threads used the store for too long. Try again."
            raise StoreBusy(msg)
        return turn.batch

    def _withdraw(self, turn: _Turn) -> bool:
        """Stop waiting and return true; return false if the turn has come in the meantime."""
        with self._mutex:
            if turn.has_come.is_set():
                return False
            self._turns.remove(turn)
            return True

    def _go_on(self, batch: Batch | None) -> None:
        """Let the next thread continue the batch, or commit it if no thread waits."""
        if batch is None:
            self._pass_turn()
        elif not self._hand_over(batch):
            self._end(batch)

    def _hand_over(self, batch: Batch) -> bool:
        """Let the next waiting thread continue the batch; return whether there is one."""
        with self._mutex:
            self._runner = None
            if not self._turns:
                return False
            turn = self._turns.popleft()
            turn.batch = batch
            turn.has_come.set()
            return True

    def _pass_turn(self) -> None:
        """Let the next waiting thread begin a transaction."""
        with self._mutex:
            self._runner = None
            if not self._turns:
                self._is_busy = False
                return
            self._turns.popleft().has_come.set()

    def _end(self, batch: Batch) -> None:
        error: BaseException | None = None
        try:
            self._commit(batch)
        except BaseException as failure:
            error = failure
            raise
        finally:
            batch.end(error)
            self._pass_turn()

    def _undo(self, batch: Batch, *, is_first: bool) -> None:
        """
        Undo the changes of a member that failed, and let the others go on or commit.

        If only the whole transaction can be rolled back, the others raise :class:`StoreFault`.
        """
        if not is_first and _roll_back_member(batch.db):
            self._go_on(batch)
            return
        # After some errors, as a full disk, SQLite has already rolled back the transaction.
        try:
            if batch.db.in_transaction:
                batch.db.execute("ROLLBACK")
        finally:
            batch.end(StoreFault("The database failed in another thread. Nothing was stored."))
            self._pass_turn()


def _roll_back_member(db: sqlite3.Connection) -> bool:
    """Undo the changes of the current member; return whether those of the others are kept."""
    try:
        db.execute(f"ROLLBACK TO {_SAVEPOINT}")
        db.execute(f"RELEASE {_SAVEPOINT}")
    except sqlite3.Error:
        return False
    return True

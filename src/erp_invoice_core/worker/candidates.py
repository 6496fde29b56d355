"""
Candidates: due entries that the lanes of a worker share.

They are read without a lock, up to a hundred at a time, so that a claim needs no query of its own.
Each is given to one lane, in the order in which the entries became due. The claim compares it with
the stored entry, so an outdated candidate is never claimed; it only costs a transaction.

A read returns twice as many entries as the lanes took from the one before, so that a worker with
little to do, or with a slow ERP, reads little. If another worker has claimed a candidate first, a
lane chooses one of several entries at random, so that the workers collide less often, and the
entries are read again for each claim.
"""

from __future__ import annotations

import threading
from itertools import takewhile
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..documents import QueueEntry
    from ..queue import ExportQueue

#: The largest number of entries of one read.
_MOST = 100
#: The seconds after which entries are read again, because other workers also claim entries.
_GOOD_FOR = 1.0
#: A lane chooses among at most this number of the entries that wait longest.
_WIDEST = 16
#: The seconds for which a lane with a running call waits until another lane has read.
_TIME_LIMIT = 1.0


@attrs.frozen
class Candidate:
    """A due entry that one lane may claim, and the connection for which it was read."""

    name: str
    entry: QueueEntry


@attrs.define
class _Batch:
    """
    The candidates of one connection.

    Attributes:
        lock: Held during a read, so that the lanes of a connection do not read the same entries.
        entries: The entries that no lane has taken, the longest waiting first.
        read_at: When the entries were read, in monotonic seconds; ``None`` if they must be read
            again.
        taken: The number of entries that lanes have taken since the last read.
        width: The number of entries among which a lane chooses.
    """

    lock: threading.Lock = attrs.Factory(threading.Lock)
    entries: list[QueueEntry] = attrs.Factory(list)
    read_at: float | None = None
    taken: int = 0
    width: int = 1


@attrs.define
class Candidates:
    """
    The candidates of all connections of a worker.

    A candidate that a lane has taken is held: no other lane gets it until it is released.

    Attributes:
        queue: The queue whose entries they are.
        steady: Returns monotonic seconds.
        chance: Returns a random number from 0 to 1.
    """

    queue: ExportQueue
    steady: Callable[[], float]
    chance: Callable[[], float]
    _batches: dict[str, _Batch] = attrs.Factory(dict)
    _held: set[str] = attrs.Factory(set)

    def take_first(self, name: str) -> Candidate | None:
        """
        Take the longest waiting due entry of a connection; ``None`` if no entry is due.

        With an empty name, only exports with an expired lease are due, of every connection.

        Raises:
            StoreBusy: Other processes locked the store for too long.
        """
        batch = self._find_batch(name)
        with batch.lock:
            self._refresh(name, batch)
            return self._take(name, batch, 0) if batch.entries else None

    def choose(self, name: str, is_wanted: Callable[[QueueEntry], bool]) -> Candidate | None:
        """
        Take a due entry for which ``is_wanted`` is true; ``None`` if there is no such entry now.

        It chooses among the entries before the first unwanted one, so that the latter keeps its
        turn. It also returns ``None`` if another lane takes longer than a second to read the
        entries.

        Raises:
            StoreBusy: Other processes locked the store for too long.
        """
        batch = self._find_batch(name)
        if not batch.lock.acquire(timeout=_TIME_LIMIT):
            return None
        try:
            self._refresh(name, batch)
            wanted = list(takewhile(is_wanted, batch.entries[: batch.width]))
            if not wanted:
                return None
            return self._take(name, batch, int(self.chance() * len(wanted)) % len(wanted))
        finally:
            batch.lock.release()

    def has_entries(self, name: str) -> bool:
        """Return whether the last read of a connection left an entry that no lane has taken."""
        return bool(self._find_batch(name).entries)

    def release(self, candidate: Candidate) -> None:
        """Stop holding a candidate that was claimed, or that will not be claimed."""
        self._held.discard(candidate.entry.id)

    def outdate(self, name: str) -> None:
        """Require that the entries of a connection are read again before the next is taken."""
        self._find_batch(name).read_at = None

    def note(self, candidate: Candidate, *, collided: bool) -> None:
        """
        Record the result of a claim: adapt the number of entries among which lanes choose.

        If another worker has claimed the candidate first (``collided``), the number doubles, up to
        16; otherwise it falls by one.
        """
        batch = self._find_batch(candidate.name)
        if collided:
            batch.width = min(batch.width * 2, _WIDEST)
            batch.read_at = None
        else:
            batch.width = max(batch.width - 1, 1)

    def _find_batch(self, name: str) -> _Batch:
        return self._batches.setdefault(name, _Batch())

    def _take(self, name: str, batch: _Batch, place: int) -> Candidate:
        entry = batch.entries.pop(place)
        self._held.add(entry.id)
        batch.taken += 1
        if batch.width > 1:  # other workers claim them, too
            batch.read_at = None
        return Candidate(name, entry)

    def _refresh(self, name: str, batch: _Batch) -> None:
        """Read entries if no entry is left, or if the remaining ones may be outdated."""
        now = self.steady()
        if batch.entries and batch.read_at is not None and now - batch.read_at <= _GOOD_FOR:
            return
        # Held before the read: a lane may claim and release one of them during it.
        held = frozenset(self._held)
        limit = batch.width if batch.width > 1 else max(1, min(2 * batch.taken, _MOST))
        batch.entries, batch.taken = [], 0
        due = self.queue.store.find_due_entries(
            self.queue.clock(), [name] if name else [], limit + len(held)
        )
        batch.entries = [entry for entry in due if entry.id not in held][:limit]
        batch.read_at = now

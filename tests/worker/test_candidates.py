"""Lanes share the due entries that they have read, and none gets that of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core import MemoryStore
from erp_invoice_core.worker import candidates
from erp_invoice_core.worker.candidates import Candidates
from tests.worker.harness import APPROVER, WorkerHarness, check_allowed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    import pytest

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.worker.candidates import Candidate

_IDS = tuple(f"5{number:03}" for number in range(20))


class _Watched(MemoryStore):
    """A store that records how many entries each read may return."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: list[int] = []

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """Return due entries, and record the limit."""
        self.limits.append(limit)
        return super().find_due_entries(at, connections, limit)


class _Lanes:
    """Candidates of a queue with accepted entries, and the clock of their age."""

    def __init__(self, *ids: str, chance: float = 0.0) -> None:
        self.store = _Watched()
        self.harness = WorkerHarness(store=self.store)
        self.harness.accept(*ids)
        self.now = 0.0
        self.candidates = Candidates(self.harness.queue, lambda: self.now, lambda: chance)

    def take(self) -> Candidate:
        """Take the first candidate, which is there."""
        taken = self.candidates.take_first("erp")
        assert taken is not None
        return taken

    def choose(self) -> str | None:
        """Choose a candidate; return its id."""
        chosen = self.candidates.choose("erp", lambda _entry: True)
        return None if chosen is None else chosen.entry.id


def test_each_candidate_is_taken_once_in_order() -> None:
    """The longest waiting is first, and a read returns twice as many as were taken before."""
    lanes = _Lanes(*_IDS)
    assert list(_IDS) == [lanes.take().entry.id for _ in _IDS]
    # A read also returns the entries that lanes hold, which are left out.
    assert [1, 2 + 1, 4 + 3, 8 + 7, 16 + 15] == lanes.store.limits
    assert lanes.candidates.take_first("erp") is None


def test_a_read_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many were taken, a read has no more than a hundred; here three."""
    monkeypatch.setattr(candidates, "_MOST", 3)
    lanes = _Lanes(*_IDS)
    for _ in range(8):
        lanes.candidates.release(lanes.take())
    # Nothing is claimed here, so that each read finds the same entries.
    assert [1, 2, 3, 3] == lanes.store.limits


def test_a_released_candidate_may_be_taken_again() -> None:
    """An entry that a lane has not claimed is a candidate after the next read."""
    lanes = _Lanes("5000")
    taken = lanes.take()
    assert lanes.choose() is None
    lanes.candidates.release(taken)
    assert "5000" == lanes.choose()


def test_old_candidates_are_read_again() -> None:
    """After a second, and after a lane says so, entries are read again."""
    lanes = _Lanes(*_IDS)
    lanes.take()
    lanes.take()
    check_allowed(lanes.harness.queue.reject(["5002"], APPROVER, reason="Not this one."))
    lanes.now = 1.1
    assert "5003" == lanes.take().entry.id
    check_allowed(lanes.harness.queue.reject(["5004"], APPROVER, reason="Not this one."))
    lanes.candidates.outdate("erp")
    assert "5005" == lanes.take().entry.id


def test_after_a_collision_a_lane_chooses_among_more() -> None:
    """The number of entries doubles with each collision up to 16, and decreases by one else."""
    lanes = _Lanes(*_IDS, chance=0.99)
    first = lanes.take()
    widths = []
    for collided in (True, True, True, True, True, False):
        lanes.candidates.note(first, collided=collided)
        widths.append(lanes.candidates._find_batch("erp").width)
    assert [2, 4, 8, 16, 16, 15] == widths
    # The last of 15, without the one that is held; the next read has the same limit.
    assert ("5015", "5016") == (lanes.choose(), lanes.choose())
    assert [1, 15 + 1, 15 + 2] == lanes.store.limits
    assert "5001" == lanes.take().entry.id


def test_an_unwanted_entry_keeps_its_turn() -> None:
    """No entry after an unwanted one is chosen, and the connection still has an entry."""
    lanes = _Lanes(*_IDS)
    lanes.candidates.release(lanes.take())
    assert lanes.candidates.choose("erp", lambda entry: entry.id != "5000") is None
    assert lanes.candidates.has_entries("erp")
    assert "5000" == lanes.take().entry.id


def test_a_lane_does_not_wait_long_for_the_read_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A lane with a running call goes on without a candidate while another lane reads."""
    monkeypatch.setattr(candidates, "_TIME_LIMIT", 0.0)
    lanes = _Lanes(*_IDS)
    meanwhile: list[str | None] = []
    read = lanes.store.find_due_entries

    def read_while_another_chooses(*given: object) -> Sequence[QueueEntry]:
        meanwhile.append(lanes.choose())
        return read(*given)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(lanes.store, "find_due_entries", read_while_another_chooses)
    assert ("5000", [None]) == (lanes.take().entry.id, meanwhile)

"""A worker makes sure of its commits: after a lost answer it reads before anything else."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain, repeat
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import (
    CommitUnknown,
    EntryChanged,
    ExportStatus,
    MemoryStore,
    StoreBusy,
)
from erp_invoice_core.flow import claim
from erp_invoice_core.worker.commits import commit_change, has_lease, is_committed
from tests.worker.harness import NOON, WorkerHarness
from tests.worker.scripted_erp import FlakyStore

if TYPE_CHECKING:
    from erp_invoice_core import AuditEvent, Change, QueueEntry

LEASE = timedelta(seconds=60)


def build_claim(entry: QueueEntry) -> Change:
    """Return the claim of an entry."""
    return claim(entry, at=NOON, holder="worker-1", lease=LEASE)


def build_flaky_harness(*losses: str) -> tuple[FlakyStore, WorkerHarness]:
    """Return a store with one accepted invoice, whose next commits lose their answers."""
    store = FlakyStore()
    harness = WorkerHarness(store=store)
    harness.accept("5000")
    store.losses = list(losses)
    return store, harness


@pytest.mark.parametrize("losses", [(), ("before",), ("after",), ("before", "before")])
def test_a_change_is_stored_once(losses: tuple[str, ...]) -> None:
    """A change is stored exactly once, also if its answer was lost after it was stored."""
    store, _ = build_flaky_harness(*losses)
    seen: list[AuditEvent] = []

    entry = commit_change(store, "5000", build_claim, seen.append)

    assert (1, [entry]) == (entry.fencing, list(store.entries(["5000"])))
    assert [3] == [event.seq for event in seen]
    assert 3 == len(store.events("5000"))


def test_a_store_without_answers_is_given_up() -> None:
    """After three lost answers with nothing stored, the caller learns that nothing is known."""
    store, _ = build_flaky_harness("before", "before", "before")
    with pytest.raises(CommitUnknown, match="did not answer about invoice 5000"):
        commit_change(store, "5000", build_claim, lambda _event: None)

    assert 2 == len(store.events("5000"))


def test_what_came_after_does_not_hide_a_change() -> None:
    """The worker finds a stored change although another change has followed it."""
    store, _ = build_flaky_harness()
    entry = store.entries(["5000"])[0]
    first = build_claim(entry)
    with store.work() as transaction:
        transaction.save(first)
        second = claim(first.after, at=NOON, holder="worker-2", lease=LEASE)
        transaction.save(second)

    assert is_committed(store, first)
    assert is_committed(store, second)
    assert not is_committed(store, claim(entry, at=NOON, holder="worker-3", lease=LEASE))


def test_a_busy_store_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker records the answer of the ERP again if another process held the store."""
    store, _ = build_flaky_harness()
    busy, work = chain([True], repeat(False)), store.work

    def work_if_free() -> object:
        if next(busy):
            raise StoreBusy("Try again.")
        return work()

    monkeypatch.setattr(store, "work", work_if_free)
    assert 1 == commit_change(store, "5000", build_claim, lambda _event: None).fencing


@pytest.mark.parametrize("fault", [StoreBusy, EntryChanged])
def test_an_entry_that_others_hold_is_named(
    monkeypatch: pytest.MonkeyPatch, fault: type[StoreBusy]
) -> None:
    """After three tries in which others held the store, the error does not call it silent."""
    store, _ = build_flaky_harness()

    def fail() -> object:
        raise fault("Try again.")

    monkeypatch.setattr(store, "work", fail)
    with pytest.raises(CommitUnknown, match="Other processes changed invoice 5000"):
        commit_change(store, "5000", build_claim, lambda _event: None)

    assert 2 == len(store.events("5000"))


def test_a_lease_is_recognized_by_its_fencing_token() -> None:
    """An entry is leased by the claim whose fencing token it has, and by no other claim."""
    store, _ = build_flaky_harness()
    entry = store.entries(["5000"])[0]
    assert not has_lease(entry, 0)
    entry = build_claim(entry).after
    assert has_lease(entry, 1)
    assert not has_lease(entry, 2)


@pytest.mark.parametrize("loss", ["before", "after"])
@pytest.mark.parametrize("place", range(7))
def test_any_commit_of_an_export_may_give_no_answer(place: int, loss: str) -> None:
    """If the answer of any one commit is lost, stored or not, there is one posted bill."""
    _, harness = build_flaky_harness(*[""] * place, loss)
    harness.worker.run_until_idle()

    assert [("ACME-5000", "20025.45", "posted")] == harness.list_bills()
    assert ExportStatus.SYNCED is harness.get_status()
    # The acceptance connects, too: it asks the adapter's check.
    assert {"create": 1, "post": 1, "find": 1, "connect": 2} == dict(harness.count_requests())
    harness.check_audit_log()


@pytest.mark.parametrize("loss", ["before", "after"])
def test_an_unconfirmed_start_is_never_followed_by_a_call(loss: str) -> None:
    """If every commit of a start loses its answer, the ERP is not called."""
    # Claim, then the start three times.
    _, harness = build_flaky_harness("", *[loss] * 3)
    harness.worker.run_once(limit=1)

    calls = harness.count_requests()["create"]
    assert (0 if loss == "before" else 1) == calls


def test_memory_is_a_store_like_any_other() -> None:
    """A change committed to memory is visible to the next reader."""
    harness = WorkerHarness(store=MemoryStore())
    harness.accept("5000")
    commit_change(harness.store, "5000", build_claim, lambda _event: None)
    assert ExportStatus.EXPORTING is harness.get_status()

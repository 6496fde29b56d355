"""Transactions in PostgreSQL wait only for the same entry, and never in a circle."""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from erp_invoice_core.stores import (
    ErpIdTaken,
    PostgresStore,
    SlotTaken,
    StaleEntry,
    StoreBusy,
    StoreError,
    verify,
)
from erp_invoice_core.testing.fake_erp.in_process import KEY
from erp_invoice_core.testing.samples import (
    AT,
    build_acceptance,
    build_bill,
    build_change,
    build_claim,
    build_denied_change,
    build_send,
    save_change,
)
from erp_invoice_core.testing.store_agreement import PEOPLE
from erp_invoice_core.vocabulary import Action, ExportStatus

from .threads import run_together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.events import Change
    from erp_invoice_core.queue import ExportQueue

    Host = Callable[..., psycopg.Connection[Any]]

PM, *_ = PEOPLE
_HOUR = timedelta(hours=1)
#: Far below the seconds for which a store waits at most by default.
_MOMENT, _TIME_LIMIT = 3.0, 60.0


@contextmanager
def _hold_open(store: PostgresStore, host: Host) -> Iterator[Any]:
    """
    Open a transaction of people in one of a host that stays open after the block.

    It stays open until the test ends, so that a transaction that waits for it gets StoreBusy.
    """
    db = host()
    db.execute("SELECT 1")
    with store.people(db) as transaction:
        yield transaction
    assert db.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS


def _build_owning(entry: QueueEntry, erp_id: str = "B-1") -> Change:
    return build_change(
        entry, Action.POST, connection="paper", holdings=(build_bill(erp_id, entry.build_key("x")),)
    )


def _work(store: PostgresStore, entry_id: str) -> QueueEntry:
    """Claim a due entry, and record a change of it, as a worker does; return the entry."""
    with store.work() as transaction:
        (entry,) = transaction.find_due_entries(AT, ["paper"], 10)
        assert entry_id == entry.id
        transaction.save(build_claim(entry, _HOUR))
    with store.work() as transaction:
        change = build_denied_change(transaction.entries([entry_id])[entry_id])
        transaction.save(change)
    return change.after


def test_a_worker_does_not_wait_for_another_entrys_host(
    postgres: PostgresStore, postgres_host: Host
) -> None:
    """While a host locks some entries, old and new, a worker claims and changes another one."""
    save_change(postgres, "old", build_acceptance)
    save_change(postgres, "mine", build_acceptance)
    with _hold_open(postgres, postgres_host) as slow:
        slow.save(build_send(slow.entries(["new"])["new"]))
        slow.lock(["old"])
    after = _work(postgres, "mine")

    assert ExportStatus.EXPORTING is after.status


def test_a_sender_does_not_wait_for_another_entrys_host(
    postgres: PostgresStore, postgres_host: Host
) -> None:
    """While a host locks an entry that is not committed yet, other hosts send other entries."""
    with _hold_open(postgres, postgres_host) as slow:
        slow.save(build_send(slow.entries(["new"])["new"]))
    assert 1 == save_change(postgres, "other").seq


def test_a_slot_that_a_slow_host_gives_up_is_taken_until_it_commits(
    postgres: PostgresStore, postgres_host: Host
) -> None:
    """A worker that wants a slot which a host has freed, but not committed, is refused at once."""
    save_change(postgres, "1", partial(build_send, slot="number"))
    save_change(postgres, "2", build_acceptance)
    with _hold_open(postgres, postgres_host) as slow:
        slow.save(build_change(slow.entries(["1"])["1"], slot=None))
    with pytest.raises(SlotTaken), postgres.work() as transaction:
        transaction.save(build_change(transaction.entries(["2"])["2"], slot="number"))

    assert {"number": "1"} == dict(postgres.find_slot_holders(["number"]))


@pytest.mark.parametrize("make", [partial(build_send, slot="number"), _build_owning])
def test_what_a_slow_host_claims_keeps_a_worker_for_a_moment_only(
    postgres: PostgresStore, postgres_host: Host, make: Callable[[QueueEntry], Change]
) -> None:
    """A worker that wants a slot or ERP id of an open transaction is deferred for a moment."""
    dsn = postgres_host().info.dsn + " options=" + _options(postgres)
    patient = PostgresStore(dsn, wait=_TIME_LIMIT)
    save_change(patient, "2", build_acceptance)
    with _hold_open(patient, postgres_host) as slow:
        slow.save(make(slow.entries(["1"])["1"]))
    began = time.monotonic()
    with pytest.raises(StoreBusy), patient.work() as transaction:
        transaction.save(make(transaction.entries(["2"])["2"]))

    assert time.monotonic() - began < _MOMENT
    assert ExportStatus.ACCEPTED is patient.entries(["2"])[0].status
    patient.close()


def _options(store: PostgresStore) -> str:
    with store.transaction() as db:
        (schema,) = db.execute("SELECT current_schema()::text").fetchone() or ("",)
    return f"-csearch_path={schema}"


def test_an_owner_that_a_slow_host_repeats_is_not_waited_for(
    postgres: PostgresStore, postgres_host: Host
) -> None:
    """An ERP id with a committed owner is refused at once, although a host reserves it again."""
    save_change(postgres, "1", _build_owning)
    save_change(postgres, "2", build_acceptance)
    with _hold_open(postgres, postgres_host) as slow:
        slow.save(build_denied_change(slow.entries(["1"])["1"]))
    with pytest.raises(ErpIdTaken), postgres.work() as transaction:
        transaction.save(_build_owning(transaction.entries(["2"])["2"]))


def test_the_same_entry_is_waited_for_with_a_bound(
    postgres: PostgresStore, postgres_host: Host
) -> None:
    """If a host locks the worker's own entry, the worker waits within its bound, then StoreBusy."""
    save_change(postgres, "1")
    with _hold_open(postgres, postgres_host) as slow:
        slow.lock(["1"])
    began = time.monotonic()
    with pytest.raises(StoreBusy, match="locked the database for too long"):
        save_change(postgres, "1", build_denied_change)

    assert 0.4 < time.monotonic() - began < _MOMENT


def test_a_held_entry_is_skipped_by_those_who_look_for_work(
    postgres: PostgresStore, postgres_host: Host
) -> None:
    """An entry that another transaction locks is not due for others, and is not waited for."""
    save_change(postgres, "1", build_acceptance)
    save_change(postgres, "2", build_acceptance)
    with _hold_open(postgres, postgres_host) as slow:
        slow.lock(["1"])
    with postgres.work() as transaction:
        assert ["2"] == [entry.id for entry in transaction.find_due_entries(AT, ["paper"], 10)]


def test_the_feed_does_not_wait(postgres: PostgresStore, postgres_host: Host) -> None:
    """The open transaction of a host with new events does not delay consumers of the feed."""
    with _hold_open(postgres, postgres_host) as slow:
        slow.save(build_send(slow.entries(["slow"])["slow"]))
    save_change(postgres, "quick")
    assert ["quick"] == [stored.event.entry_id for stored in postgres.feed()]


def _run_in_thread(store: PostgresStore, key: str, make: Callable[[QueueEntry], Change]) -> None:
    """Run it in a thread, and close the thread's connection."""
    try:
        save_change(store, key, make)
    finally:
        store.close()


def _outcomes(*acts: Callable[[], object]) -> list[str]:
    """Run them at the same moment; return the kind of each one's error, in order."""
    outcomes: list[str] = []

    def try_write(act: Callable[[], object]) -> None:
        try:
            act()
            outcomes.append("done")
        except StoreError as error:
            outcomes.append(type(error).__name__)

    run_together(*(partial(try_write, act) for act in acts))
    return sorted(outcomes)


@pytest.mark.parametrize(
    ("make", "loser"),
    [(partial(build_send, slot="number"), "SlotTaken"), (_build_owning, "ErpIdTaken")],
)
def test_of_two_reservations_of_the_same_one_is_made(
    postgres: PostgresStore, dsn: str, make: Callable[[QueueEntry], Change], loser: str
) -> None:
    """Of two entries that reserve a slot, or an ERP id, at the same moment one is refused."""
    save_change(postgres, "1")
    save_change(postgres, "2")
    patient = PostgresStore(dsn, wait=_TIME_LIMIT)
    for _ in range(5):
        outcomes = _outcomes(
            partial(_run_in_thread, patient, "1", make), partial(_run_in_thread, patient, "2", make)
        )
        assert sorted(["done", loser]) == outcomes
        with postgres.transaction() as db:
            db.execute("TRUNCATE erp_number_slots, erp_document_owners")
        for key in ("1", "2"):
            save_change(postgres, key, partial(build_change, slot=None, holdings=()))


def test_one_claim_of_many_at_once(postgres: PostgresStore, dsn: str) -> None:
    """Several workers that claim at the same moment never get the same entry."""
    patient = PostgresStore(dsn, wait=_TIME_LIMIT)
    keys = [f"{number:02}" for number in range(20)]
    for key in keys:
        save_change(postgres, key, build_acceptance)
    got: list[str] = []

    def claim() -> None:
        for _ in range(10):
            with patient.work() as transaction:
                for entry in transaction.find_due_entries(AT, ["paper"], 2):
                    transaction.save(build_claim(entry, _HOUR))
                    got.append(entry.id)
        patient.close()

    run_together(claim, claim, claim, claim)

    assert keys == sorted(got)
    assert {1} == {entry.fencing for entry in postgres.entries()}


def test_a_fenced_off_worker_is_refused(postgres: PostgresStore) -> None:
    """A worker that writes an entry which another worker has claimed since gets StaleEntry."""
    save_change(postgres, "1", build_acceptance)
    old = save_change(postgres, "1", partial(build_claim, lease=-_HOUR))
    with postgres.work() as transaction:
        (found,) = transaction.find_due_entries(AT, ["paper"], 1)
        transaction.save(build_claim(found, _HOUR))
    with pytest.raises(StaleEntry), postgres.work() as transaction:
        transaction.save(build_denied_change(old))

    assert 2 == postgres.entries(["1"])[0].fencing


def test_threads_write_at_the_same_time(postgres: PostgresStore, dsn: str) -> None:
    """Threads that write to the same entry wait for each other, and lose nothing."""
    patient = PostgresStore(dsn, wait=_TIME_LIMIT)

    def write() -> None:
        for _ in range(10):
            save_change(patient, "5000", build_denied_change)
        patient.close()

    run_together(write, write, write, write)

    assert 40 == postgres.entries(["5000"])[0].seq
    assert verify(postgres.chains()).ok
    patient.close()


def test_batches_in_any_order_never_wait_in_a_circle(postgres: PostgresStore, dsn: str) -> None:
    """Batches of the same entries, new and old, in any order, all get through."""
    patient = PostgresStore(dsn, wait=_TIME_LIMIT)
    save_change(postgres, "07")
    keys = [f"{number:02}" for number in range(15)]

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(6):
            some = chance.sample(keys, 8)
            with patient.people() as transaction:
                entries = transaction.entries(some)
                for key in some:
                    transaction.save(build_denied_change(entries[key]))
        patient.close()

    run_together(*(partial(write, seed) for seed in range(4)))

    assert 1 + 4 * 6 * 8 == sum(entry.seq for entry in postgres.entries())
    assert verify(postgres.chains()).ok


def test_history_19_a_guarded_edit_keeps_the_send_out(
    postgres_queue: ExportQueue, postgres: PostgresStore, postgres_host: Host
) -> None:
    """While the host holds the guard that invoice cannot be sent; another one can."""
    db = postgres_host()
    db.execute("SELECT 1")
    (entry,) = postgres_queue.guard(["1"], on=db)
    assert ExportStatus.NOT_SENT is entry.status
    with pytest.raises(StoreBusy):
        postgres_queue.send(["1"], PM, connection=KEY)
    assert postgres_queue.send(["3"], PM, connection=KEY)[0].verdict
    db.commit()

    assert postgres_queue.send(["1"], PM, connection=KEY)[0].verdict

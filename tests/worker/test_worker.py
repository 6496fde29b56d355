"""A worker claims due entries, one after the other, and knows when to stop."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest

from erp_invoice_core import Action, AuditEvent, CommitUnknown, ExportStatus, StoreBusy
from erp_invoice_core import adapters as erp
from erp_invoice_core.flow import claim
from erp_invoice_core.worker import Worker
from tests.worker.harness import NOON, WorkerHarness
from tests.worker.killed_worker import WorkerKill
from tests.worker.scripted_erp import FlakyStore, ScriptedErp, WriteOnlyErp

ACCEPTED, EXPORTING, FAILED = ExportStatus.ACCEPTED, ExportStatus.EXPORTING, ExportStatus.FAILED
SYNCED, UNKNOWN = ExportStatus.SYNCED, ExportStatus.UNKNOWN


def test_everything_due_is_exported() -> None:
    """One run exports every accepted invoice and returns the final entry of each once."""
    harness = WorkerHarness()
    harness.accept("5000", "5001", "5002")

    results = harness.worker.run_once()

    assert [("5000", SYNCED), ("5001", SYNCED), ("5002", SYNCED)] == [
        (result.id, result.entry.status) for result in results
    ]
    assert 3 == len(harness.list_bills())
    harness.check_audit_log()


def test_nothing_due_is_nothing_done() -> None:
    """An invoice that is not accepted is not touched, and no worker connects to the ERP."""
    harness = WorkerHarness()
    harness.send("5000")

    assert [] == harness.worker.run_until_idle()
    assert 0 == harness.count_requests()["connect"]


def test_a_limit_counts_claims() -> None:
    """With a limit of one, one invoice is exported and the other left."""
    harness = WorkerHarness()
    harness.accept("5000", "5001")

    assert ["5000"] == [result.id for result in harness.worker.run_once(limit=1)]
    assert ACCEPTED is harness.get_status("5001")


def test_a_spent_budget_starts_nothing() -> None:
    """Without time left nothing is claimed."""
    harness = WorkerHarness()
    harness.accept("5000")

    assert [] == harness.worker.run_once(budget=0.0)
    assert ACCEPTED is harness.get_status()


def test_a_budget_lets_the_entry_in_hand_be_finished() -> None:
    """When the budget runs out, the current invoice is finished and no other begun."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.accept("5000", "5001")

    def slow() -> erp.Outcome:
        harness.clock.advance(11.0)
        return erp.Done(erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL))

    get_erp(harness).script("write", slow)
    assert ["5000"] == [result.id for result in harness.worker.run_once(budget=10.0)]
    assert (SYNCED, ACCEPTED) == (harness.get_status("5000"), harness.get_status("5001"))


def test_the_oldest_entry_is_first() -> None:
    """The invoice that was accepted first is exported first, whatever its id."""
    harness = WorkerHarness()
    harness.accept("5001")
    harness.clock.advance(1)
    harness.accept("5000")

    assert ["5001", "5000"] == [result.id for result in harness.worker.run_once()]


def test_until_idle_waits_for_the_lease_of_another() -> None:
    """Until idle, a worker waits for the end of another's lease, and takes over."""
    harness = WorkerHarness()
    harness.accept("5000")
    claim_and_vanish(harness, "5000", "gone", seconds=60)

    results = harness.worker.run_until_idle()

    assert [SYNCED] == [result.entry.status for result in results]
    assert harness.clock() >= NOON + timedelta(seconds=60)
    assert [Action.CLAIM, Action.RELEASE, Action.CLAIM] == harness.list_actions()[2:5]


def claim_and_vanish(harness: WorkerHarness, id_: str, holder: str, seconds: float) -> None:
    """Have another worker claim an entry, and never come back."""
    lease = timedelta(seconds=seconds)
    with harness.store.work() as transaction:
        entry = transaction.entries([id_])[id_]
        transaction.save(claim(entry, at=harness.clock(), holder=holder, lease=lease))


def test_a_live_lease_is_respected() -> None:
    """One run skips entries that another worker has claimed."""
    harness = WorkerHarness()
    harness.accept("5000")
    claim_and_vanish(harness, "5000", "busy", seconds=60)

    assert [] == harness.worker.run_once()
    assert EXPORTING is harness.get_status()


def test_until_idle_does_not_wait_for_what_is_due_later() -> None:
    """A worker that runs until idle does not wait for an entry that is deferred until tomorrow."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.accept("5000")
    tomorrow = NOON + timedelta(days=1)
    get_erp(harness).script("write", erp.Deferred(tomorrow, "Closed for the night."))

    assert [ACCEPTED] == [result.entry.status for result in harness.worker.run_until_idle()]
    assert (NOON, tomorrow) == (harness.clock(), harness.get_entry().due_at)


def get_erp(harness: WorkerHarness) -> ScriptedErp:
    """Return the scripted ERP of the set-up."""
    assert isinstance(harness.plugin, ScriptedErp)
    return harness.plugin


def test_a_stop_finishes_the_entry_in_hand() -> None:
    """Asked to stop during a call, a worker finishes that invoice and begins no other."""
    harness, stop = WorkerHarness(plugin=ScriptedErp()), Event()
    harness.accept("5000", "5001")

    def finish() -> erp.Outcome:
        stop.set()
        return erp.Done(erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL))

    get_erp(harness).script("write", finish)
    harness.worker.run(stop)

    assert (SYNCED, ACCEPTED) == (harness.get_status("5000"), harness.get_status("5001"))


def run_until(harness: WorkerHarness, until: timedelta, pause: float = 1.0) -> None:
    """Have a worker run until its clock has moved by a number of seconds."""
    stop = Event()

    def sleep(seconds: float) -> None:
        harness.clock.advance(seconds)
        if harness.clock() >= NOON + until:
            stop.set()

    worker = Worker(harness.queue, sleep=sleep, chance=lambda: 0.0, steady=harness.clock.seconds)
    worker.run(stop, pause)


def test_a_running_worker_pauses_when_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A running worker does all due work, then polls again after each pause."""
    harness, looks = WorkerHarness(), list[float]()
    harness.accept("5000", "5001")
    look = harness.store.find_due_entries

    def note(*asked: Any) -> object:  # noqa: ANN401 - passed on
        looks.append((harness.clock() - NOON).total_seconds())
        return look(*asked)

    monkeypatch.setattr(harness.store, "find_due_entries", note)
    run_until(harness, timedelta(seconds=20), pause=7.0)

    assert [0.0, 7.0, 14.0] == pytest.approx(sorted(set(looks)))
    assert 2 == len(harness.list_bills())


def test_a_running_worker_outlives_a_busy_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that other processes hold too long makes a running worker pause, not end."""
    harness, opens = WorkerHarness(), iter([True, False, False, False])
    harness.accept("5000")
    work = harness.store.work

    def be_busy() -> object:
        if next(opens, False):
            raise StoreBusy("Try again.")
        return work()

    monkeypatch.setattr(harness.store, "work", be_busy)
    run_until(harness, timedelta(seconds=2))

    assert SYNCED is harness.get_status()


def test_workers_have_names_of_their_own() -> None:
    """Two workers in one process have different names: a lease belongs to one of them."""
    harness = WorkerHarness()
    assert Worker(harness.queue).holder != Worker(harness.queue).holder


def test_an_entry_without_its_adapter_is_left() -> None:
    """An invoice of a connection that does not exist waits, and is not claimed."""
    harness = WorkerHarness()
    harness.accept("5000")
    other = WorkerHarness(plugin=WriteOnlyErp(), store=harness.store, clock=harness.clock)
    other.queue.connections = type(other.queue.connections)(erp.Adapters())

    assert [] == other.worker.run_until_idle()
    assert [Action.SEND, Action.ACCEPT] == harness.list_actions()


def test_an_unreachable_erp_defers() -> None:
    """Failure to connect writes nothing: the invoice stays accepted, and is due a little later."""
    harness = WorkerHarness()
    harness.accept("5000")
    harness.fake.ledger.inject("connect", "unreachable")

    harness.worker.run_once()

    assert (ACCEPTED, 1) == (harness.get_status(), harness.get_entry().deferrals)
    assert NOON + timedelta(seconds=5) == harness.get_entry().due_at
    assert "ConnectionRefusedError" in harness.queue.history("5000")[-1].facts["why"]


@pytest.mark.parametrize(("until", "expected"), [(NOON + timedelta(hours=1), False), (None, True)])
def test_a_session_that_is_deferred_to_a_time_opens_no_circuit_breaker(
    until: datetime | None,
    expected: bool,
) -> None:
    """An ERP that says when it opens a session is reachable, as with any other call."""
    harness = WorkerHarness(plugin=ScriptedErp())
    ids = [str(number) for number in range(5000, 5010)]
    harness.accept(*ids)
    get_erp(harness).script("connect", *[erp.Deferred(until, "Busy.")] * 10)

    harness.worker.run_until_idle()

    assert expected is harness.worker._context.find_limits("erp").breaker.is_open


def test_an_unreachable_erp_postpones_a_look_up() -> None:
    """If an invoice in doubt cannot be looked up, it stays in doubt, without a lease."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.accept("5000")
    get_erp(harness).script("write", TimeoutError())
    harness.worker.run_once()
    harness.clock.advance(300)
    get_erp(harness).script("connect", TimeoutError())
    harness.queue.connections.drop("erp")

    harness.worker.run_once()

    entry = harness.get_entry()
    assert (UNKNOWN, None, 1) == (entry.status, entry.lease, len(entry.in_doubt))
    assert entry.due_at is not None
    assert entry.due_at > harness.clock()


def test_deferrals_end() -> None:
    """After twenty deferrals in a row an export is given up, with nothing in doubt."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.accept("5000")
    get_erp(harness).script("check", *[erp.Deferred(NOON, "Busy.")] * 20)
    for _ in range(20):
        harness.worker.run_once()
        harness.clock.advance(3600)

    assert (FAILED, ["export.gave_up"]) == (harness.get_status(), harness.list_refusal_codes())
    assert [] == harness.worker.run_until_idle()


def test_lost_claims_end() -> None:
    """After five workers that never came back an export is given up, with nothing in doubt."""
    harness = WorkerHarness()
    harness.accept("5000")
    for number in range(5):
        claim_and_vanish(harness, "5000", f"gone-{number}", seconds=60)
        harness.clock.advance(61)
        harness.worker.run_once(limit=1)

    assert (FAILED, ["export.gave_up"]) == (harness.get_status(), harness.list_refusal_codes())


@pytest.mark.parametrize("loss", ["before", "after"])
def test_a_claim_whose_commit_gave_no_answer(loss: str) -> None:
    """The worker finds out if its claim was stored, and exports once in both cases."""
    store = FlakyStore()
    harness = WorkerHarness(store=store)
    harness.accept("5000")
    store.losses = [loss]

    harness.worker.run_until_idle()

    assert [("ACME-5000", "20025.45", "posted")] == harness.list_bills()
    assert 1 == harness.list_actions().count(Action.CLAIM)
    harness.check_audit_log()


def test_the_next_invoice_is_exported_though_one_is_stuck() -> None:
    """A result that the store refuses is recorded later by another thread; the lane goes on."""
    store, taken = FlakyStore(), Event()
    harness = WorkerHarness(plugin=ScriptedErp(), store=store)
    harness.accept("5000", "5001")
    order: list[str] = []

    def lose() -> erp.Outcome:
        store.losses = ["before"] * 3
        return erp.Done(erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL))

    def note(event: AuditEvent) -> None:
        order.append(f"{event.entry_id} {event.action.value}")
        if event.entry_id == "5000" and event.action is Action.POST:
            taken.set()

    get_erp(harness).script("write", lose)
    harness.queue.observe = note
    harness.worker.run_once()

    assert SYNCED is harness.get_status("5001")
    assert taken.wait(10)
    assert SYNCED is harness.get_status("5000")
    assert ["B-1"] == [held.receipt.erp_id for held in harness.get_entry("5000").living]


def test_events_are_observed_once_committed() -> None:
    """The queue's observer receives every event of a worker, in order, once."""
    harness = WorkerHarness()
    harness.accept("5000")
    harness.worker.run_once()

    assert list(harness.queue.history("5000")) == harness.seen


def test_an_expired_lease_with_a_call_in_doubt_is_unknown() -> None:
    """If a worker ends during a call, the entry is in doubt; the next worker looks it up."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.accept("5000")
    death = WorkerKill()
    get_erp(harness).script("write", death.request)
    with pytest.raises(KeyboardInterrupt):
        harness.build_worker("worker-1", calls=death.build_caller).run_once()
    harness.clock.advance(61)

    other = harness.build_worker("worker-2")
    other.run_once()

    assert UNKNOWN is harness.get_status()
    # 60 s of the lease and 30 s to settle: absence counts from then on.
    assert NOON + timedelta(seconds=90) == harness.get_entry().due_at
    harness.clock.advance(30)
    other.run_once()
    assert (SYNCED, 2) == (harness.get_status(), get_erp(harness).count_calls("write"))
    assert ["5000/1/1/bill", "5000/1/2/bill"] == [key for key, _ in get_erp(harness).writes]


def test_a_lost_commit_of_nothing_is_nothing() -> None:
    """If nothing is due, a lost answer of the store stops no worker."""
    store = FlakyStore()
    harness = WorkerHarness(store=store)
    store.losses = ["after"]
    try:
        assert [] == harness.worker.run_once()
    except CommitUnknown:
        pytest.fail("Nothing was to be stored.")


def test_a_lease_is_a_timedelta() -> None:
    """A number of seconds is refused with the type to use."""
    lease: Any = 60
    with pytest.raises(TypeError, match=r"as timedelta\(seconds=60\), and not int"):
        Worker(WorkerHarness().queue, lease=lease)

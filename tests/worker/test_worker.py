"""A worker claims due entries, one after the other, and knows when to stop."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from erp_invoice_core import Action, AuditEvent, CommitUnknown, ExportStatus, StoreBusy
from erp_invoice_core import adapters as erp
from erp_invoice_core.flow import claim
from erp_invoice_core.worker import Worker
from tests.worker.harness import NOON, Office
from tests.worker.killed_worker import Death
from tests.worker.scripted_erp import FlakyStore, Mute, Scripted

ACCEPTED, EXPORTING, FAILED = ExportStatus.ACCEPTED, ExportStatus.EXPORTING, ExportStatus.FAILED
SYNCED, UNKNOWN = ExportStatus.SYNCED, ExportStatus.UNKNOWN


def test_everything_due_is_exported() -> None:
    """One run exports every accepted invoice and returns the final entry of each once."""
    office = Office()
    office.accept("5000", "5001", "5002")

    results = office.worker.run_once()

    assert [("5000", SYNCED), ("5001", SYNCED), ("5002", SYNCED)] == [
        (result.id, result.entry.status) for result in results
    ]
    assert 3 == len(office.bills())
    office.check()


def test_nothing_due_is_nothing_done() -> None:
    """An invoice that is not accepted is not touched, and no worker connects to the ERP."""
    office = Office()
    office.send("5000")

    assert [] == office.worker.run_until_idle()
    assert 0 == office.asked()["connect"]


def test_a_limit_counts_claims() -> None:
    """With a limit of one, one invoice is exported and the other left."""
    office = Office()
    office.accept("5000", "5001")

    assert ["5000"] == [result.id for result in office.worker.run_once(limit=1)]
    assert ACCEPTED is office.status("5001")


def test_a_spent_budget_starts_nothing() -> None:
    """Without time left nothing is claimed."""
    office = Office()
    office.accept("5000")

    assert [] == office.worker.run_once(budget=0.0)
    assert ACCEPTED is office.status()


def test_a_budget_lets_the_entry_in_hand_be_finished() -> None:
    """When the budget runs out, the current invoice is finished and no other begun."""
    office = Office(plugin=Scripted())
    office.accept("5000", "5001")

    def slow() -> erp.Outcome:
        office.clock.advance(11.0)
        return erp.Done(erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL))

    scripted(office).answer("write", slow)
    assert ["5000"] == [result.id for result in office.worker.run_once(budget=10.0)]
    assert (SYNCED, ACCEPTED) == (office.status("5000"), office.status("5001"))


def test_the_oldest_entry_is_first() -> None:
    """The invoice that was accepted first is exported first, whatever its id."""
    office = Office()
    office.accept("5001")
    office.clock.advance(1)
    office.accept("5000")

    assert ["5001", "5000"] == [result.id for result in office.worker.run_once()]


def test_until_idle_waits_for_the_lease_of_another() -> None:
    """Until idle, a worker waits for the end of another's lease, and takes over."""
    office = Office()
    office.accept("5000")
    taken(office, "5000", "gone", seconds=60)

    results = office.worker.run_until_idle()

    assert [SYNCED] == [result.entry.status for result in results]
    assert office.clock() >= NOON + timedelta(seconds=60)
    assert [Action.CLAIM, Action.RELEASE, Action.CLAIM] == office.actions()[2:5]


def taken(office: Office, id_: str, holder: str, seconds: float) -> None:
    """Have another worker claim an entry, and never come back."""
    lease = timedelta(seconds=seconds)
    with office.store.work() as transaction:
        entry = transaction.entries([id_])[id_]
        transaction.save(claim(entry, at=office.clock(), holder=holder, lease=lease))


def test_a_live_lease_is_respected() -> None:
    """One run skips entries that another worker has claimed."""
    office = Office()
    office.accept("5000")
    taken(office, "5000", "busy", seconds=60)

    assert [] == office.worker.run_once()
    assert EXPORTING is office.status()


def test_until_idle_does_not_wait_for_what_is_due_later() -> None:
    """A worker that runs until idle does not wait for an entry that is deferred until tomorrow."""
    office = Office(plugin=Scripted())
    office.accept("5000")
    tomorrow = NOON + timedelta(days=1)
    scripted(office).answer("write", erp.Deferred(tomorrow, "Closed for the night."))

    assert [ACCEPTED] == [result.entry.status for result in office.worker.run_until_idle()]
    assert (NOON, tomorrow) == (office.clock(), office.entry().due_at)


def scripted(office: Office) -> Scripted:
    """Return the scripted ERP of the set-up."""
    assert isinstance(office.plugin, Scripted)
    return office.plugin


def test_a_stop_finishes_the_entry_in_hand() -> None:
    """Asked to stop during a call, a worker finishes that invoice and begins no other."""
    office, stop = Office(plugin=Scripted()), Event()
    office.accept("5000", "5001")

    def stopping() -> erp.Outcome:
        stop.set()
        return erp.Done(erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL))

    scripted(office).answer("write", stopping)
    office.worker.run(stop)

    assert (SYNCED, ACCEPTED) == (office.status("5000"), office.status("5001"))


def running(office: Office, until: timedelta, pause: float = 1.0) -> None:
    """Have a worker run until its clock has moved by a number of seconds."""
    stop = Event()

    def sleep(seconds: float) -> None:
        office.clock.advance(seconds)
        if office.clock() >= NOON + until:
            stop.set()

    worker = Worker(office.queue, sleep=sleep, chance=lambda: 0.0, steady=office.clock.seconds)
    worker.run(stop, pause)


def test_a_running_worker_pauses_when_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A running worker does all due work, then polls again after each pause."""
    office, looks = Office(), list[float]()
    office.accept("5000", "5001")
    work = office.store.work

    def noted() -> object:
        looks.append((office.clock() - NOON).total_seconds())
        return work()

    monkeypatch.setattr(office.store, "work", noted)
    running(office, timedelta(seconds=20), pause=7.0)

    assert [0.0, 7.0, 14.0] == pytest.approx(sorted(set(looks)))
    assert 2 == len(office.bills())


def test_a_running_worker_outlives_a_busy_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that other processes hold too long makes a running worker pause, not end."""
    office, opens = Office(), iter([True, False, False, False])
    office.accept("5000")
    work = office.store.work

    def busy() -> object:
        if next(opens, False):
            raise StoreBusy("Try again.")
        return work()

    monkeypatch.setattr(office.store, "work", busy)
    running(office, timedelta(seconds=2))

    assert SYNCED is office.status()


def test_workers_have_names_of_their_own() -> None:
    """Two workers in one process have different names: a lease belongs to one of them."""
    office = Office()
    assert Worker(office.queue).holder != Worker(office.queue).holder


def test_an_entry_without_its_adapter_is_left() -> None:
    """An invoice of a connection that does not exist waits, and is not claimed."""
    office = Office()
    office.accept("5000")
    other = Office(plugin=Mute(), store=office.store, clock=office.clock)
    other.queue.connections = type(other.queue.connections)(erp.Adapters())

    assert [] == other.worker.run_until_idle()
    assert [Action.SEND, Action.ACCEPT] == office.actions()


def test_an_unreachable_erp_defers() -> None:
    """Failure to connect writes nothing: the invoice stays accepted, and is due a little later."""
    office = Office()
    office.accept("5000")
    office.fake.shelf.inject("connect", "unreachable")

    office.worker.run_once()

    assert (ACCEPTED, 1) == (office.status(), office.entry().deferrals)
    assert NOON + timedelta(seconds=5) == office.entry().due_at
    assert "ConnectionRefusedError" in office.queue.history("5000")[-1].facts["why"]


def test_an_unreachable_erp_postpones_a_look_up() -> None:
    """If an invoice in doubt cannot be looked up, it stays in doubt, without a lease."""
    office = Office(plugin=Scripted())
    office.accept("5000")
    scripted(office).answer("write", TimeoutError())
    office.worker.run_once()
    office.clock.advance(300)
    scripted(office).answer("connect", TimeoutError())
    office.queue.connections.drop("erp")

    office.worker.run_once()

    entry = office.entry()
    assert (UNKNOWN, None, 1) == (entry.status, entry.lease, len(entry.in_doubt))
    assert entry.due_at is not None
    assert entry.due_at > office.clock()


def test_deferrals_end() -> None:
    """After twenty deferrals in a row an export is given up, with nothing in doubt."""
    office = Office(plugin=Scripted())
    office.accept("5000")
    scripted(office).answer("check", *[erp.Deferred(NOON, "Busy.")] * 20)
    for _ in range(20):
        office.worker.run_once()
        office.clock.advance(3600)

    assert (FAILED, ["export.gave_up"]) == (office.status(), office.codes())
    assert [] == office.worker.run_until_idle()


def test_lost_claims_end() -> None:
    """After five workers that never came back an export is given up, with nothing in doubt."""
    office = Office()
    office.accept("5000")
    for number in range(5):
        taken(office, "5000", f"gone-{number}", seconds=60)
        office.clock.advance(61)
        office.worker.run_once(limit=1)

    assert (FAILED, ["export.gave_up"]) == (office.status(), office.codes())


@pytest.mark.parametrize("loss", ["before", "after"])
def test_a_claim_whose_commit_gave_no_answer(loss: str) -> None:
    """The worker finds out if its claim was stored, and exports once in both cases."""
    store = FlakyStore()
    office = Office(store=store)
    office.accept("5000")
    store.losses = [loss]

    office.worker.run_until_idle()

    assert [("ACME-5000", "20025.45", "posted")] == office.bills()
    assert 1 == office.actions().count(Action.CLAIM)
    office.check()


def test_the_next_invoice_is_exported_though_one_is_stuck() -> None:
    """A result that the store refuses is recorded later by another thread; the lane goes on."""
    store, taken = FlakyStore(), Event()
    office = Office(plugin=Scripted(), store=store)
    office.accept("5000", "5001")
    order: list[str] = []

    def losing() -> erp.Outcome:
        store.losses = ["before"] * 3
        return erp.Done(erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL))

    def noted(event: AuditEvent) -> None:
        order.append(f"{event.entry_id} {event.action.value}")
        if event.entry_id == "5000" and event.action is Action.POST:
            taken.set()

    scripted(office).answer("write", losing)
    office.queue.observe = noted
    office.worker.run_once()

    assert SYNCED is office.status("5001")
    assert taken.wait(10)
    assert SYNCED is office.status("5000")
    assert ["B-1"] == [held.receipt.erp_id for held in office.entry("5000").living]


def test_events_are_observed_once_committed() -> None:
    """The queue's observer receives every event of a worker, in order, once."""
    office = Office()
    office.accept("5000")
    office.worker.run_once()

    assert list(office.queue.history("5000")) == office.seen


def test_an_expired_lease_with_a_call_in_doubt_is_unknown() -> None:
    """If a worker ends during a call, the entry is in doubt; the next worker looks it up."""
    office = Office(plugin=Scripted())
    office.accept("5000")
    death = Death()
    scripted(office).answer("write", death.come)
    with pytest.raises(KeyboardInterrupt):
        office.hired("worker-1", calls=death.caller).run_once()
    office.clock.advance(61)

    other = office.hired("worker-2")
    other.run_once()

    assert UNKNOWN is office.status()
    # 60 s of the lease and 30 s to settle: absence counts from then on.
    assert NOON + timedelta(seconds=90) == office.entry().due_at
    office.clock.advance(30)
    other.run_once()
    assert (SYNCED, 2) == (office.status(), scripted(office).count("write"))
    assert ["5000/1/1/bill", "5000/1/2/bill"] == [key for key, _ in scripted(office).written]


def test_a_lost_commit_of_nothing_is_nothing() -> None:
    """If nothing is due, a lost answer of the store stops no worker."""
    store = FlakyStore()
    office = Office(store=store)
    store.losses = ["after"]
    try:
        assert [] == office.worker.run_once()
    except CommitUnknown:
        pytest.fail("Nothing was to be stored.")


def test_a_lease_is_a_timedelta() -> None:
    """A number of seconds is refused with the type to use."""
    lease: Any = 60
    with pytest.raises(TypeError, match=r"as in timedelta\(seconds=60\), not as int"):
        Worker(Office().queue, lease=lease)

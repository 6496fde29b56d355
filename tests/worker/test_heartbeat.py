"""A worker renews its lease during a call; a lost lease is not won back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import Action, ExportStatus, MemoryStore, StoreBusy
from erp_invoice_core import adapters as erp
from erp_invoice_core.flow import claim
from erp_invoice_core.worker import Worker
from tests.worker.harness import NOON, WorkerHarness
from tests.worker.scripted_erp import TERMS, ScriptedErp, build_declaration
from tests.worker.simulated_caller import SimulatedCaller

if TYPE_CHECKING:
    from erp_invoice_core import AuditEvent

SYNCED, UNKNOWN = ExportStatus.SYNCED, ExportStatus.UNKNOWN
#: The calls of an export to the scripted ERP, by number: connect, check and find come first.
STEPS, CONNECT, CHECK, FIND, WRITE = 1, 0, 2, 3, 4
PATIENT_TERMS = attrs.evolve(TERMS, time_limit=timedelta(seconds=200))


def build_harness(takes: dict[int, float]) -> tuple[WorkerHarness, SimulatedCaller]:
    """Return a set-up whose calls take that long, and its worker, with a lease of 60 s."""
    harness = WorkerHarness(plugin=ScriptedErp(build_declaration(PATIENT_TERMS)))
    harness.accept("5000")
    caller = SimulatedCaller(harness.clock, takes)
    harness.worker = build_worker(harness, caller)
    return harness, caller


def build_worker(
    harness: WorkerHarness, caller: SimulatedCaller, holder: str = "worker-1"
) -> Worker:
    """Return a worker that uses that caller."""
    return Worker(
        harness.queue,
        holder=holder,
        calls=lambda: caller,
        chance=lambda: 0.0,
        sleep=harness.clock.advance,
        steady=harness.clock.seconds,
    )


def list_renewals(harness: WorkerHarness) -> list[AuditEvent]:
    """Return every renewal of the lease of invoice 5000."""
    return [event for event in harness.queue.history("5000") if "lease" in event.facts]


def test_a_long_call_keeps_its_lease() -> None:
    """A call of 150 s under a lease of 60 s renews it every 20 s, and no other worker claims it."""
    harness, _ = build_harness({WRITE: 150.0})
    harness.worker.run_once()

    assert SYNCED is harness.get_status()
    expected = [NOON + timedelta(seconds=20 * time) for time in range(1, 8)]
    assert expected == [event.at for event in list_renewals(harness)]
    assert {Action.RECORD} == {event.action for event in list_renewals(harness)}
    harness.check_audit_log()


def test_a_renewal_holds_for_a_lease_from_then_on() -> None:
    """During a call the lease ends 60 s after the last renewal."""
    harness, _ = build_harness({WRITE: 150.0})
    seen = []

    def note(event: AuditEvent) -> None:
        if "lease" in event.facts:
            entry = harness.get_entry()
            assert entry.lease is not None
            seen.append(entry.lease.until - event.at)

    harness.queue.observe = note
    harness.worker.run_once()
    assert {timedelta(seconds=60)} == set(seen)


def test_what_was_promised_at_the_start_stays() -> None:
    """Renewals change neither the hand-over deadline nor the moment from which absence counts."""
    harness, caller = build_harness({WRITE: 250.0})
    assert isinstance(harness.plugin, ScriptedErp)
    harness.worker.run_once(limit=1)
    for late in caller.abandoned:
        late()

    (call,) = harness.get_entry().calls
    assert NOON + timedelta(seconds=60) == call.lease_until
    assert [NOON + timedelta(seconds=60)] == harness.plugin.deadlines


@pytest.mark.parametrize("slow", [CONNECT, STEPS, CHECK, FIND])
def test_every_kind_of_call_keeps_the_lease(slow: int) -> None:
    """A slow connection, plan, check or look-up does not lose the claim either."""
    harness, _ = build_harness({slow: 25.0})
    harness.worker.run_once()
    assert (SYNCED, 1) == (harness.get_status(), len(list_renewals(harness)))


def test_a_lease_that_was_lost_is_not_won_back() -> None:
    """After another worker freed the entry there is no renewal; the answer is late evidence."""
    harness, _ = build_harness({WRITE: 150.0})

    def answer_late(event: AuditEvent) -> None:
        if "lease" in event.facts:
            harness.clock.advance(61)
            harness.build_worker("worker-2").run_once(limit=1)
            assert UNKNOWN is harness.get_status()

    harness.queue.observe = answer_late
    harness.worker.run_once(limit=1)

    assert (1, Action.SIGHT) == (len(list_renewals(harness)), harness.list_actions()[-1])


def test_a_name_that_is_used_again_keeps_no_orphan_alive() -> None:
    """A new worker with the name of a dead one renews only the leases that it claimed itself."""
    harness, _ = build_harness({})
    with harness.store.work() as transaction:
        entry = transaction.entries(["5000"])["5000"]
        made = claim(entry, at=NOON, holder="worker-1", lease=timedelta(seconds=60))
        transaction.save(made)
    harness.accept("5001")
    again = build_worker(harness, SimulatedCaller(harness.clock, {WRITE: 150.0}))

    again.run_once(limit=1)

    assert SYNCED is harness.get_status("5001")
    assert [] == list_renewals(harness)
    again.run_until_idle()
    assert (SYNCED, 1) == (harness.get_status(), harness.get_entry().lost_claims)


def test_a_renewal_that_the_store_does_not_take_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the store is busy at one heartbeat, nothing is lost: the next one renews."""
    harness, _ = build_harness({WRITE: 50.0})
    work, busy = MemoryStore.work, [False] * 100

    def work_if_free(store: MemoryStore) -> object:
        if busy.pop(0):
            raise StoreBusy("Try again.")
        return work(store)

    def note(event: AuditEvent) -> None:
        if event.action is Action.START:
            # The worker prepares the next entry without a transaction before the first heartbeat.
            busy[:1] = [True]

    harness.queue.observe = note
    monkeypatch.setattr(MemoryStore, "work", work_if_free)
    harness.worker.run_once()

    assert [NOON + timedelta(seconds=40)] == [event.at for event in list_renewals(harness)]
    assert SYNCED is harness.get_status()


def test_a_call_beyond_its_limit_is_in_doubt() -> None:
    """A call beyond the limit of its step is abandoned, and the entry is unknown."""
    harness, caller = build_harness({WRITE: 200.0})
    harness.worker.run_once(limit=1)

    assert (UNKNOWN, 1, 1) == (
        harness.get_status(),
        len(harness.get_entry().in_doubt),
        len(caller.abandoned),
    )
    assert "no answer in time" in harness.queue.history("5000")[-1].facts["why"]


def test_the_answer_of_an_abandoned_call_is_late_evidence() -> None:
    """The late answer of the ERP makes the entry synced; nothing is written again."""
    harness, caller = build_harness({WRITE: 200.0})
    assert isinstance(harness.plugin, ScriptedErp)
    harness.worker.run_once(limit=1)
    caller.abandoned[0]()
    assert (Action.SIGHT, ["B-1"]) == (
        harness.list_actions()[-1],
        [held.receipt.erp_id for held in harness.get_entry().living],
    )

    harness.worker.run_once()
    assert (SYNCED, 1) == (harness.get_status(), harness.plugin.count_calls("write"))
    harness.check_audit_log()


def test_a_refusal_of_an_abandoned_call_settles_it() -> None:
    """A late refusal settles the call: the next attempt fails with the ERP's reasons."""
    harness, caller = build_harness({WRITE: 200.0})
    assert isinstance(harness.plugin, ScriptedErp)
    no = erp.Refused(erp.deny(erp.Denial("scripted.closed", "Open it.", erp.Source.ERP)))
    harness.plugin.script("write", no, no)
    harness.worker.run_once(limit=1)
    caller.abandoned[0]()
    assert (UNKNOWN, ()) == (harness.get_status(), harness.get_entry().in_doubt)

    harness.worker.run_once()
    assert ["scripted.closed"] == harness.list_refusal_codes()


@pytest.mark.parametrize("number", [CONNECT, STEPS, CHECK, FIND])
def test_a_call_before_the_write_beyond_its_limit_defers(number: int) -> None:
    """If a call before the first write hangs, the export is deferred, and is synced later."""
    limits = 30.0 if number in {CONNECT, STEPS, CHECK} else 200.0
    harness, caller = build_harness({number: limits})
    assert isinstance(harness.plugin, ScriptedErp)
    harness.worker.run_once()
    entry = harness.get_entry()
    assert (ExportStatus.ACCEPTED, 1, ()) == (entry.status, entry.deferrals, entry.calls)

    for late in caller.abandoned:
        late()
    harness.clock.advance(10)
    harness.worker.run_once()
    assert (SYNCED, 1) == (harness.get_status(), harness.plugin.count_calls("write"))


def test_a_late_look_brings_found_and_never_absent() -> None:
    """The late answer of an abandoned look-up counts only if it found the document."""
    harness, caller = build_harness({WRITE: 0.0})
    plugin = harness.plugin
    assert isinstance(plugin, ScriptedErp)
    plugin.script("write", TimeoutError())
    harness.worker.run_once()
    # Connect and find of the look-up.
    caller.durations = {caller.count + 1: 200.0, caller.count + 3: 200.0}
    harness.clock.advance(300)
    plugin.script("find", erp.Absent(harness.clock() + timedelta(hours=1)))
    harness.worker.run_once()
    caller.abandoned[0]()
    assert (UNKNOWN, 1) == (harness.get_status(), len(harness.get_entry().in_doubt))

    harness.clock.advance(3700)
    held = erp.Contents(
        vendor="V-ACME",
        number="ACME-5000",
        amount=harness.get_entry().document.due,  # type: ignore[union-attr]  # it was sent
        date=harness.get_entry().document.billing_date,  # type: ignore[union-attr]  # the same
        key="5000/1/1/bill",
    )
    found = erp.Receipt(step="bill", erp_id="B-7", role=erp.Role.BILL)
    plugin.script("find", erp.Found(found, held))
    harness.worker.run_once()
    caller.abandoned[1]()
    assert ((), ["B-7"]) == (
        harness.get_entry().in_doubt,
        [one.receipt.erp_id for one in harness.get_entry().living],
    )

    harness.worker.run_once()
    assert (SYNCED, 1) == (harness.get_status(), plugin.count_calls("write"))
    harness.check_audit_log()

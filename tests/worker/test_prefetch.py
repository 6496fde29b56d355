"""The next entry is claimed in the transaction of the last answer, if that is safe."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import Action, ExportStatus, MemoryStore
from erp_invoice_core import adapters as erp
from erp_invoice_core.flow import claim
from erp_invoice_core.worker.candidates import Candidates
from tests.worker.harness import (
    APPROVER,
    NOON,
    SENDER,
    WorkerHarness,
    build_document,
    check_allowed,
)
from tests.worker.scripted_erp import (
    FlakyStore,
    ScriptedErp,
    WriteOnlyErp,
    build_declaration,
    build_receipt,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.stores import WorkTransaction

FAILED, SYNCED = ExportStatus.FAILED, ExportStatus.SYNCED
#: It makes one document per key itself, so no look-up comes first.
ENFORCED = erp.StepTerms(
    look_up=erp.LookUp.KEY, settles_within=timedelta(seconds=30), enforces_key=True
)
BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
JOBS = 10


class Counted(MemoryStore):
    """A store that counts the transactions that saved something."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: list[int] = []

    @contextmanager
    def work(self) -> Iterator[WorkTransaction]:
        """Open the worker's port, and note how many events are added."""
        before = len(self._tables.feed)
        with super().work() as transaction:
            yield transaction
        if len(self._tables.feed) > before:
            self.counts.append(len(self._tables.feed) - before)


class Unchecked(WriteOnlyErp):
    """An ERP with a plan and a look-up, and without a check."""

    def __init__(self, terms: erp.StepTerms, *steps: erp.Step) -> None:
        counts = build_declaration(
            terms, withdraw=erp.WithdrawForm.IMPOSSIBLE, unlink=erp.UnlinkForm.FREE
        )
        super().__init__(counts)
        self.steps = steps or (BILL,)

    @erp.hookimpl
    def erp_steps(self) -> object:
        """Return the plan."""
        self.calls.append(("steps", None))
        return self.steps

    @erp.hookimpl
    def erp_find(self, request: erp.ExportRequest, keys: tuple[str, ...]) -> object:
        """Find nothing."""
        return self._pop_answer("find", erp.Absent(request.deadline), keys)


def count_events_per_commit(plugin: object) -> list[int]:
    """Return how many events each transaction of ten exports wrote."""
    store = Counted()
    harness = WorkerHarness(plugin=plugin, store=store)
    harness.accept(*(f"5{number:03}" for number in range(JOBS)))
    harness.worker.run_once()
    assert {SYNCED} == {entry.status for entry in harness.queue.entries()}
    harness.check_audit_log()
    return store.counts


def test_one_commit_for_each_export_of_one_step() -> None:
    """The answer, the next claim and its start are one transaction: ten jobs, and two to begin."""
    expected = [1, 1, *[3] * (JOBS - 1), 1]
    assert expected == count_events_per_commit(Unchecked(ENFORCED))


def test_two_commits_for_each_export_of_two_steps() -> None:
    """The receipt of the first step and the start of the second are one transaction."""
    steady = [2, 3]
    expected = [1, 1, *steady * (JOBS - 1), 2, 1]
    assert expected == count_events_per_commit(Unchecked(ENFORCED, BILL, POST))


def test_one_more_where_a_look_up_must_come_first() -> None:
    """The next entry is only claimed with the answer; its look-up comes under its own lease."""
    terms = attrs.evolve(ENFORCED, enforces_key=False)
    assert [1, 1, *[2, 1] * (JOBS - 1), 1] == count_events_per_commit(Unchecked(terms))


def test_one_more_where_the_erp_has_a_check() -> None:
    """The check of the ERP is asked under a lease."""
    assert [1, 1, *[2, 1] * (JOBS - 1), 1] == count_events_per_commit(
        ScriptedErp(build_declaration(ENFORCED))
    )


def test_nothing_is_started_ahead_without_a_look_up() -> None:
    """A start that cannot be looked up after a crash would need a person."""
    assert [1, 1, *[2, 1] * (JOBS - 1), 1] == count_events_per_commit(WriteOnlyErp())


def test_facts_are_asked_anew_for_what_was_prepared() -> None:
    """Every export is judged once, from facts of its own."""
    harness = WorkerHarness(plugin=Unchecked(ENFORCED))
    harness.accept("5000", "5001", "5002")
    harness.host.requests = 0
    harness.worker.run_once()
    assert 3 == harness.host.requests


def test_what_changed_since_it_was_prepared_is_judged_again() -> None:
    """If a person takes back the prepared entry before its claim, it is not exported."""
    plugin = Unchecked(ENFORCED)
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000", "5001", "5002")

    def answer() -> erp.Outcome:
        prepared_by.append(harness.host.requests)
        check_allowed(harness.queue.reject(["5001"], APPROVER, reason="Not this one."))
        return erp.Done(build_receipt("B-1"))

    prepared_by: list[int] = []
    plugin.script("write", answer)
    harness.worker.run_once()

    assert [ExportStatus.REJECTED, SYNCED, SYNCED] == [
        harness.get_status(id_) for id_ in ("5001", "5000", "5002")
    ]
    assert ["5000/1/1/bill", "5002/1/1/bill"] == [key for key, _ in plugin.writes]
    harness.check_audit_log()


def test_what_the_facts_deny_is_not_started_ahead() -> None:
    """A document that changed since it was accepted is refused in the usual way."""
    plugin = Unchecked(ENFORCED)
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000", "5001")
    harness.host.add(build_document("5001", due="15000.00"))
    harness.worker.run_once()

    assert (FAILED, ["export.changed"]) == (
        harness.get_status("5001"),
        harness.list_refusal_codes("5001"),
    )
    assert 1 == len(plugin.writes)


def test_a_number_that_is_taken_is_not_started_ahead() -> None:
    """The second of two invoices with one number is refused, and the third exported."""
    plugin = Unchecked(ENFORCED)
    harness = WorkerHarness(plugin=plugin)
    ids = ("5000", "5001", "5002")
    harness.host.add(*(attrs.evolve(build_document(id_), invoice_number="A-1") for id_ in ids[:2]))
    harness.host.add(build_document("5002"))
    check_allowed(harness.queue.send(ids, SENDER, connection="erp"))
    check_allowed(harness.queue.accept(ids, APPROVER))
    harness.worker.run_once()

    assert [SYNCED, FAILED, SYNCED] == [harness.get_status(id_) for id_ in ids]
    assert ["export.number_taken"] == harness.list_refusal_codes("5001")
    harness.check_audit_log()


@pytest.mark.parametrize("outcome", [erp.Unknown("?"), erp.Deferred(None, "No line.")])
def test_nothing_is_prefetched_after_a_lost_answer(outcome: erp.Outcome) -> None:
    """After a call without an answer the next entry is not claimed with it."""
    plugin, store = Unchecked(ENFORCED), Counted()
    plugin.script("write", outcome)
    harness = WorkerHarness(plugin=plugin, store=store)
    harness.accept("5000", "5001")
    harness.worker.run_once(limit=2)

    # Claim, start, answer; and the same for the other one.
    assert [1, 1, 1, 1, 1, 1] == store.counts
    assert SYNCED is harness.get_status("5001")


def test_a_limit_counts_prefetched_entries() -> None:
    """With a limit of two, two are claimed, whether prefetched or not."""
    harness = WorkerHarness(plugin=Unchecked(ENFORCED))
    harness.accept("5000", "5001", "5002")

    assert ["5000", "5001"] == [each.id for each in harness.worker.run_once(limit=2)]
    assert ExportStatus.ACCEPTED is harness.get_status("5002")


def test_a_look_up_that_is_due_is_not_overtaken() -> None:
    """A look-up that is due before the next export comes before it."""
    plugin = Unchecked(ENFORCED)
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    plugin.script("write", TimeoutError())
    harness.worker.run_once()
    harness.clock.advance(3600)
    harness.accept("5001", "5002")
    harness.clock.advance(3600)
    plugin.calls.clear()
    harness.worker.run_once(limit=3)

    # The look-up finds nothing, so that its next attempt follows after the others.
    assert ["find", "write", "write"] == [
        name for name, _ in plugin.calls if name in {"find", "write"}
    ]


@pytest.mark.parametrize("loss", ["before", "after"])
@pytest.mark.parametrize("place", range(6))
def test_any_commit_may_give_no_answer(place: int, loss: str) -> None:
    """If the answer of any one commit is lost, stored or not, each invoice is written once."""
    store, plugin = FlakyStore(), Unchecked(ENFORCED)
    harness = WorkerHarness(plugin=plugin, store=store)
    harness.accept("5000", "5001", "5002")
    store.losses = [*[""] * place, loss]
    harness.worker.run_until_idle()

    written = Counter(key for key, _ in plugin.writes)
    assert {"5000/1/1/bill": 1, "5001/1/1/bill": 1, "5002/1/1/bill": 1} == written
    assert {SYNCED} == {entry.status for entry in harness.queue.entries()}
    harness.check_audit_log()


def test_a_claim_that_was_never_stored_is_not_worked_on() -> None:
    """If the commit of the answer is given up, the claim in it is not worked on."""
    store, plugin = FlakyStore(), Unchecked(ENFORCED)
    harness = WorkerHarness(plugin=plugin, store=store)
    harness.accept("5000", "5001")

    def lose() -> erp.Outcome:
        # The worker prepares the next entry; then the store refuses the answer three times.
        store.losses = ["before"] * 4
        return erp.Done(build_receipt("B-1"))

    plugin.script("write", lose)
    harness.worker.run_once(limit=1)

    assert Action.CLAIM not in harness.list_actions("5001")
    assert [key for key, _ in plugin.writes] == ["5000/1/1/bill"]


def test_a_lane_that_lost_its_entry_chooses_among_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane that lost its prepared entry claims another, and prepares from more entries then."""
    plugin, choose, has_chosen = Unchecked(ENFORCED), Candidates.choose, Event()

    def choose_visibly(*given: Any) -> object:  # noqa: ANN401 - passed on
        chosen = choose(*given)
        has_chosen.set()
        return chosen

    monkeypatch.setattr(Candidates, "choose", choose_visibly)
    harness = WorkerHarness(plugin=plugin)
    ids = ("5000", "5001", "5002", "5003")
    harness.accept(*ids)

    def rob() -> erp.Outcome:
        assert has_chosen.wait(60)
        with harness.store.work() as transaction:
            (first,) = transaction.find_due_entries(harness.clock(), ["erp"], 1)
            lease = timedelta(seconds=60)
            taken.append(first.id)
            transaction.save(claim(first, at=NOON, holder="faster", lease=lease))
        return erp.Done(build_receipt("B-100"))

    taken: list[str] = []
    plugin.script("write", rob)
    harness.worker.run_once(limit=2)

    assert (["5001"], ["5000/1/1/bill", "5002/1/1/bill"]) == (
        taken,
        [key for key, _ in plugin.writes],
    )
    assert 2 == harness.worker._context.candidates._find_batch("erp").width
    harness.check_audit_log()

"""A withdrawal removes one document after the other, and reads back after a lost answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from erp_invoice_core import Action, ExportStatus
from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import erp_client
from tests.worker.harness import APPROVER, WorkerHarness, check_allowed
from tests.worker.killed_worker import WorkerKill
from tests.worker.scripted_erp import ScriptedErp, build_contents, build_receipt

FAILED = ExportStatus.FAILED
BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
RELEASE = erp.Step("release", "bill", erp.Role.RELEASE)
NO = erp.Refused(erp.deny(erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP)))


def build_withdrawal(*steps: erp.Step) -> tuple[WorkerHarness, ScriptedErp]:
    """Return a set-up whose last step was refused, with a requested withdrawal; and its ERP."""
    plugin = ScriptedErp(None, *steps)
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    made = [
        erp.Done(build_receipt(f"B-{number}", step.name, step.role))
        for number, step in enumerate(steps[:-1], 1)
    ]
    plugin.script("write", *made, NO)
    harness.worker.run_once()
    check_allowed(harness.queue.withdraw(["5000"], APPROVER))
    return harness, plugin


def get_state(harness: WorkerHarness) -> tuple[ExportStatus, bool, int]:
    """Return the status, whether a withdrawal is pending, and how many documents exist."""
    entry = harness.get_entry()
    return (entry.status, entry.withdrawing, len(entry.living))


def test_what_was_left_is_removed() -> None:
    """The document is removed by a call of its own, and recorded as gone."""
    harness, plugin = build_withdrawal(BILL, POST)
    assert (FAILED, True, 1) == get_state(harness)
    harness.worker.run_until_idle()

    assert (FAILED, False, 0) == get_state(harness)
    assert 1 == plugin.count_calls("withdraw")
    assert [Action.CLAIM, Action.START, Action.RECORD] == harness.list_actions()[-3:]
    harness.check_audit_log()


def test_several_documents_are_removed_the_youngest_first() -> None:
    """Of a bill and a release the release is removed first."""
    harness, plugin = build_withdrawal(BILL, RELEASE, POST)
    harness.worker.run_until_idle()

    assert [("withdraw", "B-2"), ("withdraw", "B-1")] == [
        called for called in plugin.calls if called[0] == "withdraw"
    ]
    assert (FAILED, False, 0) == get_state(harness)


def test_a_removal_has_the_time_limit_of_the_kind_of_its_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The step ``release`` is of the kind ``bill``, for which the ERP declares the limit."""
    harness, _ = build_withdrawal(BILL, RELEASE, POST)
    asked: list[str] = []
    limit = erp_client.find_time_limit

    def note(adapter: erp.Adapter, kind: str) -> float:
        asked.append(kind)
        return limit(adapter, kind)

    monkeypatch.setattr(erp_client, "find_time_limit", note)
    harness.worker.run_until_idle()

    assert ["bill", "bill"] == [kind for kind in asked if kind != "connect"]


def test_a_refused_removal_stays_with_a_person() -> None:
    """If the ERP refuses the removal, the document stays a leftover, with the ERP's reasons."""
    harness, plugin = build_withdrawal(BILL, POST)
    plugin.script("withdraw", NO)
    harness.worker.run_until_idle()

    assert (FAILED, False, 1) == get_state(harness)
    assert ["scripted.closed"] == harness.list_refusal_codes()


def test_a_lost_answer_is_read_back() -> None:
    """After a removal without an answer the document is read by its id."""
    harness, plugin = build_withdrawal(BILL, POST)
    plugin.script("withdraw", TimeoutError())
    harness.worker.run_until_idle()
    assert (FAILED, True, 1) == get_state(harness)
    assert 1 == len(harness.get_entry().in_doubt)

    harness.clock.advance(3600)
    plugin.script("read", erp.Gone(harness.clock()))
    harness.worker.run_until_idle()

    assert (FAILED, False, 0) == get_state(harness)
    assert 1 == plugin.count_calls("withdraw")


def test_a_document_that_is_still_there_is_removed_again() -> None:
    """If it is still there once a late request must be dead, its removal is asked for again."""
    harness, plugin = build_withdrawal(BILL, POST)
    plugin.script("withdraw", TimeoutError())
    harness.worker.run_until_idle()
    harness.clock.advance(3600)
    plugin.script("read", build_contents())
    harness.worker.run_until_idle()
    harness.clock.advance(2)
    harness.worker.run_until_idle()

    assert (FAILED, False, 0) == get_state(harness)
    assert 2 == plugin.count_calls("withdraw")


def test_reading_in_vain_leaves_the_doubt() -> None:
    """If the document cannot be read, the removal stays in doubt, and there is no second call."""
    harness, plugin = build_withdrawal(BILL, POST)
    plugin.script("withdraw", TimeoutError())
    harness.worker.run_until_idle()
    plugin.script("read", RuntimeError("down"))
    harness.clock.advance(3600)
    harness.worker.run_until_idle()

    assert (1, 1) == (plugin.count_calls("withdraw"), plugin.count_calls("read"))
    assert 1 == len(harness.get_entry().in_doubt)


def test_a_deferred_removal_is_asked_again() -> None:
    """A removal that was not sent is due again at the moment that the ERP gave."""
    harness, plugin = build_withdrawal(BILL, POST)
    later = harness.clock() + timedelta(minutes=10)
    plugin.script("withdraw", erp.Deferred(later, "Busy."))
    harness.worker.run_until_idle()
    assert (FAILED, True, 1) == get_state(harness)
    assert later == harness.get_entry().due_at

    harness.clock.advance(600)
    harness.worker.run_until_idle()
    assert (FAILED, False, 0) == get_state(harness)


def test_removals_deferred_for_ever_come_to_a_person() -> None:
    """After the last deferral of a removal a person can act on the invoice again."""
    harness, plugin = build_withdrawal(BILL, POST)
    plugin.script("withdraw", *(erp.Deferred(None, "Busy.") for _ in range(60)))
    for _ in range(40):
        harness.worker.run_until_idle()
        harness.clock.advance(90_000)

    assert (FAILED, False, 1) == get_state(harness)
    check_allowed(harness.queue.retry(["5000"], APPROVER))


def test_late_evidence_of_a_removal_is_kept() -> None:
    """A removal whose answer comes after its lease ended is recorded: the document is gone."""
    harness, plugin = build_withdrawal(BILL, POST)

    def slow() -> erp.Outcome:
        harness.clock.advance(61)
        plugin.script("read", RuntimeError("down"))
        harness.build_worker("worker-2").run_once(limit=1)
        return erp.Done(build_receipt())

    plugin.script("withdraw", slow)
    harness.worker.run_until_idle()
    harness.clock.advance(3600)
    harness.worker.run_until_idle()

    assert (FAILED, False) == get_state(harness)[:2]
    assert () == harness.get_entry().in_doubt
    assert 1 == plugin.count_calls("withdraw")


def test_evidence_ends_the_lease_of_a_worker_that_is_gone() -> None:
    """A removal by hand, with evidence, ends the lease of a worker that ended."""
    harness, plugin = build_withdrawal(BILL, POST)
    death = WorkerKill()
    plugin.script("withdraw", death.request)
    with pytest.raises(KeyboardInterrupt):
        harness.build_worker("worker-1", calls=death.build_caller).run_once()
    harness.clock.advance(61)
    check_allowed(harness.queue.withdraw(["5000"], APPROVER, evidence="Deleted on the screen."))

    assert (None, None) == (harness.get_entry().lease, harness.get_entry().due_at)
    assert [] == harness.build_worker("worker-2").run_until_idle()

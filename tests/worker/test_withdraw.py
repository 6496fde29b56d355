"""A withdrawal removes one document after the other, and reads back after a lost answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from erp_invoice_core import Action, ExportStatus
from erp_invoice_core import adapters as erp
from tests.worker.harness import APPROVER, Office, ok
from tests.worker.killed_worker import Death
from tests.worker.scripted_erp import Scripted, contents, receipt

FAILED = ExportStatus.FAILED
BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
RELEASE = erp.Step("release", "bill", erp.Role.RELEASE)
NO = erp.Refused(erp.deny(erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP)))


def left(*steps: erp.Step) -> tuple[Office, Scripted]:
    """Return a set-up whose last step was refused, with a requested withdrawal; and its ERP."""
    plugin = Scripted(None, *steps)
    desk = Office(plugin=plugin)
    desk.accept("5000")
    made = [
        erp.Done(receipt(f"B-{number}", step.name, step.role))
        for number, step in enumerate(steps[:-1], 1)
    ]
    plugin.answer("write", *made, NO)
    desk.worker.run_once()
    ok(desk.queue.withdraw(["5000"], APPROVER))
    return desk, plugin


def state(desk: Office) -> tuple[ExportStatus, bool, int]:
    """Return the status, whether a withdrawal is pending, and how many documents exist."""
    entry = desk.entry()
    return (entry.status, entry.withdrawing, len(entry.living))


def test_what_was_left_is_removed() -> None:
    """The document is removed by a call of its own, and recorded as gone."""
    desk, plugin = left(BILL, POST)
    assert (FAILED, True, 1) == state(desk)
    desk.worker.run_until_idle()

    assert (FAILED, False, 0) == state(desk)
    assert 1 == plugin.count("withdraw")
    assert [Action.CLAIM, Action.START, Action.RECORD] == desk.actions()[-3:]
    desk.check()


def test_several_documents_are_removed_the_youngest_first() -> None:
    """Of a bill and a release the release is removed first."""
    desk, plugin = left(BILL, RELEASE, POST)
    desk.worker.run_until_idle()

    assert [("withdraw", "B-2"), ("withdraw", "B-1")] == [
        called for called in plugin.calls if called[0] == "withdraw"
    ]
    assert (FAILED, False, 0) == state(desk)


def test_a_refused_removal_stays_with_a_person() -> None:
    """If the ERP refuses the removal, the document stays a leftover, with the ERP's reasons."""
    desk, plugin = left(BILL, POST)
    plugin.answer("withdraw", NO)
    desk.worker.run_until_idle()

    assert (FAILED, False, 1) == state(desk)
    assert ["scripted.closed"] == desk.codes()


def test_a_lost_answer_is_read_back() -> None:
    """After a removal without an answer the document is read by its id."""
    desk, plugin = left(BILL, POST)
    plugin.answer("withdraw", TimeoutError())
    desk.worker.run_until_idle()
    assert (FAILED, True, 1) == state(desk)
    assert 1 == len(desk.entry().in_doubt)

    desk.clock.advance(3600)
    plugin.answer("read", erp.Gone(desk.clock()))
    desk.worker.run_until_idle()

    assert (FAILED, False, 0) == state(desk)
    assert 1 == plugin.count("withdraw")


def test_a_document_that_is_still_there_is_removed_again() -> None:
    """If it is still there once a late request must be dead, its removal is asked for again."""
    desk, plugin = left(BILL, POST)
    plugin.answer("withdraw", TimeoutError())
    desk.worker.run_until_idle()
    desk.clock.advance(3600)
    plugin.answer("read", contents())
    desk.worker.run_until_idle()
    desk.clock.advance(2)
    desk.worker.run_until_idle()

    assert (FAILED, False, 0) == state(desk)
    assert 2 == plugin.count("withdraw")


def test_reading_in_vain_leaves_the_doubt() -> None:
    """If the document cannot be read, the removal stays in doubt, and there is no second call."""
    desk, plugin = left(BILL, POST)
    plugin.answer("withdraw", TimeoutError())
    desk.worker.run_until_idle()
    plugin.answer("read", RuntimeError("down"))
    desk.clock.advance(3600)
    desk.worker.run_until_idle()

    assert (1, 1) == (plugin.count("withdraw"), plugin.count("read"))
    assert 1 == len(desk.entry().in_doubt)


def test_a_deferred_removal_is_asked_again() -> None:
    """A removal that was not sent is due again at the moment that the ERP gave."""
    desk, plugin = left(BILL, POST)
    later = desk.clock() + timedelta(minutes=10)
    plugin.answer("withdraw", erp.Deferred(later, "Busy."))
    desk.worker.run_until_idle()
    assert (FAILED, True, 1) == state(desk)
    assert later == desk.entry().due_at

    desk.clock.advance(600)
    desk.worker.run_until_idle()
    assert (FAILED, False, 0) == state(desk)


def test_removals_deferred_for_ever_come_to_a_person() -> None:
    """After the last deferral of a removal a person can act on the invoice again."""
    desk, plugin = left(BILL, POST)
    plugin.answer("withdraw", *(erp.Deferred(None, "Busy.") for _ in range(60)))
    for _ in range(40):
        desk.worker.run_until_idle()
        desk.clock.advance(90_000)

    assert (FAILED, False, 1) == state(desk)
    ok(desk.queue.retry(["5000"], APPROVER))


def test_late_evidence_of_a_removal_is_kept() -> None:
    """A removal whose answer comes after its lease ended is recorded: the document is gone."""
    desk, plugin = left(BILL, POST)

    def slow() -> erp.Outcome:
        desk.clock.advance(61)
        plugin.answer("read", RuntimeError("down"))
        desk.hired("worker-2").run_once(limit=1)
        return erp.Done(receipt())

    plugin.answer("withdraw", slow)
    desk.worker.run_until_idle()
    desk.clock.advance(3600)
    desk.worker.run_until_idle()

    assert (FAILED, False) == state(desk)[:2]
    assert () == desk.entry().in_doubt
    assert 1 == plugin.count("withdraw")


def test_evidence_ends_the_lease_of_a_worker_that_is_gone() -> None:
    """A removal by hand, with evidence, ends the lease of a worker that ended."""
    desk, plugin = left(BILL, POST)
    death = Death()
    plugin.answer("withdraw", death.come)
    with pytest.raises(KeyboardInterrupt):
        desk.hired("worker-1", calls=death.caller).run_once()
    desk.clock.advance(61)
    ok(desk.queue.withdraw(["5000"], APPROVER, evidence="Deleted on the screen."))

    assert (None, None) == (desk.entry().lease, desk.entry().due_at)
    assert [] == desk.hired("worker-2").run_until_idle()

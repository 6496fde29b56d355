"""A worker without its lease writes nothing; answers that it gets are late evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import attrs
import pytest

from erp_invoice_core import Action, ExportStatus, QueueEntry, Worker
from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import Answer
from erp_invoice_core.worker.job import list_taken
from tests.worker.harness import APPROVER, NOON, Office, document, ok
from tests.worker.scripted_erp import Scripted, contents, declaration, receipt

BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
NO = erp.Refused(erp.deny(erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP)))
SYNCED, UNKNOWN = ExportStatus.SYNCED, ExportStatus.UNKNOWN


def stale(outcome: erp.Outcome, *steps: erp.Step) -> tuple[Office, Scripted]:
    """Return a set-up whose worker got this answer after another worker had freed the entry."""
    plugin = Scripted(None, *steps)
    desk = Office(plugin=plugin)
    desk.accept("5000")

    def slow() -> erp.Outcome:
        desk.clock.advance(61)
        desk.hired("worker-2").run_once(limit=1)
        assert UNKNOWN is desk.status()
        return outcome

    plugin.answer("write", slow)
    desk.worker.run_once(limit=1)
    return desk, plugin


def test_a_stale_receipt_is_sighted() -> None:
    """A late receipt settles its call, and the entry is synced."""
    desk, plugin = stale(erp.Done(receipt("B-7")))
    assert (Action.SIGHT, [Answer.RECEIPT]) == (
        desk.actions()[-1],
        [call.answer for call in desk.entry().calls],
    )
    desk.worker.run_once()

    assert (SYNCED, 1) == (desk.status(), plugin.count("write"))
    desk.check()


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        (NO, Answer.REFUSED),
        (erp.Deferred(None, "Busy."), Answer.DEFERRED),
        (erp.Unknown("?"), None),
    ],
)
def test_a_stale_answer_settles_its_call_and_moves_nothing(
    outcome: erp.Outcome, answer: Answer | None
) -> None:
    """A late refusal or deferral is recorded; the status waits for the next worker."""
    desk, _ = stale(outcome)
    assert (UNKNOWN, [answer]) == (desk.status(), [call.answer for call in desk.entry().calls])


def test_a_stale_worker_does_not_write_the_next_step() -> None:
    """After a late answer to the first step, the worker with the lease writes the second."""
    desk, plugin = stale(erp.Done(receipt()), BILL, POST)
    assert ["5000/1/1/bill"] == [key for key, _ in plugin.written]

    desk.worker.run_once()
    assert ["5000/1/1/bill", "5000/1/1/post"] == [key for key, _ in plugin.written]
    assert SYNCED is desk.status()


def test_a_worker_without_its_lease_starts_nothing() -> None:
    """If another worker took over during a check that outlasted the lease, nothing is written."""
    plugin = Scripted()
    desk = Office(plugin=plugin)
    desk.accept("5000")

    def slow() -> erp.Verdict:
        desk.clock.advance(61)
        desk.hired("worker-2").run_once()
        assert SYNCED is desk.status()
        return erp.Verdict()

    plugin.answer("check", slow)
    desk.worker.run_once(limit=1)

    assert (SYNCED, 1) == (desk.status(), plugin.count("write"))


def test_a_late_document_on_a_rejected_invoice_is_known() -> None:
    """A late receipt of an invoice that was resolved as absent and rejected locks it again."""
    plugin = Scripted()
    desk = Office(plugin=plugin)
    desk.accept("5000")

    def slow() -> erp.Outcome:
        desk.clock.advance(3600)
        plugin.answer("find", lambda: erp.Absent(desk.clock()), erp.CannotTell("Not now."))
        plugin.answer("check", NO.verdict)
        desk.hired("worker-2").run_until_idle()
        ok(desk.queue.reject(["5000"], APPROVER, reason="Not now."))
        return erp.Done(receipt("B-7"))

    plugin.answer("write", slow)
    desk.worker.run_once(limit=1)

    assert (UNKNOWN, ["B-7"]) == (
        desk.status(),
        [held.receipt.erp_id for held in desk.entry().living],
    )
    (result,) = desk.queue.why_not(["5000"], APPROVER, Action.RESEND)
    assert "export.draft_left" in [denial.code for denial in result.verdict.denials]


def test_a_broken_session_is_opened_anew() -> None:
    """After a call without an answer the next call connects again."""
    plugin = Scripted()
    desk = Office(plugin=plugin)
    desk.accept("5000")
    plugin.answer("write", TimeoutError())
    desk.worker.run_once()
    desk.accept("5001")
    desk.worker.run_once()

    assert 2 == plugin.count("connect")


def test_a_deadline_is_in_the_time_of_this_machine() -> None:
    """If the store's clock and the machine's differ, deadlines are in the machine's time."""
    plugin = Scripted()
    desk = Office(plugin=plugin)
    desk.accept("5000")
    wrong = NOON + timedelta(days=400)
    worker = Worker(desk.queue, wall=lambda: wrong)
    worker.run_once()

    assert [wrong + timedelta(seconds=20)] == plugin.deadlines
    assert [NOON + timedelta(seconds=60)] == [call.lease_until for call in desk.entry().calls]


# === A document belongs to its owner; without a key, possibly to the holder of its number.

ERP = declaration()
ENTRY = QueueEntry(id="5000", connection="erp", document=document(), digest=document().digest)


@attrs.frozen
class Held:
    """The answers of a store: the owner of document B-1, and the holder of every number."""

    owner: tuple[str, int] | None
    holder: str | None

    def owners(self, _connection: str, _erp_ids: object) -> dict[str, tuple[str, int]]:
        """Return the owner of the document."""
        return {} if self.owner is None else {"B-1": self.owner}

    def slot_holders(self, slots: list[str]) -> dict[str, str]:
        """Return the holder of each number."""
        return {} if self.holder is None else dict.fromkeys(slots, self.holder)


@pytest.mark.parametrize(
    ("owner", "holder", "key", "taken"),
    [
        (None, None, None, set()),
        (("5000", 1), "5000", None, set()),
        (("5001", 1), None, "5000/1/1/bill", {"B-1"}),
        (("5000", 0), None, "5000/1/1/bill", {"B-1"}),
        (None, "5001", None, {"B-1"}),
        (None, "5001", "5000/1/1/bill", set()),
    ],
)
def test_a_document_may_belong_to_another(
    owner: tuple[str, int] | None, holder: str | None, key: str | None, taken: set[str]
) -> None:
    """Another entry or generation owns it; without a key, the holder of the number may."""
    receipt = erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL)
    found = erp.Found(receipt, contents(key=key))

    store = cast("Any", Held(owner, holder))
    assert taken == list_taken(store, ENTRY, ERP, [found])

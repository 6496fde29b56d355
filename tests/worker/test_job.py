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
from tests.worker.harness import APPROVER, NOON, WorkerHarness, build_document, check_allowed
from tests.worker.scripted_erp import ScriptedErp, build_contents, build_declaration, build_receipt

BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
NO = erp.Refused(erp.deny(erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP)))
SYNCED, UNKNOWN = ExportStatus.SYNCED, ExportStatus.UNKNOWN


def build_stale_worker(outcome: erp.Outcome, *steps: erp.Step) -> tuple[WorkerHarness, ScriptedErp]:
    """Return a set-up whose worker got this answer after another worker had freed the entry."""
    plugin = ScriptedErp(None, *steps)
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")

    def slow() -> erp.Outcome:
        harness.clock.advance(61)
        harness.build_worker("worker-2").run_once(limit=1)
        assert UNKNOWN is harness.get_status()
        return outcome

    plugin.script("write", slow)
    harness.worker.run_once(limit=1)
    return harness, plugin


def test_a_stale_receipt_is_sighted() -> None:
    """A late receipt settles its call, and the entry is synced."""
    harness, plugin = build_stale_worker(erp.Done(build_receipt("B-7")))
    assert (Action.SIGHT, [Answer.RECEIPT]) == (
        harness.list_actions()[-1],
        [call.answer for call in harness.get_entry().calls],
    )
    harness.worker.run_once()

    assert (SYNCED, 1) == (harness.get_status(), plugin.count_calls("write"))
    harness.check_audit_log()


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
    harness, _ = build_stale_worker(outcome)
    assert (UNKNOWN, [answer]) == (
        harness.get_status(),
        [call.answer for call in harness.get_entry().calls],
    )


def test_a_stale_worker_does_not_write_the_next_step() -> None:
    """After a late answer to the first step, the worker with the lease writes the second."""
    harness, plugin = build_stale_worker(erp.Done(build_receipt()), BILL, POST)
    assert ["5000/1/1/bill"] == [key for key, _ in plugin.writes]

    harness.worker.run_once()
    assert ["5000/1/1/bill", "5000/1/1/post"] == [key for key, _ in plugin.writes]
    assert SYNCED is harness.get_status()


def test_a_worker_without_its_lease_starts_nothing() -> None:
    """If another worker took over during a check that outlasted the lease, nothing is written."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")

    def slow() -> erp.Verdict:
        harness.clock.advance(61)
        harness.build_worker("worker-2").run_once()
        assert SYNCED is harness.get_status()
        return erp.Verdict()

    plugin.script("check", slow)
    harness.worker.run_once(limit=1)

    assert (SYNCED, 1) == (harness.get_status(), plugin.count_calls("write"))


def test_a_late_document_on_a_rejected_invoice_is_known() -> None:
    """A late receipt of an invoice that was resolved as absent and rejected locks it again."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")

    def slow() -> erp.Outcome:
        harness.clock.advance(3600)
        plugin.script("find", lambda: erp.Absent(harness.clock()), erp.CannotTell("Not now."))
        plugin.script("check", NO.verdict)
        harness.build_worker("worker-2").run_until_idle()
        check_allowed(harness.queue.reject(["5000"], APPROVER, reason="Not now."))
        return erp.Done(build_receipt("B-7"))

    plugin.script("write", slow)
    harness.worker.run_once(limit=1)

    assert (UNKNOWN, ["B-7"]) == (
        harness.get_status(),
        [held.receipt.erp_id for held in harness.get_entry().living],
    )
    (result,) = harness.queue.why_not(["5000"], APPROVER, Action.RESEND)
    assert "export.draft_left" in [denial.code for denial in result.verdict.denials]


def test_a_broken_session_is_opened_anew() -> None:
    """After a call without an answer the next call connects again."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000", "5001")
    plugin.calls.clear()
    plugin.script("write", TimeoutError())
    harness.worker.run_once()

    assert 2 == plugin.count_calls("connect")


def test_a_deadline_is_in_the_time_of_this_machine() -> None:
    """If the store's clock and the machine's differ, deadlines are in the machine's time."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    wrong = NOON + timedelta(days=400)
    worker = Worker(harness.queue, wall=lambda: wrong)
    worker.run_once()

    assert [wrong + timedelta(seconds=20)] == plugin.deadlines
    assert [NOON + timedelta(seconds=60)] == [
        call.lease_until for call in harness.get_entry().calls
    ]


# === A document belongs to its owner; without a key, possibly to the holder of its number.

ERP = build_declaration()
ENTRY = QueueEntry(
    id="5000", connection="erp", document=build_document(), digest=build_document().digest
)


@attrs.frozen
class FakeOwnership:
    """The answers of a store: the owner of document B-1, and the holder of every number."""

    owner: tuple[str, int] | None
    holder: str | None

    def find_owners(self, _connection: str, _erp_ids: object) -> dict[str, tuple[str, int]]:
        """Return the owner of the document."""
        return {} if self.owner is None else {"B-1": self.owner}

    def find_slot_holders(self, slots: list[str]) -> dict[str, str]:
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
    found = erp.Found(receipt, build_contents(key=key))

    store = cast("Any", FakeOwnership(owner, holder))
    assert taken == list_taken(store, ENTRY, ERP, [found])

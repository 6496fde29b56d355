"""Histories of doubt: late, lost and repeated answers, and look-ups that find nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from erp_invoice_core.declaration import LookUp, NumberScope, Replay
from erp_invoice_core.documents import Answer
from erp_invoice_core.exchange import Absent
from erp_invoice_core.flow import Resolution
from erp_invoice_core.testing.store_wrappers import Loss, LossyStore
from erp_invoice_core.vocabulary import Action, ExportStatus

from .machine import Machine
from .scripted_erp import delay_request, lose_answer, lose_request, run_between, send_nothing

if TYPE_CHECKING:
    from erp_invoice_core.stores import Store

__all__ = [
    "history_01",
    "history_02",
    "history_03",
    "history_07",
    "history_08",
    "history_13",
    "history_14",
    "history_17",
    "history_18",
    "history_23",
]

ABSENT = Resolution(absent=True)


def _machine(store: Store, **terms: Any) -> Machine:  # noqa: ANN401 - terms as ``declared`` takes them
    machine = Machine(store, **terms)
    machine.send_and_accept()
    return machine


def history_01(store: Store) -> None:
    """The first create answers only after a second one was made and lost its answer."""
    machine = _machine(store)

    def run() -> None:
        del machine.erp.documents["D-1"]
        machine.wait_until(200)
        machine.erp.will("bill", lose_answer)
        machine.work("w2")
        assert ExportStatus.UNKNOWN is machine.stands()

    machine.erp.will("bill", run_between(run))
    machine.work("w1", limit=1)

    assert [Answer.ABSENT, None] == [call.answer for call in machine.entry().calls]
    assert ExportStatus.UNKNOWN is machine.stands()
    assert ["D-1"] == [held.receipt.erp_id for held in machine.entry().living]
    machine.wait_until(300)
    machine.work("w2")
    assert ExportStatus.FAILED is machine.stands()
    assert {"D-1", "D-2"} == {held.receipt.erp_id for held in machine.entry().living}
    assert ["D-2"] == list(machine.erp.documents)
    assert ["export.draft_left"] == machine.retry()
    assert [] == machine.withdraw()
    machine.work("w2")
    assert [] == machine.retry()
    machine.work("w2")
    assert ExportStatus.SYNCED is machine.stands()
    assert ["D-3"] == list(machine.erp.documents)


def history_02(store: Store) -> None:
    """A repeat under the key is deferred: the first call stays in doubt, and nothing is re-sent."""
    machine = _machine(store, settles=None, replay=Replay.EVERYTHING)
    machine.erp.will("bill", delay_request, send_nothing)
    machine.work()
    machine.wait_until(300)
    machine.work()

    assert [None, Answer.DEFERRED] == [call.answer for call in machine.entry().calls]
    assert ExportStatus.UNKNOWN is machine.stands()
    assert machine.reject()
    machine.erp.arrive()
    machine.wait_until(4000)
    machine.work()
    assert ExportStatus.SYNCED is machine.stands()
    assert ["A/1/1/bill"] * 2 == machine.erp.writes
    assert ["D-1"] == list(machine.erp.documents)


def history_03(store: Store) -> None:
    """The call is given up at once; its request is carried out within the lease that it had."""
    machine = _machine(store)
    machine.erp.will("bill", delay_request)
    machine.work()
    assert machine.entry().lease is None
    machine.wait_until(40)  # settling takes 30 s: counted from now it would be over
    machine.work()
    machine.wait_until(80)  # within the lease (60 s) and the settling after it
    machine.erp.arrive()
    machine.wait_until(90)
    machine.work()

    assert ExportStatus.SYNCED is machine.stands()
    assert ["D-1"] == list(machine.erp.documents)


def history_07(store: Store) -> None:
    """An honest person looks in the ERP too early; the late request is carried out."""
    machine = _machine(store)
    machine.erp.will("bill", delay_request)
    machine.work()
    machine.wait_until(10)

    assert ["export.not_settled"] == machine.rule(ABSENT)
    assert machine.retry()
    machine.erp.arrive()
    machine.wait_until(90)
    machine.work()
    assert ExportStatus.SYNCED is machine.stands()
    assert ["D-1"] == list(machine.erp.documents)


def history_08(store: Store) -> None:
    """A resolution for an old version arrives after a retry and a new unknown."""
    machine = _machine(store, settles=None)
    machine.erp.will("bill", lose_request, lose_answer)
    machine.work()
    seen = machine.entry().version
    assert [] == machine.rule(ABSENT)
    assert [] == machine.retry()
    machine.work()
    assert ExportStatus.UNKNOWN is machine.stands()

    assert ["entry.changed"] == machine.rule(ABSENT, expect=seen)
    assert ExportStatus.UNKNOWN is machine.stands()
    machine.wait_until(300)
    machine.work()
    assert ExportStatus.SYNCED is machine.stands()
    assert ["D-1"] == list(machine.erp.documents)


def history_13(store: Store) -> None:
    """The amount is edited in the ERP: the look-up cannot decide, and nothing is made again."""
    machine = _machine(store)
    machine.erp.will("bill", lose_answer)
    machine.work()
    machine.erp.documents["D-1"].amount = Decimal(17000)
    for day in range(1, 9):
        machine.wait_until(86400 * day)
        machine.work()

    assert (ExportStatus.UNKNOWN, None) == (machine.stands(), machine.entry().due_at)
    assert 1 == len(machine.erp.writes)
    assert [] == machine.rule(Resolution(synced={"": "D-1"}))
    assert ExportStatus.SYNCED is machine.stands()


def history_14(store: Store) -> None:
    """A person types the same bill by hand before ours is carried out: it is never adopted."""
    machine = _machine(store, settles=7200, look_up=LookUp.NUMBER, keeps_keys=False)
    machine.erp.will("bill", delay_request)
    machine.work()
    machine.type_by_hand()
    machine.wait_until(300)
    machine.work()
    assert ExportStatus.UNKNOWN is machine.stands()
    assert () == machine.entry().holdings
    machine.erp.arrive()
    machine.wait_until(86400)
    machine.work()

    assert ExportStatus.UNKNOWN is machine.stands()
    assert 1 == len(machine.erp.writes)
    assert [] == machine.rule(Resolution(synced={"": "D-1"}))
    assert ["D-1"] == [held.receipt.erp_id for held in machine.entry().living]


def history_17(store: Store) -> None:
    """A look-up by number finds the bill of another commitment: it belongs to its own invoice."""
    terms: dict[str, Any] = {"look_up": LookUp.NUMBER, "number_scope": NumberScope.COMMITMENT}
    machine = _machine(store, **terms, keeps_keys=False)
    machine.work()
    assert ExportStatus.SYNCED is machine.stands()
    machine.bill("B", commitment_id="200", commitment_origin_id="C-200", commitment_number="SC-2")
    machine.send_and_accept("B")
    machine.erp.on_find.append(Absent(machine.now()))
    machine.erp.will("bill", lose_request)
    machine.work()
    machine.wait_until(100)
    machine.work()

    assert ExportStatus.UNKNOWN is machine.entry("B").status
    assert () == machine.entry("B").holdings
    assert ["D-1"] == [held.receipt.erp_id for held in machine.entry("A").living]


def history_18(store: Store) -> None:
    """A paused worker brings a receipt after its entry was resolved as failed and rejected."""
    machine = _machine(store, settles=None)

    def run() -> None:
        machine.wait_until(100)
        machine.work("w2")
        assert [] == machine.rule(ABSENT)
        assert [] == machine.reject()
        assert machine.may(Action.EDIT)

    machine.erp.will("bill", run_between(run, before=True))
    machine.work("w1", limit=1)

    assert ExportStatus.UNKNOWN is machine.stands()
    assert ["D-1"] == [held.receipt.erp_id for held in machine.entry().living]
    assert machine.is_locked
    machine.work("w2")
    assert ExportStatus.FAILED is machine.stands()
    assert machine.is_locked
    assert [] == machine.withdraw()
    machine.work("w2")
    assert [] == machine.reject()
    assert [] == machine.edit("15000")
    assert {} == machine.erp.documents


def history_23(store: Store, loss: Loss) -> None:
    """The answer of the commit of a start is lost: the worker reads before anything else."""
    lossy = LossyStore(store)
    machine = _machine(lossy)

    def lose_next() -> None:
        lossy.loss = loss

    machine.erp.on_check = lose_next
    machine.work()

    assert ExportStatus.SYNCED is machine.stands()
    assert [Answer.RECEIPT] == [call.answer for call in machine.entry().calls]
    assert ["D-1"] == list(machine.erp.documents)
    starts = [event for event in lossy.events("A") if event.action is Action.START]
    assert 1 == len(starts)

"""Histories of consent: only accepted content is booked, and a leftover is withdrawn first."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from erp_invoice_core.flow import Resolution
from erp_invoice_core.vocabulary import Action, ExportStatus
from tests.worker.killed_worker import WorkerKill

from .machine import Machine
from .scripted_erp import delay_request, lose_answer, refuse_request, run_between, send_nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.stores import Store

__all__ = [
    "History",
    "history_04",
    "history_05",
    "history_06",
    "history_09",
    "history_10",
    "history_10_exporting",
    "history_10_withdrawn",
    "history_11",
    "history_12",
    "history_15",
    "history_16",
    "history_22",
]

#: Runs a history on a store.
History: TypeAlias = "Callable[[Store], None]"

ABSENT = Resolution(absent=True)


def _machine(store: Store, **terms: Any) -> Machine:  # noqa: ANN401 - terms as ``declared`` takes them
    machine = Machine(store, **terms)
    machine.send_and_accept()
    return machine


def history_04(store: Store) -> None:
    """Found absent, rejected, re-sent; a late receipt: without acceptance nothing is synced."""
    machine = _machine(store, settles=None)

    def run() -> None:
        machine.wait_until(100)
        machine.work("w2")
        assert [] == machine.rule(ABSENT) + machine.reject() + machine.resend()

    machine.erp.will("bill", run_between(run, before=True))
    machine.work("w1", limit=1)
    assert ExportStatus.UNKNOWN is machine.stands()
    machine.work("w2")

    assert ExportStatus.FAILED is machine.stands()
    assert machine.entry().is_left
    assert machine.retry()
    assert machine.is_locked
    assert [] == machine.withdraw()
    machine.work("w2")
    assert ["export.not_accepted"] == machine.retry()
    assert [] == machine.reject() + machine.resend() + machine.accept()
    machine.work("w2")
    assert ExportStatus.SYNCED is machine.stands()
    assert 1 == len(machine.erp.documents)


def history_05(store: Store) -> None:
    """Rejected, edited, re-sent, accepted; an old document appears: a retry does not post it."""
    machine = _machine(store, settles=None)

    def run() -> None:
        machine.wait_until(100)
        machine.work("w2")
        assert [] == machine.rule(ABSENT) + machine.reject() + machine.edit("15000")
        assert [] == machine.resend() + machine.accept()

    machine.erp.will("bill", run_between(run, before=True))
    machine.work("w1", limit=1)
    machine.work("w2")

    assert ExportStatus.FAILED is machine.stands()
    assert ["export.draft_left"] == machine.retry()
    assert [] == machine.withdraw()
    machine.work("w2")
    assert [] == machine.retry()
    machine.work("w2")
    assert ExportStatus.SYNCED is machine.stands()
    assert [Decimal(15000)] == machine.erp.amounts()


def history_06(store: Store) -> None:
    """The draft is withdrawn; the late answer to its posting changes nothing."""
    machine = _machine(store, two_steps=True)

    def run() -> None:
        machine.wait_until(100)
        machine.work("w2", limit=1)
        machine.erp.documents["D-1"].state = "draft"
        machine.work("w2", limit=1)
        assert ExportStatus.ACCEPTED is machine.stands()
        assert [] == machine.withdraw()
        machine.work("w2")
        assert {} == machine.erp.documents

    machine.erp.will("post", run_between(run))
    machine.work("w1", limit=1)

    assert ExportStatus.FAILED is machine.stands()
    assert () == machine.entry().living
    machine.work("w2")
    assert ExportStatus.FAILED is machine.stands()
    assert [] == machine.retry()
    machine.work("w2")
    assert ExportStatus.SYNCED is machine.stands()
    assert ["D-2"] == list(machine.erp.documents)


def history_09(store: Store) -> None:
    """The answer of a withdrawal is lost: until it is known no other action is allowed."""
    machine = _machine(store, two_steps=True)
    machine.erp.will("post", refuse_request)
    machine.work()
    assert ExportStatus.FAILED is machine.stands()
    machine.erp.will("withdraw", delay_request)
    assert [] == machine.withdraw()
    machine.work()

    assert ["export.in_doubt", "export.withdrawing"] == machine.retry()
    assert "export.withdrawing" in machine.rule(Resolution(synced={"": "D-1"}))
    assert "export.withdrawing" in machine.reject()
    machine.erp.arrive()
    machine.wait_until(90)
    machine.work()
    assert () == machine.entry().living
    assert [] == machine.retry()
    machine.work()
    assert ExportStatus.SYNCED is machine.stands()
    assert ["D-2"] == list(machine.erp.documents)


def history_10(store: Store) -> None:
    """The adapter is uninstalled for ever while a draft exists: people can settle it."""
    machine = _machine(store, two_steps=True)
    machine.erp.will("post", send_nothing)
    machine.work(limit=1)
    assert ExportStatus.ACCEPTED is machine.stands()
    machine.uninstall()

    assert "export.draft_left" in machine.reject()
    assert ["evidence.required"] == machine.withdraw()
    seen = machine.entry()
    assert [] == machine.rule(Resolution(synced={"": "D-1"}))
    assert (ExportStatus.SYNCED, seen.version + 1) == (machine.stands(), machine.entry().version)


def history_10_withdrawn(store: Store) -> None:
    """The same; the draft is removed by hand, and the invoice goes back to its sender."""
    machine = _machine(store, two_steps=True)
    machine.erp.will("post", send_nothing)
    machine.work(limit=1)
    machine.uninstall()
    del machine.erp.documents["D-1"]

    assert [] == machine.withdraw(evidence="Deleted in the ERP.")
    assert [] == machine.reject() + machine.edit("15000")


def history_10_exporting(store: Store) -> None:
    """The same during a call: the lease runs out, and a person resolves."""
    machine = _machine(store)
    death = WorkerKill()
    machine.erp.will("bill", run_between(death.request))
    try:
        machine.work(calls=death.build_caller)
    except KeyboardInterrupt:
        machine.uninstall()
    assert ExportStatus.EXPORTING is machine.stands()
    machine.wait_until(60)
    machine.work("w2")

    assert ExportStatus.UNKNOWN is machine.stands()
    assert [] == machine.rule(Resolution(synced={"": "D-1"}))
    assert ExportStatus.SYNCED is machine.stands()


def history_11(store: Store) -> None:
    """The posting is in doubt and the draft exists: each call is resolved for itself."""
    machine = _machine(store, two_steps=True, settles=None)
    machine.erp.will("post", lose_answer)
    machine.work()
    machine.erp.documents["D-1"].state = "draft"
    assert ["export.document_stands"] == machine.rule(ABSENT)

    assert [] == machine.rule(Resolution(steps_absent=("post",)))
    assert ExportStatus.ACCEPTED is machine.stands()
    machine.work()
    assert ExportStatus.SYNCED is machine.stands()
    assert ["posted"] == [document.state for document in machine.erp.documents.values()]
    assert ["A/1/1/create", "A/1/1/post", "A/1/1/post"] == machine.erp.writes


def history_12(store: Store) -> None:
    """Every document has its receipt, but the draft is not posted: the entry is not synced yet."""
    machine = _machine(store, two_steps=True)
    machine.erp.will("post", send_nothing)
    machine.work(limit=1)
    assert ["draft"] == [document.state for document in machine.erp.documents.values()]

    assert ExportStatus.ACCEPTED is machine.stands()
    machine.wait_until(10)
    machine.work()
    assert ExportStatus.SYNCED is machine.stands()
    assert ["posted"] == [document.state for document in machine.erp.documents.values()]


def history_15(store: Store) -> None:
    """A number stays taken while its document exists, also if the invoice is synced."""
    machine = _machine(store)
    machine.bill("B", commitment_id="200", commitment_origin_id="C-200", commitment_number="SC-2")
    machine.send_and_accept("B")
    machine.bill("C", commitment_id="300", commitment_origin_id="C-300", commitment_number="SC-3")
    machine.work()

    assert (ExportStatus.SYNCED, ExportStatus.FAILED) == (
        machine.stands(),
        machine.entry("B").status,
    )
    assert ["export.number_taken"] == [denial.code for denial in machine.entry("B").refusal]
    assert ["invoice.number_taken"] == machine.send("C")
    assert ["D-1"] == list(machine.erp.documents)
    del machine.erp.documents["D-1"]
    assert [] == machine.unlink()
    assert [] == machine.send("C")


def history_16(store: Store) -> None:
    """The draft of 18,000 is left; in the end the accepted 15,000 is booked."""
    machine = _machine(store, two_steps=True)
    machine.erp.will("post", refuse_request)
    machine.work()

    assert ["export.draft_left"] == machine.reject()
    assert machine.edit("15000")
    assert machine.is_locked
    assert [] == machine.withdraw()
    machine.work()
    assert [] == machine.reject() + machine.edit("15000") + machine.resend() + machine.accept()
    machine.work()
    assert ExportStatus.SYNCED is machine.stands()
    assert [Decimal(15000)] == machine.erp.amounts()


def history_22(store: Store) -> None:
    """The approver has version 1 open while the sender retrieves, edits and sends again."""
    machine = Machine(store)
    assert [] == machine.send()
    seen = machine.entry().version
    assert [] == machine.retrieve() + machine.edit("15000") + machine.send()

    assert ["entry.changed"] == machine.accept(expect=seen)
    assert ExportStatus.READY is machine.stands()
    assert [] == machine.accept(expect=machine.entry().version)
    machine.work()
    assert [Decimal(15000)] == machine.erp.amounts()
    assert not machine.may(Action.EDIT)

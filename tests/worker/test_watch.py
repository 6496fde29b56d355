"""Keys resolved as absent are looked up daily: a late document is recorded, in any status."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.declaration import LookUp
from erp_invoice_core.flow import Resolution
from erp_invoice_core.stores import MemoryStore
from erp_invoice_core.vocabulary import Action, ExportStatus

from ..histories.machine import Machine
from ..histories.scripted_erp import delay_request, lose_request, refuse_request, run_between

DAY = 86400


def _build_resolved_absent(**terms: Any) -> Machine:  # noqa: ANN401 - terms as ``declared`` takes them
    machine = Machine(MemoryStore(), settles=None, **terms)
    machine.send_and_accept()
    machine.erp.will("bill", delay_request)
    machine.work()
    assert [] == machine.rule(Resolution(absent=True))
    return machine


def _list_alarms(machine: Machine) -> list[str]:
    alarms = (denial for event in machine.queue.history("A") for denial in event.denials)
    return [
        denial.code for denial in alarms if denial.code in {"erp.second_document", "erp.several"}
    ]


def _watch(machine: Machine, first: int, last: int) -> None:
    for day in range(first, last + 1):
        machine.wait_until(day * DAY)
        machine.work()


def _list_looks(machine: Machine, fact: str) -> list[str]:
    events = machine.queue.history("A")
    return [event.facts[fact] for event in events if fact in event.facts]


def test_late_document_of_a_rejected_invoice_locks_it() -> None:
    """The document is recorded as a leftover, and the invoice is locked until it is withdrawn."""
    machine = _build_resolved_absent()
    assert [] == machine.reject()
    assert machine.may(Action.EDIT)
    machine.erp.arrive()
    machine.wait_until(DAY)
    machine.work()

    assert ExportStatus.FAILED is machine.stands()
    assert ["D-1"] == [held.receipt.erp_id for held in machine.entry().living]
    assert machine.is_locked


def test_look_that_finds_something_is_no_look_up_of_the_doubt_that_follows() -> None:
    """The invoice is unknown now, and gets as many look-ups as any other."""
    machine = _build_resolved_absent()
    machine.erp.arrive()
    machine.wait_until(DAY)
    machine.work(limit=1)

    assert (ExportStatus.UNKNOWN, 0) == (machine.stands(), machine.entry().lookups)


def test_late_document_of_a_synced_invoice_raises_the_alarm() -> None:
    """There are two documents: the entry stays synced, and an alarm is in its history."""
    machine = _build_resolved_absent()
    assert [] == machine.retry()
    machine.work()
    assert ExportStatus.SYNCED is machine.stands()
    machine.erp.arrive()
    machine.wait_until(DAY)
    machine.work()

    assert ExportStatus.SYNCED is machine.stands()
    assert ["erp.second_document"] == _list_alarms(machine)


def test_alarm_is_raised_once() -> None:
    """The next look-up knows the document already."""
    machine = _build_resolved_absent()
    assert [] == machine.retry()
    machine.work()
    machine.erp.arrive()
    _watch(machine, 1, 2)

    assert ["1", "2"] == _list_looks(machine, "watched")
    assert ["erp.second_document"] == _list_alarms(machine)


def test_several_late_documents_raise_an_alarm_once() -> None:
    """The owner of each document is unknown: the alarm is raised once, and no status changes."""
    machine = _build_resolved_absent()
    machine.erp.arrive()
    machine.erp.documents["D-2"] = attrs.evolve(machine.erp.documents["D-1"], erp_id="D-2")
    _watch(machine, 1, 2)

    alarms = [denial for event in machine.queue.history("A") for denial in event.denials]
    assert ["A/1/1/bill"] == [one.facts["key"] for one in alarms if one.code == "erp.several"]
    assert ExportStatus.FAILED is machine.stands()
    assert () == machine.entry().holdings


def test_several_of_a_number_raise_no_alarm() -> None:
    """If documents are found by number alone, the others may be anyone's."""
    machine = _build_resolved_absent(look_up=LookUp.NUMBER, keeps_keys=False)
    machine.erp.arrive()
    machine.type_by_hand()
    machine.wait_until(DAY)
    machine.work()

    assert 2 == len(machine.erp.documents)
    assert [] == _list_alarms(machine)


def test_late_document_is_found_before_the_next_write() -> None:
    """The retry looks first: the late document is a leftover, and nothing is written beside it."""
    machine = _build_resolved_absent()
    machine.erp.arrive()
    assert [] == machine.retry()
    machine.work()

    assert ExportStatus.FAILED is machine.stands()
    assert ["D-1"] == list(machine.erp.documents)


def test_watching_ends_after_five_days() -> None:
    """After that no look-up is due."""
    machine = _build_resolved_absent()
    _watch(machine, 1, 7)

    assert (
        ["1", "2", "3", "4", "5"]
        == _list_looks(machine, "watch")
        == _list_looks(machine, "watched")
    )
    assert machine.entry().due_at is None


def test_look_that_the_erp_does_not_answer_is_made_again() -> None:
    """For nine days the ERP gives no answer; on the tenth the document is found."""
    machine = _build_resolved_absent()
    machine.erp.on_find.extend(erp.CannotTell("The screen is blank.") for _ in range(9))
    _watch(machine, 1, 9)
    assert ["1"] * 9 == _list_looks(machine, "watch")
    machine.erp.arrive()
    _watch(machine, 10, 10)

    assert ["D-1"] == [held.receipt.erp_id for held in machine.entry().living]


def test_look_that_cannot_connect_is_made_again() -> None:
    """A look-up that could not connect counts as no answer."""
    machine = _build_resolved_absent()
    machine.erp.is_down = True
    _watch(machine, 1, 9)
    assert [] == _list_looks(machine, "watched")
    machine.erp.is_down = False
    machine.erp.arrive()
    _watch(machine, 10, 10)

    assert ["D-1"] == [held.receipt.erp_id for held in machine.entry().living]


def test_look_does_not_count_once_another_is_planned() -> None:
    """The invoice was rejected during the look-up: its five days begin anew."""
    machine = _build_resolved_absent()

    def look() -> None:
        assert [] == machine.reject()

    machine.erp.on_look = look
    machine.wait_until(DAY)
    machine.work()

    assert ExportStatus.REJECTED is machine.stands()
    assert (0, machine.now() + timedelta(days=1)) == (
        machine.entry().lookups,
        machine.entry().due_at,
    )


def _build_unlinked() -> Machine:
    machine = _build_resolved_absent()
    assert [] == machine.retry()
    machine.work()
    machine.erp.documents.clear()
    assert [] == machine.unlink()
    return machine


def test_late_document_of_a_former_generation_raises_the_alarm_once() -> None:
    """The invoice was unlinked meanwhile: the late document is recorded, and locks nothing."""
    machine = _build_unlinked()
    machine.erp.arrive()
    _watch(machine, 1, 3)

    assert ["erp.second_document"] == _list_alarms(machine)
    assert ExportStatus.NOT_SENT is machine.stands()
    assert machine.may(Action.EDIT)


def test_late_document_of_a_former_generation_is_recorded_beside_its_successor() -> None:
    """The invoice was edited and sent again: the late document is recorded beside its own."""
    machine = _build_unlinked()
    assert [] == machine.edit("15000")
    machine.send_and_accept()
    machine.work()
    machine.erp.arrive()
    _watch(machine, 1, 3)

    assert ["erp.second_document"] == _list_alarms(machine)
    assert ExportStatus.SYNCED is machine.stands()
    assert ["D-2"] == [held.receipt.erp_id for held in machine.entry().living]


def _build_shared_number() -> Machine:
    """Return a machine whose invoice A was resolved as absent, so that B may have its number."""
    machine = Machine(MemoryStore(), look_up=LookUp.NUMBER, keeps_keys=False)
    machine.send_and_accept()
    machine.erp.will("bill", lose_request)
    machine.work()
    machine.wait_until(3600)
    assert [] == machine.rule(Resolution(absent=True))
    machine.bill("B")
    machine.send_and_accept("B")
    return machine


def test_document_of_the_number_is_its_holders() -> None:
    """B's document exists, its receipt is not recorded yet, and A is watched: it is not A's."""
    machine = _build_shared_number()
    machine.wait_until(DAY + 3600 - 10)

    def looks() -> None:
        machine.wait_until(DAY + 3600)
        machine.work("w2")

    machine.erp.will("bill", run_between(looks))
    machine.work()

    assert ["1"] == _list_looks(machine, "watched")
    assert () == machine.entry("A").holdings
    assert ExportStatus.SYNCED is machine.entry("B").status


def test_document_of_the_number_is_its_holders_before_the_next_write() -> None:
    """The same if a person retries A meanwhile: B has its number."""
    machine = _build_shared_number()

    def looks() -> None:
        assert ["invoice.number_taken"] == machine.retry()
        machine.work("w2", limit=1)

    machine.erp.will("bill", run_between(looks))
    machine.work()

    assert ExportStatus.FAILED is machine.stands()
    assert () == machine.entry("A").holdings
    assert ["D-1"] == [held.receipt.erp_id for held in machine.entry("B").living]


@pytest.mark.parametrize("look_up", [LookUp.NONE, LookUp.KEY])
def test_nothing_is_sighted_where_nothing_is_found(look_up: LookUp) -> None:
    """A look-up that finds nothing, or does not take place, changes nothing, and counts."""
    machine = _build_resolved_absent(look_up=look_up)
    machine.wait_until(DAY)
    machine.work()

    assert ExportStatus.FAILED is machine.stands()
    assert machine.may(Action.REJECT)
    assert ["1"] == _list_looks(machine, "watched")


def test_session_without_an_answer_is_not_used_again() -> None:
    """It may be broken: the next key is looked up in another session."""
    machine = _build_resolved_absent()
    assert [] == machine.retry()
    machine.erp.will("bill", delay_request)
    machine.work()
    assert [] == machine.rule(Resolution(absent=True))
    machine.wait_until(DAY)
    machine.erp.on_find.append(erp.CannotTell("The line broke."))
    before = machine.erp.sessions
    machine.work()

    assert 2 == machine.erp.sessions - before


def test_look_alike_without_our_key_is_not_sighted() -> None:
    """If no settle moment is declared, a document without our key proves nothing."""
    machine = _build_resolved_absent(look_up=LookUp.NUMBER, keeps_keys=False)
    machine.type_by_hand()
    machine.wait_until(DAY)
    machine.work()

    assert ExportStatus.FAILED is machine.stands()
    assert () == machine.entry().holdings


def test_unreachable_erp_is_asked_the_next_day() -> None:
    """A look-up that could not connect is planned again, and breaks nothing."""
    machine = _build_resolved_absent()
    machine.uninstall()
    machine.wait_until(DAY)
    machine.work()

    assert ExportStatus.FAILED is machine.stands()
    assert machine.entry().due_at is not None


def test_document_removed_by_a_person_is_recorded_as_gone() -> None:
    """The adapter cannot withdraw: a person removes the document, and a read by id confirms it."""
    machine = Machine(MemoryStore(), two_steps=True, withdraws=False)
    machine.send_and_accept()
    machine.erp.will("post", refuse_request)
    machine.work()
    assert ["feature.withdraw.impossible"] == machine.withdraw()
    assert ["export.document_stands"] == machine.rule(Resolution(absent=True))
    machine.erp.documents.clear()

    assert [] == machine.rule(Resolution(absent=True))
    assert [] == machine.reject() + machine.edit("15000")

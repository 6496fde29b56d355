"""Keys ruled absent are looked up daily: what turns up late is sighted, whatever the status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core.declaration import LookUp
from erp_invoice_core.flow import Ruling
from erp_invoice_core.stores import MemoryStore
from erp_invoice_core.vocabulary import Action, ExportStatus

from ..histories.machine import Machine
from ..histories.scripted_erp import arriving_late, refused

if TYPE_CHECKING:
    from erp_invoice_core.events import AuditEvent

DAY = 86400


def _ruled_absent(**terms: Any) -> Machine:  # noqa: ANN401 - terms as ``declared`` takes them
    machine = Machine(MemoryStore(), settles=None, **terms)
    machine.send_and_accept()
    machine.erp.will("bill", arriving_late)
    machine.work()
    assert [] == machine.rule(Ruling(absent=True))
    return machine


def _last(machine: Machine) -> AuditEvent:
    return machine.queue.history("A")[-1]


def test_late_document_of_a_rejected_invoice_locks_it() -> None:
    """It is left there: nobody edits the invoice until it is withdrawn."""
    machine = _ruled_absent()
    assert [] == machine.reject()
    assert machine.may(Action.EDIT)
    machine.erp.arrive()
    machine.wait_until(DAY)
    machine.work()

    assert ExportStatus.FAILED is machine.stands()
    assert ["D-1"] == [held.receipt.erp_id for held in machine.entry().living]
    assert machine.is_locked


def test_late_document_of_a_synced_invoice_raises_the_alarm() -> None:
    """Two documents are there: the entry stays synced, and somebody is told."""
    machine = _ruled_absent()
    assert [] == machine.retry()
    machine.work()
    assert ExportStatus.SYNCED is machine.stands()
    machine.erp.arrive()
    machine.wait_until(DAY)
    machine.work()

    assert ExportStatus.SYNCED is machine.stands()
    assert ["erp.second_document"] == [denial.code for denial in _last(machine).denials]


def test_alarm_is_raised_once() -> None:
    """The next look knows the document already."""
    machine = _ruled_absent()
    assert [] == machine.retry()
    machine.work()
    machine.erp.arrive()
    machine.wait_until(DAY)
    machine.work()
    machine.wait_until(2 * DAY)
    machine.work()

    assert () == _last(machine).denials


def test_several_late_documents_raise_an_alarm_once() -> None:
    """Which of them is whose nobody can tell: people are told, and nothing moves."""
    machine = _ruled_absent()
    machine.erp.arrive()
    machine.erp.papers["D-2"] = attrs.evolve(machine.erp.papers["D-1"], erp_id="D-2")
    for day in (1, 2):
        machine.wait_until(day * DAY)
        machine.work()

    told = [denial for event in machine.queue.history("A") for denial in event.denials]
    assert ["A/1/1/bill"] == [one.facts["key"] for one in told if one.code == "erp.several"]
    assert ExportStatus.FAILED is machine.stands()
    assert () == machine.entry().holdings


def test_several_of_a_number_raise_no_alarm() -> None:
    """Where documents are found by number alone, the others may be anybody's."""
    machine = _ruled_absent(look_up=LookUp.NUMBER, keeps_keys=False)
    machine.erp.arrive()
    machine.type_by_hand()
    machine.wait_until(DAY)
    machine.work()

    assert 2 == len(machine.erp.papers)
    assert () == _last(machine).denials


def test_late_document_is_found_before_the_next_write() -> None:
    """The retry looks first: what turned up is left, and nothing is made beside it."""
    machine = _ruled_absent()
    machine.erp.arrive()
    assert [] == machine.retry()
    machine.work()

    assert ExportStatus.FAILED is machine.stands()
    assert ["D-1"] == list(machine.erp.papers)


def test_watching_ends_after_five_days() -> None:
    """Then nobody looks, and nothing is due."""
    machine = _ruled_absent()
    for day in range(1, 8):
        machine.wait_until(day * DAY)
        machine.work()

    looks = [event for event in machine.queue.history("A") if "watch" in event.facts]
    assert (5, None) == (len(looks), machine.entry().due_at)


@pytest.mark.parametrize("look_up", [LookUp.NONE, LookUp.KEY])
def test_nothing_is_sighted_where_nothing_is_found(look_up: LookUp) -> None:
    """A look that finds nothing, or none at all, moves nothing."""
    machine = _ruled_absent(look_up=look_up)
    machine.wait_until(DAY)
    machine.work()

    assert ExportStatus.FAILED is machine.stands()
    assert machine.may(Action.REJECT)


def test_look_alike_without_our_key_is_not_sighted() -> None:
    """Where no settle moment is declared a document without our key proves nothing."""
    machine = _ruled_absent(look_up=LookUp.NUMBER, keeps_keys=False)
    machine.type_by_hand()
    machine.wait_until(DAY)
    machine.work()

    assert ExportStatus.FAILED is machine.stands()
    assert () == machine.entry().holdings


def test_unreachable_erp_is_asked_the_next_day() -> None:
    """A look that could not be made is planned again, and breaks nothing."""
    machine = _ruled_absent()
    machine.uninstall()
    machine.wait_until(DAY)
    machine.work()

    assert ExportStatus.FAILED is machine.stands()
    assert machine.entry().due_at is not None


def test_document_that_nobody_can_remove_here_is_ruled_gone_once_it_is() -> None:
    """The integration cannot withdraw: a person deletes it there, and it is read by its id."""
    machine = Machine(MemoryStore(), two_steps=True, withdraws=False)
    machine.send_and_accept()
    machine.erp.will("post", refused)
    machine.work()
    assert ["feature.withdraw.impossible"] == machine.withdraw()
    assert ["export.document_stands"] == machine.rule(Ruling(absent=True))
    machine.erp.papers.clear()

    assert [] == machine.rule(Ruling(absent=True))
    assert [] == machine.reject() + machine.edit("15000")

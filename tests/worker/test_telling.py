"""What a look-up finds once nobody waits for it is told, if it is the entry's at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import ExportStatus, MemoryStore, Worker
from erp_invoice_core.declaration import LookUp
from erp_invoice_core.flow import Resolution

from ..histories.machine import Machine
from ..histories.scripted_erp import lost, meanwhile, never
from .patient import Patient

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..histories.scripted_erp import Script

HOUR = 3600


@attrs.define
class MachineTime:
    """The clock of a machine, for callers that let time pass on it."""

    machine: Machine

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.machine.wait_until(self.machine.seconds + seconds)


def _left_behind(script: Script) -> tuple[Machine, Callable[[], None]]:
    """Return a machine whose invoice A was ruled absent, and what A's look-up says in the end."""
    machine = Machine(MemoryStore(), look_up=LookUp.NUMBER, keeps_keys=False)
    machine.send_and_accept()
    machine.erp.will("bill", script)
    machine.work()
    machine.wait_until(HOUR)
    patient = Patient(MachineTime(machine), takes={1: HOUR})
    Worker(machine.queue, holder="w2", calls=lambda: patient).run_once(limit=1)
    assert [] == machine.rule(Resolution(absent=True))
    (late,) = patient.left
    return machine, late


def test_what_is_found_late_is_told() -> None:
    """The document was there all the time: it is sighted, whatever was ruled meanwhile."""
    machine, late = _left_behind(lost)
    late()

    assert ["D-1"] == [held.receipt.erp_id for held in machine.entry().living]


def test_what_is_found_late_may_be_of_whoever_holds_the_number() -> None:
    """B has A's number by now, and has not put down yet what it wrote: it is not A's."""
    machine, late = _left_behind(never)
    machine.bill("B")
    machine.send_and_accept("B")
    machine.erp.will("bill", meanwhile(late))
    machine.work()

    assert () == machine.entry("A").holdings
    assert ExportStatus.SYNCED is machine.entry("B").status

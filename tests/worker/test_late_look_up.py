"""The late result of an abandoned look-up is recorded, if the document is the entry's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import ExportStatus, MemoryStore, Worker
from erp_invoice_core.declaration import LookUp
from erp_invoice_core.flow import Resolution

from ..histories.machine import Machine
from ..histories.scripted_erp import lose_answer, lose_request, run_between
from .simulated_caller import SimulatedCaller

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..histories.scripted_erp import Script

HOUR = 3600


@attrs.define
class MachineTime:
    """The clock of a machine, for callers that let time pass on it."""

    machine: Machine

    def advance(self, seconds: float) -> None:
        """Move the clock forward by a number of seconds."""
        self.machine.wait_until(self.machine.seconds + seconds)


def _abandon_look_up(script: Script) -> tuple[Machine, Callable[[], None]]:
    """Return a machine whose invoice A was resolved as absent, and A's abandoned look-up."""
    machine = Machine(MemoryStore(), look_up=LookUp.NUMBER, keeps_keys=False)
    machine.send_and_accept()
    machine.erp.will("bill", script)
    machine.work()
    machine.wait_until(HOUR)
    patient = SimulatedCaller(MachineTime(machine), durations={1: HOUR})
    Worker(machine.queue, holder="w2", calls=lambda: patient).run_once(limit=1)
    assert [] == machine.rule(Resolution(absent=True))
    (late,) = patient.abandoned
    return machine, late


def test_a_late_find_is_recorded() -> None:
    """The document existed all the time: it is recorded as late evidence after the resolution."""
    machine, late = _abandon_look_up(lose_answer)
    late()

    assert ["D-1"] == [held.receipt.erp_id for held in machine.entry().living]


def test_a_late_find_may_belong_to_the_holder_of_the_number() -> None:
    """B has A's number now, and its write is not recorded yet: the document is not A's."""
    machine, late = _abandon_look_up(lose_request)
    machine.bill("B")
    machine.send_and_accept("B")
    machine.erp.will("bill", run_between(late))
    machine.work()

    assert () == machine.entry("A").holdings
    assert ExportStatus.SYNCED is machine.entry("B").status

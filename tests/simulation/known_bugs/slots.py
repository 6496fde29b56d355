"""Bugs about uniqueness: a number slot freed too early, a repeated command."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from erp_invoice_core.stores.memory import MemoryPeople
from erp_invoice_core.vocabulary import ExportStatus

from ..mutant import Mutant, replace_attribute

if TYPE_CHECKING:
    from erp_invoice_core.documents import QueueEntry

_BUSY = frozenset({ExportStatus.SYNCED, ExportStatus.EXPORTING})
_slot = import_module("erp_invoice_core.flow.number_slot")


def _hold_while_leased(entry: QueueEntry) -> bool:
    """Return whether a slot is held that goes with the lease."""
    return entry.status in _BUSY or bool(entry.living)


def _hold_unless_failed(entry: QueueEntry) -> bool:
    """Return whether a slot is held that a failure frees."""
    lives = bool(entry.in_doubt or entry.living)
    return entry.status in _BUSY or (lives and entry.status is not ExportStatus.FAILED)


BUGS = (
    Mutant(
        name="slot-freed-with-lease",
        sources=("rails/solid_queue#689", "rails/solid_queue#761"),
        happened="A job outlived the time for which its semaphore was kept, and a blocked job ran "
        "beside it.",
        rebuilt="A number in the ERP is free again when the lease runs out, though the call may "
        "still be carried out.",
        applied=lambda: replace_attribute(_slot, "_holds_slot", _hold_while_leased),
    ),
    Mutant(
        name="slot-freed-on-failure",
        sources=("OCA/queue#544",),
        happened="Jobs that had failed did not count for the identity key, and the same ones were "
        "made again and again.",
        rebuilt="A number in the ERP is free again when its export fails, whatever was left there.",
        applied=lambda: replace_attribute(_slot, "_holds_slot", _hold_unless_failed),
    ),
    Mutant(
        name="command-forgotten",
        sources=("rockstardev/BTCPayServerPlugins.RockstarDev#100", "akash-network/console#3449"),
        happened="People pressed the button again while nothing seemed to happen, and several "
        "invoices were submitted.",
        rebuilt="A command that is repeated after a lost answer is not known any more.",
        applied=lambda: replace_attribute(MemoryPeople, "find_answer", lambda *_: None),
    ),
)

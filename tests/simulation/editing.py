"""Editing an invoice as a host does it: in one transaction with looking at its entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.flow import add_entry_facts, build_entry_case
from erp_invoice_core.rules import decide
from erp_invoice_core.stores import CommitUnknown, StoreError
from erp_invoice_core.vocabulary import Action

from .host import SENDER

if TYPE_CHECKING:
    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.queue import ExportQueue

    from .simulated_store import SimulatedStore
    from .world import World

__all__ = ["edited"]


def edited(world: World, queue: ExportQueue, invoice_id: str) -> None:
    """Edit the invoice where that is lawful, in one transaction with looking at its entry."""
    store: SimulatedStore = queue.store  # type: ignore[assignment]  # this is what we gave it
    amount = world.office.amounts[invoice_id]
    try:
        with store.people() as transaction:
            entry = transaction.entries([invoice_id])[invoice_id]
            case = world.office.case(invoice_id) if not entry.seq else build_entry_case(entry)
            whole = add_entry_facts(
                case, entry, at=queue.clock(), actor=SENDER, policy=queue.policy, erp=None
            )
            if decide(Action.EDIT, whole):
                _note(world, entry)
                world.office.amounts[invoice_id] = 250 - amount
    except CommitUnknown:
        if not store.kept:
            world.office.amounts[invoice_id] = amount
    except StoreError:
        world.office.amounts[invoice_id] = amount


def _note(world: World, entry: QueueEntry) -> None:
    """Write down an edit of an invoice of which a document lives over there."""
    for paper in world.papers_of(entry.id):
        if paper.lives:
            world.edited.append((entry.id, paper.id))

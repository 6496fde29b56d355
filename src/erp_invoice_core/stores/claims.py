"""What an entry claims for itself alone: a slot, and the documents that it owns in the ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ErpIdTaken, SlotTaken

if TYPE_CHECKING:
    from ..events import Change

__all__ = ["erp_id_taken", "owned_anew", "slot_taken"]


def slot_taken(entry_id: str) -> SlotTaken:
    """Return what an entry is told whose slot another one holds."""
    return SlotTaken(f"Another invoice holds the number of invoice {entry_id} in the ERP.")


def erp_id_taken(erp_id: str) -> ErpIdTaken:
    """Return what an entry is told whose document another one owns."""
    return ErpIdTaken(f"Document {erp_id} of the ERP belongs to another invoice.")


def owned_anew(change: Change) -> dict[str, tuple[str, int]]:
    """
    Return the ERP ids that a change claims, each with entry and generation as its owner.

    Raises:
        ErpIdTaken: It claims one for two generations.
    """
    news: dict[str, tuple[str, int]] = {}
    for holding in change.after.holdings:
        if holding in change.before.holdings or holding.receipt.role is None:
            continue
        erp_id, owner = holding.receipt.erp_id, (change.after.id, holding.key.generation)
        if news.setdefault(erp_id, owner) != owner:
            raise erp_id_taken(erp_id)
    return news

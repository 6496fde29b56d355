"""Columns of one item, to date and by the previous invoice."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..documents import InvoiceItem


#: The context of all sums here, so that a host's own context does not round exact amounts.
EXACT = Context(prec=60)

#: Two computed amounts disagree if they differ by this much or more, in any currency.
AGREEMENT = Decimal("0.01")


def compute_total(item: InvoiceItem) -> Decimal:
    """Return column G, completed and stored to date: D + E + F."""
    return item.work_previous + item.work_this_period + item.stored


def compute_retainage(item: InvoiceItem) -> Decimal:
    """Return column I, the retainage held to date on work and on stored materials."""
    return (
        item.work_retainage_previous
        + item.work_retainage_retained
        - item.work_retainage_released
        + item.stored_retainage_held
    )


def compute_previous_earned(item: InvoiceItem) -> Decimal | None:
    """
    Return G less I of the previous invoice, from the columns of this one; line 7 is their sum.

    ``None`` if materials were stored before and the item does not give the retainage on new ones.
    """
    total = item.total_previous
    if total is None:
        total = item.work_previous - item.materials_moved + item.stored_previous
    earned = total - item.work_retainage_previous + item.stored_retainage_moved
    if not item.stored_previous:
        return earned
    if item.stored_retainage_new is None:
        return None
    on_stored = (
        item.stored_retainage_held
        - item.stored_retainage_new
        + item.stored_retainage_released
        + item.stored_retainage_moved
    )
    return earned - on_stored

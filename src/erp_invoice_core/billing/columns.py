"""G703 columns of one item, to date and by the previous invoice."""

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
    """Return column G, completed and stored to date, which is D + E + F."""
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
    Return column G less column I as the previous invoice had them, from this invoice's columns.

    Line 7 is the sum of this amount over all items. Return ``None`` if materials were stored before
    and the item does not state the retainage on new materials.
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

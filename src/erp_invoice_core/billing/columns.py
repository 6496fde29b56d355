"""Columns of one item, to date and by the previous invoice."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING

from ..money import ZERO

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


def compute_previous_total(item: InvoiceItem) -> Decimal:
    """Return column G of the previous invoice, from the columns of this one (line 7)."""
    if item.total_previous is not None:
        return item.total_previous
    return item.work_previous - item.materials_moved + item.stored_previous


def compute_previous_retainage(item: InvoiceItem) -> Decimal | None:
    """
    Return the retainage held by the previous invoice, from the columns of this one (line 7).

    ``None`` if materials were stored before and the item does not give the retainage on new ones.
    """
    on_work = item.work_retainage_previous - item.stored_retainage_moved
    if item.stored_previous == ZERO:
        return on_work
    if item.stored_retainage_new is None:
        return None
    on_stored = (
        item.stored_retainage_held
        - item.stored_retainage_new
        + item.stored_retainage_released
        + item.stored_retainage_moved
    )
    return on_work + on_stored

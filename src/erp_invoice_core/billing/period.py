"""Amounts of an invoice's period, per item and in total."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, NamedTuple

import attrs

from ..money import ZERO
from ..values import Value
from .columns import EXACT

if TYPE_CHECKING:
    from ..documents import Invoice, InvoiceItem


# A named tuple, as there is one per line, and it takes a fifth of the time of an attrs instance.
class PeriodAmounts(NamedTuple):
    """
    Amounts of an item, or of all items, in the period; each may be negative.

    They are in the invoice's currency. ``retained`` and ``due`` are ``None`` if materials were
    stored before and the item does not give the retainage on new materials
    (``billing.previous_unknown``).
    """

    work: Decimal
    stored: Decimal
    gross: Decimal
    retained: Decimal | None
    released: Decimal
    due: Decimal | None

    @property
    def bills_something(self) -> bool:
        """Return whether any of the amounts is not zero, or not known."""
        return bool(
            self.work or self.stored or self.released or self.retained is None or self.retained
        )


@attrs.frozen(eq=False, repr=False)
class Period(Value):
    """
    Amounts of the period: one row per item, in the order of the items, and their sum.

    The sum of ``gross`` over all invoices of a commitment is column G (total completed and stored
    to date) of the last one; the sum of ``due`` is its line 6 (total earned less retainage).
    """

    items: tuple[PeriodAmounts, ...]
    total: PeriodAmounts

    @property
    def is_zero(self) -> bool:
        """Return whether gross, retained and released are all zero."""
        total = self.total
        return not total.gross and total.retained == ZERO and not total.released


def _compute_retained(item: InvoiceItem) -> Decimal | None:
    """
    Return the retainage newly held on work and stored materials; ``None`` if it is not known.

    For stored materials it is the new retainage that the item states. If the item states none and
    no materials were stored before, it is the retainage on stored materials that is held, plus that
    which was released or moved.
    """
    if item.stored_retainage_new is not None:
        return item.work_retainage_retained + item.stored_retainage_new
    if item.stored_previous == ZERO:
        return (
            item.work_retainage_retained
            + item.stored_retainage_held
            + item.stored_retainage_released
            + item.stored_retainage_moved
        )
    return None


def compute_amounts(item: InvoiceItem) -> PeriodAmounts:
    """Return the item's amounts of the period, from its own columns."""
    # Materials that move from the stored column to the work column are added to the work and
    # leave the stored column, so that gross is the work plus the new materials.
    work = item.work_this_period + item.materials_moved
    stored = item.stored - item.stored_previous
    gross = work + stored
    retained = _compute_retained(item)
    released = item.work_retainage_released + item.stored_retainage_released
    due = None if retained is None else gross - retained + released
    return PeriodAmounts(work, stored, gross, retained, released, due)


def _sum(rows: tuple[PeriodAmounts, ...]) -> PeriodAmounts:
    work = sum((row.work for row in rows), ZERO)
    stored = sum((row.stored for row in rows), ZERO)
    released = sum((row.released for row in rows), ZERO)
    known = [row.retained for row in rows if row.retained is not None]
    retained = sum(known, ZERO) if len(known) == len(rows) else None
    due = None if retained is None else work + stored - retained + released
    return PeriodAmounts(work, stored, work + stored, retained, released, due)


def compute_period(invoice: Invoice) -> Period:
    """Return the amounts of the invoice's period, computed from its own columns."""
    with localcontext(EXACT):
        rows = tuple(compute_amounts(item) for item in invoice.items)
        return Period(rows, _sum(rows))

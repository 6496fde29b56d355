"""What an invoice states of its own totals, compared with what its columns give."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

import attrs

from ..documents import Difference, ItemExcess, StatedSummary
from ..money import ZERO, digits, percent
from .columns import AGREEMENT, EXACT, total
from .sheet import g702, is_over_billed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..documents import Invoice, InvoiceItem
    from .sheet import G702

__all__ = ["LINE_8", "differences", "over_billed", "over_released"]

LINE_8 = "current_payment_due"
_PERCENT = "percent_complete"
_TOTAL = "total_completed_and_stored_to_date"
_LINES = tuple(field.name for field in attrs.fields(StatedSummary))


def _agrees(stated: Decimal, computed: Decimal, unit: Decimal) -> bool:
    return abs(stated - computed) <= unit


def _last_digit(stated: Decimal) -> Decimal:
    """Return the tolerance of a percentage: half of its last digit, as it may be rounded to it."""
    exponent = stated.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return max(Decimal(5).scaleb(-places - 1), AGREEMENT / 2)


def _of_summary(invoice: Invoice, stated: StatedSummary, sheet: G702) -> Iterator[Difference]:
    # Whether line 8 includes the tax on the payment is not settled: both are taken.
    unit, tax = Decimal(1).scaleb(-digits(invoice.currency)), invoice.tax_applicable
    for name in _LINES:
        said: Decimal | None = getattr(stated, name)
        ours: Decimal | None = getattr(sheet, name)
        if said is None or ours is None:
            continue
        tolerance = _last_digit(said) if name == _PERCENT else unit
        taken = (said, said - tax, said + tax) if name == LINE_8 else (said,)
        if not any(_agrees(each, ours, tolerance) for each in taken):
            yield Difference(name=name, computed=ours, stated=said)


def _of_item(item: InvoiceItem) -> Iterator[Difference]:
    done = total(item)
    if item.stated_total is not None and abs(item.stated_total - done) >= AGREEMENT:
        yield Difference(name=_TOTAL, computed=done, stated=item.stated_total, item_id=item.id)
    said, ours = item.stated_percent, percent(done, item.scheduled_value)
    if said is not None and ours is not None and not _agrees(said, ours, _last_digit(said)):
        yield Difference(name=f"{_TOTAL}_percent", computed=ours, stated=said, item_id=item.id)
    before = item.work_previous - item.materials_moved + item.stored_previous
    if item.total_previous is not None and abs(item.total_previous - before) >= AGREEMENT:
        yield Difference(
            name=f"{_TOTAL}_from_previous",
            computed=before,
            stated=item.total_previous,
            item_id=item.id,
        )


def differences(invoice: Invoice, previous: Invoice | None = None) -> tuple[Difference, ...]:
    """
    Return the figures that the invoice states itself and that its columns do not give.

    A line of the summary agrees within one minor unit of the currency, a total of an item within
    less than a cent, a percentage within half of its last digit. There is no G702 of a simplified
    invoice: its summary is not compared.
    """
    found: list[Difference] = []
    with localcontext(EXACT):
        if invoice.stated is not None and not invoice.is_simplified:
            found += _of_summary(invoice, invoice.stated, g702(invoice, previous))
        for item in invoice.items:
            found += _of_item(item)
    return tuple(found)


def over_billed(invoice: Invoice) -> tuple[ItemExcess, ...]:
    """Return the items of which more is billed to date than is scheduled."""
    with localcontext(EXACT):
        return tuple(
            ItemExcess(item_id=item.id, amount=total(item), limit=item.scheduled_value)
            for item in invoice.items
            if is_over_billed(item)
        )


def over_released(invoice: Invoice) -> tuple[ItemExcess, ...]:
    """
    Return the items that release more retainage than is held, on work or on stored materials.

    What is held is what earlier invoices held and what this one adds. Of a deduction both are
    negative.
    """
    found = []
    with localcontext(EXACT):
        for item in invoice.items:
            on_work = item.work_retainage_previous + item.work_retainage_retained
            on_stored = item.stored_retainage_held + item.stored_retainage_released
            for released, held in (
                (item.work_retainage_released, on_work),
                (item.stored_retainage_released, on_stored),
            ):
                if released > max(held, ZERO) or released < min(held, ZERO):
                    found.append(ItemExcess(item_id=item.id, amount=released, limit=held))
    return tuple(found)

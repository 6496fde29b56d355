"""Comparison of an invoice's stated totals with those computed from its columns."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

import attrs

from ..documents import Difference, ItemExcess, StatedSummary
from ..money import ZERO, compute_percentage, count_digits, round_to
from ..vocabulary import AccountingMethod
from .columns import AGREEMENT, EXACT, compute_total
from .sheet import build_g702, is_over_billed
from .tax import split_taxes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..documents import Commitment, Invoice, InvoiceItem
    from .sheet import G702


LINE_8 = "current_payment_due"
_PERCENT = "percent_complete"
_TOTAL = "total_completed_and_stored_to_date"
#: A product with this many digits before the point is not rounded, as it is too large for that.
_LARGEST = 40
_LINES = tuple(field.name for field in attrs.fields(StatedSummary))


def _agrees(stated: Decimal, computed: Decimal, unit: Decimal) -> bool:
    return abs(stated - computed) <= unit


def _compute_percentage_tolerance(stated: Decimal) -> Decimal:
    """Return the tolerance of a rounded percentage, which is half of its last digit."""
    exponent = stated.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return max(Decimal(5).scaleb(-places - 1), AGREEMENT / 2)


def _compare_summary(invoice: Invoice, stated: StatedSummary, sheet: G702) -> Iterator[Difference]:
    # Some requisitions include the tax on the payment in line 8 and some do not; both agree.
    unit, tax = Decimal(1).scaleb(-count_digits(invoice.currency)), invoice.tax_applicable
    for name in _LINES:
        said: Decimal | None = getattr(stated, name)
        ours: Decimal | None = getattr(sheet, name)
        if said is None or ours is None:
            continue
        tolerance = _compute_percentage_tolerance(said) if name == _PERCENT else unit
        taken = (said, said - tax, said + tax) if name == LINE_8 else (said,)
        if not any(_agrees(each, ours, tolerance) for each in taken):
            yield Difference(name=name, computed=ours, stated=said)


def _build_difference(
    item: InvoiceItem,
    name: str,
    computed: Decimal,
    stated: Decimal,
    code: str = "billing.total_differs",
) -> Difference:
    return Difference(name=name, computed=computed, stated=stated, item_id=item.id, code=code)


def _compare_item(item: InvoiceItem, currency: str) -> Iterator[Difference]:
    done = compute_total(item)
    if item.stated_total is not None and abs(item.stated_total - done) >= AGREEMENT:
        yield _build_difference(item, _TOTAL, done, item.stated_total)
    said, ours = item.stated_percent, compute_percentage(done, item.scheduled_value)
    if (
        said is not None
        and ours is not None
        and not _agrees(said, ours, _compute_percentage_tolerance(said))
    ):
        yield _build_difference(item, f"{_TOTAL}_percent", ours, said)
    before = item.work_previous - item.materials_moved + item.stored_previous
    if item.total_previous is not None and abs(item.total_previous - before) >= AGREEMENT:
        yield _build_difference(item, f"{_TOTAL}_from_previous", before, item.total_previous)
    if item.accounting_method is AccountingMethod.UNIT and item.scheduled_unit_price is not None:
        yield from _compare_units(item, item.scheduled_unit_price, currency)


def _compare_units(item: InvoiceItem, price: Decimal, currency: str) -> Iterator[Difference]:
    for name, amount, quantity in (
        ("scheduled_value", item.scheduled_value, item.scheduled_quantity),
        ("work_completed_from_previous_application", item.work_previous, item.quantity_previous),
        ("work_completed_this_period", item.work_this_period, item.quantity_this_period),
    ):
        if quantity is not None:
            made = quantity * price
            if made.adjusted() < _LARGEST:
                made = round_to(made, currency)
            if abs(made - amount) >= AGREEMENT:
                yield _build_difference(item, name, made, amount, "billing.unit_differs")


def _compare_commitment(invoice: Invoice, commitment: Commitment) -> Iterator[Difference]:
    contract = changes = ZERO
    for item in invoice.items:
        if item.item_type.is_change:
            changes += item.scheduled_value
        else:
            contract += item.scheduled_value
    # A commitment or a package that is given without its lines says nothing about their sum.
    lines = sum([line.amount for line in commitment.lines], ZERO)
    if commitment.lines and abs(lines - contract) >= AGREEMENT:
        code = "billing.contract_sum_differs"
        yield Difference(name="original_contract_sum", computed=contract, stated=lines, code=code)
    approved = [package for package in commitment.change_orders if package.is_approved]
    stated = sum([line.amount for package in approved for line in package.lines], ZERO)
    if all(package.lines for package in approved) and abs(stated - changes) >= AGREEMENT:
        code = "billing.change_orders_differ"
        name = "net_change_by_change_orders"
        yield Difference(name=name, computed=changes, stated=stated, code=code)


def find_differences(
    invoice: Invoice,
    previous: Invoice | None = None,
    commitment: Commitment | None = None,
) -> tuple[Difference, ...]:
    """
    Return the stated figures that differ from those computed from the invoice's columns.

    A line of the summary agrees within one minor unit of the currency, a total of an item within
    less than a cent, a percentage within half of its last digit. The summary of a simplified
    invoice is not compared, as it has no G702. The stated total of a tax code is compared with the
    tax by the rates of the items.

    Args:
        invoice: The invoice.
        previous: The commitment's previous invoice, if it is known.
        commitment: The commitment; if it is given, its lines are compared with the items.
    """
    found: list[Difference] = []
    with localcontext(EXACT):
        if invoice.stated is not None and not invoice.is_simplified:
            found += _compare_summary(invoice, invoice.stated, build_g702(invoice, previous))
        for item in invoice.items:
            found += _compare_item(item, invoice.currency)
        if commitment is not None:
            found += _compare_commitment(invoice, commitment)
    found += split_taxes(invoice).differences
    return tuple(found)


def find_over_billed(invoice: Invoice) -> tuple[ItemExcess, ...]:
    """Return the items that are billed beyond their scheduled value."""
    with localcontext(EXACT):
        return tuple(
            ItemExcess(item_id=item.id, amount=compute_total(item), limit=item.scheduled_value)
            for item in invoice.items
            if is_over_billed(item)
        )


def find_over_released(invoice: Invoice) -> tuple[ItemExcess, ...]:
    """
    Return the items that release more retainage than is held, on work or on stored materials.

    The held retainage is that of earlier invoices plus that of this one. For a deduction the
    amounts are negative.
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

"""Checks of a document's totals, with warnings for differences."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING

from ...billing import AGREEMENT, PreviousFrom, build_g702, find_differences
from ...money import ZERO, compute_percentage, format_amount

if TYPE_CHECKING:
    from ...documents import Commitment, CommitmentLine, Invoice, InvoiceItem
    from .fields import Scope


_EXACT = Context(prec=60)
TOTAL = "total_completed_and_stored_to_date"
PERCENT = "total_completed_and_stored_to_date_percent"
PREVIOUS = "total_completed_and_stored_to_date_from_previous"
SUMMARY = (
    "original_contract_sum",
    "net_change_by_change_orders",
    "contract_sum_to_date",
    "total_completed_and_stored_to_date",
    "completed_work_retainage_amount",
    "stored_materials_retainage_amount",
    "total_retainage",
    "total_earned_less_retainage",
    "balance_to_finish_including_retainage",
)
CERTIFIED = ("less_previous_certificates_for_payment", "current_payment_due")


def _is_different(stated: Decimal, computed: Decimal) -> bool:
    return abs(stated - computed) >= AGREEMENT


def _compare(
    scope: Scope, name: str, stated: Decimal | None, computed: Decimal, currency: str
) -> None:
    if stated is not None and _is_different(stated, computed):
        _warn(scope, name, format_amount(computed, currency), f"{stated:f}")


def _warn(scope: Scope, name: str, computed: str, stated: str, **of: str) -> None:
    scope.warn(name, "billing.total_differs", computed=computed, stated=stated, **of)


def check_item(scope: Scope, item: InvoiceItem, currency: str) -> None:
    """Warn if the stated totals or percentage of an item differ from its columns."""
    with localcontext(_EXACT):
        total = item.work_previous + item.work_this_period + item.stored
        _compare(scope, TOTAL, item.stated_total, total, currency)
        done = compute_percentage(total, item.scheduled_value)
        stated = item.stated_percent
        # A percentage often has one digit only, and its last digit may be rounded.
        if (
            stated is not None
            and done is not None
            and abs(stated - done) > _compute_tolerance(stated)
        ):
            figures = {"computed_percent": done, "stated_percent": stated}
            scope.warn(PERCENT, "billing.total_differs", **figures)
        previous = item.work_previous - item.materials_moved + item.stored_previous
        if item.total_previous is not None and _is_different(item.total_previous, previous):
            computed = format_amount(previous, currency)
            _warn(scope, PREVIOUS, computed, f"{item.total_previous:f}", of="previous")


def _compute_tolerance(stated: Decimal) -> Decimal:
    _, _, digits = f"{stated:f}".partition(".")
    return max(Decimal(5).scaleb(-len(digits) - 1), Decimal("0.005"))


def _sum(lines: tuple[CommitmentLine, ...]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)


def _check_first(summary: Scope, invoice: Invoice) -> None:
    """
    Warn if line 7 or 8 in the summary of a first invoice differs from the computed one.

    For later invoices, rules compare these lines.
    """
    for found in find_differences(invoice):
        if found.name in CERTIFIED:
            computed = format_amount(found.computed, invoice.currency)
            _warn(summary, found.name, computed, f"{found.stated:f}")


def check_sheet(
    scope: Scope, summary: Scope | None, invoice: Invoice, commitment: Commitment | None
) -> None:
    """Warn if the summary or the commitment's lines have other totals than the invoice's items."""
    sheet = build_g702(invoice)
    currency = invoice.currency
    with localcontext(_EXACT):
        if summary and invoice.stated and not invoice.is_simplified:
            for name in SUMMARY:
                stated = getattr(invoice.stated, name)
                _compare(summary, name, stated, getattr(sheet, name), currency)
            if sheet.previous_from is PreviousFrom.FIRST:
                _check_first(summary, invoice)
        if commitment is None:
            return
        lines = _sum(commitment.lines)
        if _is_different(lines, sheet.original_contract_sum):
            sums = {
                "computed": format_amount(sheet.original_contract_sum, currency),
                "stated": format_amount(lines, currency),
            }
            scope.warn("items", "billing.contract_sum_differs", **sums)
        approved = [package for package in commitment.change_orders if package.is_approved]
        if not all(package.lines for package in approved):
            return  # the answer does not have all lines of change orders
        changes = sum((_sum(package.lines) for package in approved), ZERO)
        if _is_different(changes, sheet.net_change_by_change_orders):
            sums = {
                "computed": format_amount(sheet.net_change_by_change_orders, currency),
                "stated": format_amount(changes, currency),
            }
            scope.warn("items", "billing.change_orders_differ", **sums)

"""What was paid of a requisition: its own payment summary, and payments that name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...documents import Payment
from ...money import ZERO
from .fields import REQUIRED, Field, Scope, dump_fields
from .figures import figure
from .kinds import day, dumped, flag, identity
from .reading import whole

if TYPE_CHECKING:
    from decimal import Decimal

    from ...documents import Invoice

__all__ = ["PAYMENT", "dump_payments", "payment_summary", "payments"]

# fmt: off
PAYMENT = (
    # name in the file              attribute       kind, required
    Field("id",                     "id",           identity, REQUIRED),
    Field("amount",                 "amount",       figure, REQUIRED),
    Field("date",                   "paid_on",      day),
)
IN_FULL = Field("invoice_paid_in_full", "paid_in_full", flag)
AMOUNT = Field("amount",                "amount",       figure)
# fmt: on
#: The field under which payments are kept with their requisition.
NAME = "contract_payments"
#: The amount paid under the names that integrators give it, the first that is there counts.
TOTALS = tuple(
    Field(name, "paid", figure)
    for name in ("invoiced_amount_paid", "invoice_amount_paid", "amount_paid", "total_paid", "paid")
)


def payment_summary(scope: Scope) -> dict[str, Any]:
    """Read what a requisition says was paid: in full, in total, or by ways of payment."""
    summary = scope.child("payment_summary")
    if summary is None:
        return {}
    found = summary.all([IN_FULL])
    totals = [summary.one(field) for field in TOTALS]
    ways = [
        way.one(AMOUNT)
        for name, value in summary.value.items()
        if isinstance(value, dict) and (way := summary.child(name))
    ]
    stated = [total for total in totals if total is not None]
    paid: Decimal = stated[0] if stated else sum((each for each in ways if each), ZERO)
    return {**found, "paid": paid}


def payments(scope: Scope) -> tuple[Payment, ...]:
    """Read the payments that were kept with a requisition."""
    read = [whole(child, Payment, child.all(PAYMENT), PAYMENT) for child in scope.children(NAME)]
    return tuple(each for each in read if each)


def dump_payments(invoice: Invoice) -> dict[str, Any]:
    """Return the plain fields of what was paid, nothing where that is nothing."""
    plain: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    if invoice.paid_in_full:
        summary[IN_FULL.name] = True
    if invoice.paid:
        summary[TOTALS[0].name] = dumped(invoice.paid)
    if summary:
        plain["payment_summary"] = summary
    if invoice.payments:
        plain[NAME] = [dump_fields(each, PAYMENT) for each in invoice.payments]
    return plain

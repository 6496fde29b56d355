"""Checks of the payments that an adapter reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....exchange import CannotTell, Contents, PaymentState
from ..check import Check
from ..result import refute, require

if TYPE_CHECKING:
    from ..trial import Trial


def check_unpaid_first(trial: Trial) -> None:
    """A new bill has no payments and is open, else the vendor is never paid."""
    if not trial.adapter.has_payments:
        return
    bill = next(each for each in trial.export() if each.role is not None)
    payments = trial.adapter.payments(trial.session, bill)
    if isinstance(payments, CannotTell):
        refute("The payments of a bill can be read.", payments.why, "erp_payments")
    amounts = ", ".join(f"{each.amount:f}" for each in payments)
    require(
        not payments,
        f"Bill {bill.erp_id} is new, so it has no payments.",
        f"payments of {amounts}",
        "erp_payments",
    )
    shown = trial.read(bill) if trial.adapter.has_read else None
    paid = shown.paid if isinstance(shown, Contents) else None
    require(
        paid not in {PaymentState.PART_PAID, PaymentState.PAID},
        f"Bill {bill.erp_id} is new, so it is open.",
        f"it is {paid.value if isinstance(paid, PaymentState) else paid}",
        "erp_read",
    )


# fmt: off
CHECKS = (
    Check(
        name="payments.none_at_first", run=check_unpaid_first, words=("features.invoices: full",),
        lie="A new bill has payments, or reads as paid.",
    ),
)
# fmt: on

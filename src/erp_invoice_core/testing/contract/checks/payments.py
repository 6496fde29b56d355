"""Checks of the payments that an adapter reads."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ....declaration import Handling, TaxForm
from ....exchange import CannotTell, Contents, Found, PaymentState
from ....vocabulary import Feature
from ..check import Check
from ..combination import list_tax_codes
from ..result import NotProved, refute, require
from ..trial import describe_outcome
from .tax import build_taxed_line

if TYPE_CHECKING:
    from ....documents import Receipt
    from ..trial import Trial

#: The number of parts in which a bill is paid.
_PARTS = 4


def check_unpaid_first(trial: Trial) -> None:
    """A new bill reads as unpaid and has no payments, else the subcontractor is never paid."""
    _require_unpaid(trial)
    if trial.adapter.declaration.negative is Handling.EXPORTED:
        _require_unpaid(trial.renew(trial.samples.build_plain(-trial.request.document.due)))


def _require_unpaid(trial: Trial) -> None:
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


def check_paid(trial: Trial) -> None:
    """A paid bill reads as paid and is still found, else it is unlinked and paid a second time."""
    _pay_in_parts(trial)
    if trial.adapter.declaration.tax is TaxForm.KEPT and list_tax_codes(trial.samples):
        _pay_in_parts(trial.renew(trial.samples.build([build_taxed_line(trial)])))
    if Feature.RETAINAGE in trial.adapter.declaration.supported:
        _pay_in_parts(trial.renew(trial.samples.build_using(Feature.RETAINAGE)))
    if trial.adapter.declaration.negative is Handling.EXPORTED:
        credit = trial.renew(trial.samples.build_plain(-trial.request.document.due))
        with suppress(NotProved):  # the contract may pay bills only
            _pay_in_parts(credit)


def _pay_in_parts(trial: Trial) -> None:
    """
    Export the invoice, pay its net amount in four parts and then its tax, and void the payments.

    End the check as refuted unless the adapter reads the right sum after each payment and after the
    voiding.
    """
    bill = next(each for each in trial.export() if each.role is not None)
    due, tax = _find_owed(trial, bill)
    at_end = PaymentState.PART_PAID if tax else PaymentState.PAID
    part = (due / _PARTS).quantize(trial.samples.unit)
    _require_paid(trial, bill, due * 0, PaymentState.OPEN)
    for amount, paid, state in (
        *((part, part * place, PaymentState.PART_PAID) for place in range(1, _PARTS)),
        (due - part * (_PARTS - 1), due, at_end),
        *([(tax, due + tax, PaymentState.PAID)] if tax else []),
        (-due - tax, due * 0, PaymentState.OPEN),
    ):
        day = trial.target.pay(bill, amount)
        if not day:
            if paid == part:
                msg = "The contract cannot pay a bill in the ERP (pay of the contract)."
                raise NotProved(msg)
            return
        _require_paid(trial, bill, paid, state)
        if paid == part and isinstance(day, date):
            _require_paid_on(trial, bill, day)


def _find_owed(trial: Trial, bill: Receipt) -> tuple[Decimal, Decimal]:
    """
    Return the amount due of the bill and its tax, as the ERP shows them.

    An ERP may round them, or make several documents of one invoice. A tax that is paid in the other
    direction than the amount is left out.
    """
    document = trial.request.document
    due, tax = document.due, document.tax
    if trial.adapter.has_read:
        shown = trial.read_existing(bill)
        due = shown.amount if shown.amount is not None else due
        tax = shown.tax if isinstance(shown.tax, Decimal) else tax
    return due, tax if tax * due > 0 else tax * 0


def _require_paid_on(trial: Trial, bill: Receipt, day: date) -> None:
    """End the check as refuted if a payment of the bill has another day."""
    payments = trial.adapter.payments(trial.session, bill) if trial.adapter.has_payments else ()
    days = () if isinstance(payments, CannotTell) else tuple(each.date for each in payments)
    wrong = next((each for each in days if each not in {None, day}), None)
    require(
        wrong is None,
        f"Bill {bill.erp_id} was paid on {day.isoformat()}.",
        f"a payment of {wrong}",
        "erp_payments: the day of the payment",
    )


def _require_paid(trial: Trial, bill: Receipt, paid: Decimal, state: PaymentState) -> None:
    """
    End the check as refuted unless the adapter finds the bill and reads its payments right.

    *paid* is the expected sum of the payments, *state* the expected payment state of the bill.
    """
    declared = f"Of bill {bill.erp_id} {paid:f} is paid."
    if trial.adapter.has_payments:
        payments = trial.adapter.payments(trial.session, bill)
        if isinstance(payments, CannotTell):
            refute("The payments of a bill can be read.", payments.why, "erp_payments")
        total = sum((each.amount for each in payments), paid * 0)
        require(total == paid, declared, f"payments of {total:f}", "erp_payments")
    if trial.adapter.has_read:
        shown = trial.read_existing(bill).paid
        is_said = isinstance(shown, PaymentState)
        seen = f"it is {shown.value}" if isinstance(shown, PaymentState) else ""
        require(not is_said or shown is state, declared, seen, "paid of erp_read")
    for step in trial.list_looked_up():
        sighting = trial.find_after_writing(step)
        require(
            isinstance(sighting, Found),
            f"{declared} It is there, and step {step.name} was carried out.",
            describe_outcome(sighting),
            "erp_find",
        )


# fmt: off
CHECKS = (
    Check(
        name="payments.none_at_first", run=check_unpaid_first, words=("features.invoices: full",),
        lie="A new bill has payments, or reads as paid.",
    ),
    Check(
        name="payments.paid", run=check_paid, words=("features.invoices: full",), needs=("pay",),
        lie="A paid bill reads as open, gone or absent; a payment or the tax is left out, or a voided one counts.",
    ),
)
# fmt: on

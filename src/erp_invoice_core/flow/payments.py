"""Payments of a document in the ERP: as text, and how far they pay it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ..exchange import NotSaid, PaymentState
from ..money import ZERO, count_digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from ..exchange import ErpPayment


def format_exactly(amount: Decimal, currency: str | None) -> str:
    """
    Return an amount of the ERP with at least the digits of its currency, and no digit cut.

    The ERP may have more digits than the currency, and what it has is shown as it is.
    """
    whole, _, rest = f"{amount or ZERO:f}".partition(".")
    digits = rest.rstrip("0")
    if currency is not None:
        digits = digits.ljust(count_digits(currency), "0")
    return f"{whole}.{digits}" if digits else whole


def describe_payment(payment: ErpPayment, currency: str | None) -> str:
    """Return a payment as a value of messages: ``100.00 USD (2026-11-20, CHK-1, check)``."""
    amount = " ".join(filter(None, (format_exactly(payment.amount, currency), currency)))
    said = [
        part.isoformat() if isinstance(part, date) else part.strip()
        for part in (payment.date, payment.reference, payment.method)
        if part is not None and not isinstance(part, NotSaid)
    ]
    shown = ", ".join(part for part in said if part)
    return f"{amount} ({shown})" if shown else amount


def sum_payments(payments: Iterable[ErpPayment]) -> Decimal:
    """Return the sum of payments; zero without any."""
    return sum((payment.amount for payment in payments), ZERO)


def find_payment_state(
    payments: Sequence[ErpPayment], amount: Decimal | None
) -> PaymentState | None:
    """
    Return how far payments pay a document of an amount, or ``None`` if this is not known.

    A document of an unknown amount is open without payments. Payments that cancel each other pay
    nothing. Of a credit amount and payments are below zero.
    """
    paid = sum_payments(payments)
    if not paid:
        return PaymentState.OPEN
    if amount is None:
        return None
    return PaymentState.PAID if abs(paid) >= abs(amount) else PaymentState.PART_PAID


def join_payment_states(states: Sequence[PaymentState | None]) -> PaymentState | None:
    """Return the state of an invoice by the states of its documents; ``None`` if one is unknown."""
    if not states or None in states:
        return None
    different = set(states)
    return different.pop() if len(different) == 1 else PaymentState.PART_PAID

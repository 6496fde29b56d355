"""Payments of a document in the ERP, and its state of payment."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ..exchange import NotSaid, PaymentState
from ..message_template import MessageKind, MessageTemplate
from ..money import ZERO, count_digits
from ..verdict import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from ..exchange import ErpPayment
    from ..verdict import Notice


_WRONG_SIGN = MessageTemplate(
    "erp.payment_sign",
    "The payments of document {erp_id} in {erp} come to {paid}, but the amount of the document is"
    " {amount}, of the opposite sign, so that they pay nothing of it. Correct these payments in"
    " {erp}.",
    kind=MessageKind.NOTICE,
    source=Source.ERP,
)
_OVERPAID = MessageTemplate(
    "erp.overpaid",
    "Document {erp_id} in {erp} is overpaid: its payments come to {paid}, and its amount is"
    " {amount}. Check these payments in {erp}.",
    kind=MessageKind.NOTICE,
    source=Source.ERP,
)
#: The codes of notices about payments, which are no difference of the document.
PAYMENT_CODES = frozenset({"erp.payment", _WRONG_SIGN.code, _OVERPAID.code})


def format_exactly(amount: Decimal, currency: str | None) -> str:
    """
    Return an amount from the ERP as text, with at least the digits of its currency.

    The ERP may have more digits than the currency; these are shown and not rounded.
    """
    whole, _, rest = f"{amount or ZERO:f}".partition(".")
    digits = rest.rstrip("0")
    if currency is not None:
        digits = digits.ljust(count_digits(currency), "0")
    return f"{whole}.{digits}" if digits else whole


def describe_payment(payment: ErpPayment, currency: str | None) -> str:
    """Return a payment as messages show it: ``100.00 USD (2026-11-20, CHK-1, check)``."""
    amount = _format_money(payment.amount, currency)
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
    Return how far payments pay a document of this amount, or ``None`` if that is not known.

    Without payments a document is open, also if its amount is not known; with payments and an
    unknown amount, the answer is ``None``. Payments that cancel each other pay nothing, and so do
    payments whose sign is opposite to that of the amount. The amount of a credit is negative, and
    so are its payments.
    """
    paid = sum_payments(payments)
    if not paid:
        return PaymentState.OPEN
    if amount is None:
        return None
    if paid * amount < 0:
        return PaymentState.OPEN
    return PaymentState.PAID if abs(paid) >= abs(amount) else PaymentState.PART_PAID


def list_payment_remarks(
    payments: Sequence[ErpPayment],
    amount: Decimal | None,
    currency: str | None,
    *,
    erp: str,
    erp_id: str,
) -> Iterator[Notice]:
    """Yield the notice that payments have the wrong sign, or are more than a document's amount."""
    paid = sum_payments(payments)
    if amount is None:
        return
    facts = {
        "erp": erp,
        "erp_id": erp_id,
        "paid": _format_money(paid, currency),
        "amount": _format_money(amount, currency),
    }
    if paid * amount < 0:
        yield _WRONG_SIGN.note(facts)
    elif abs(paid) > abs(amount):
        yield _OVERPAID.note(facts)


def _format_money(amount: Decimal, currency: str | None) -> str:
    return " ".join(filter(None, (format_exactly(amount, currency), currency)))


def join_payment_states(states: Sequence[PaymentState | None]) -> PaymentState | None:
    """
    Return how far an invoice is paid, from the payment states of its documents.

    It is ``None`` if the state of a document is not known. If the states differ, the invoice is
    paid in part.
    """
    if not states or None in states:
        return None
    different = set(states)
    return different.pop() if len(different) == 1 else PaymentState.PART_PAID

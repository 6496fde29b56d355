"""
The payments of a bill in the ledger.

A payment is a transaction that a person or another program wrote, with the link of the bill's
invoice number (``^invoice/ACME-77``) and a posting to the payable account of its vendor. Several
such postings of a transaction are one payment. A transaction with the links of several invoices
does not say how much of it is for each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...exchange import NOT_SAID, ErpPayment
from ...money import ZERO
from .escape import escape_component
from .parser import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from .accounts import WholeLedger
    from .parser import Booked, Settlement


def list_payments(ledger: WholeLedger, bill: Booked) -> tuple[ErpPayment, ...]:
    """
    Return the payments of a bill; empty for a bill without a number, as no link can name it.

    Raises:
        Damaged: The payments are not clear: the vendor has several bills of that number, or a
            payment names several invoices, has no amount or has another currency.
    """
    if bill.number is None:
        return ()
    found = list(_list_payments(ledger, bill))
    same = [each for each in ledger.find_bills(bill.number) if each.vendor == bill.vendor]
    if found and len(same) > 1:
        lines = ", ".join(each.place for each in same)
        msg = (
            f"The ledger has payments of invoice {bill.number}, which is at lines {lines}. They may"
            " pay any of these bills. Give each bill a number of its own, and correct the links of"
            " the payments."
        )
        raise Damaged(msg)
    return tuple(found)


def _list_payments(ledger: WholeLedger, bill: Booked) -> Iterator[ErpPayment]:
    vendor = [escape_component(bill.vendor or "")]
    for each in ledger.find_settlements(bill.number or ""):
        parts = [part for part in each.amounts if part[0].split(":")[2:] == vendor]
        if not parts:
            continue
        if len(each.invoices) > 1:
            msg = (
                f"The payment at {each.place} names several invoices:"
                f" {', '.join(sorted(each.invoices))}. Give the payment of each invoice its own"
                " transaction."
            )
            raise Damaged(msg)
        yield ErpPayment(
            amount=sum((_read_amount(part, each, bill) for part in parts), ZERO),
            date=each.place.date,
            reference=NOT_SAID if each.reference is None else each.reference,
            method=NOT_SAID if each.method is None else each.method,
        )


def _read_amount(
    part: tuple[str, Decimal | None, str], payment: Settlement, bill: Booked
) -> Decimal:
    _, amount, currency = part
    if amount is None or bill.currency not in {None, currency}:
        msg = (
            f"The payment at {payment.place} of invoice {bill.number} has no amount in the currency"
            " of the invoice. Write one."
        )
        raise Damaged(msg)
    return amount

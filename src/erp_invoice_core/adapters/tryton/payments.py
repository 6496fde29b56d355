"""The payments of a bill in Tryton."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...exchange import CannotTell, ErpPayment
from .errors import AnswerLost, TrytonError
from .look_up import require_sight

if TYPE_CHECKING:
    from decimal import Decimal

    from ...documents import Receipt
    from .client import Row
    from .session import TrytonSession

#: The fields of a bill that are read.
_FIELDS: Final = [
    "currency",
    "company.currency",
    "payment_lines.date",
    "payment_lines.debit",
    "payment_lines.credit",
    "payment_lines.amount_second_currency",
    "payment_lines.second_currency",
    "payment_lines.move.journal.name",
]


def read_payments(session: TrytonSession, receipt: Receipt) -> tuple[ErpPayment, ...] | CannotTell:
    """Return the payments of the bill of a receipt; empty if Tryton does not have the bill."""
    domain = [["id", "=", int(receipt.erp_id)], ["type", "=", "in"]]
    try:
        books = session.find_books()
        bills = session.client.search("account.invoice", domain, *_FIELDS)
        if not bills:
            require_sight(session.client, books)
        return tuple(_build_payment(bill, line) for bill in bills for line in bill["payment_lines"])
    except TrytonError as error:
        return CannotTell(str(error))


def _build_payment(bill: Row, line: Row) -> ErpPayment:
    return ErpPayment(
        amount=_find_amount(bill, line),
        date=line["date"],
        method=line["move"]["journal"]["name"],
        erp_id=str(line["id"]),
    )


def _find_amount(bill: Row, line: Row) -> Decimal:
    """Return the amount of a payment in the currency of the bill; a debit is above zero."""
    if bill["currency"] == bill["company"]["currency"]:
        amount: Decimal = line["debit"] - line["credit"]
        return amount
    if line["second_currency"] != bill["currency"]:
        msg = f"Payment {line['id']} is in another currency than its bill."
        raise AnswerLost(msg)
    second: Decimal = line["amount_second_currency"]
    return second

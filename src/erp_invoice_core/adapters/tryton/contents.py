"""The contents of a bill, as Tryton has it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from ...declaration import LandingState
from ...exchange import (
    NOT_SAID,
    Contents,
    ContentsAttachment,
    ContentsLine,
    ContentsTax,
    NotSaid,
    PaymentState,
)
from ...money import ZERO
from .taxes import TAX_FIELDS, read_taxes

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from .books import Books
    from .client import Row, TrytonClient

#: The fields of a bill that are read.
FIELDS: Final = [
    "state",
    "reference",
    "party.code",
    "untaxed_amount",
    "tax_amount",
    "currency.code",
    "invoice_date",
    "accounting_date",
    "payment_lines.debit",
    "payment_lines.credit",
    "lines_to_pay.maturity_date",
    *TAX_FIELDS,
]
#: The states of a bill that is in the books.
IN_BOOKS: Final = frozenset({"posted", "paid"})
#: The state of a bill that was voided.
VOIDED: Final = "cancelled"
_LINE: Final = [
    "type",
    "account",
    "quantity",
    "amount",
    "description",
    "analytic_accounts.root",
    "analytic_accounts.account.code",
    "taxes.name",
]


def read_contents(client: TrytonClient, books: Books, bill: Row) -> Contents:
    """Return the contents of a bill, with its lines and the digests of its attachments."""
    lines = [
        row
        for row in client.search("account.invoice.line", [["invoice", "=", bill["id"]]], *_LINE)
        if row["type"] == "line"
    ]
    kept = [row for row in lines if row["account"] == books.retainage]
    billed = [row for row in lines if row["account"] != books.retainage]
    return Contents(
        vendor=bill["party"]["code"],
        number=bill["reference"],
        amount=bill["untaxed_amount"],
        date=bill["accounting_date"] or bill["invoice_date"],
        currency=bill["currency"]["code"],
        gross=_sum_amounts(billed),
        retained=-_sum_amounts([row for row in kept if row["quantity"] < 0]),
        released=_sum_amounts([row for row in kept if row["quantity"] >= 0]),
        state=LandingState.POSTED if bill["state"] in IN_BOOKS else LandingState.DRAFT,
        paid=_find_payment_state(bill),
        tax=bill["tax_amount"],
        taxes=tuple(
            ContentsTax(code=name or None, amount=amount)
            for name, amount in read_taxes(bill).items()
        ),
        due_date=_find_due_date(bill),
        lines=tuple(_build_line(row, books) for row in lines),
        attachments=tuple(read_attachments(client, bill["id"])),
    )


def _find_payment_state(bill: Row) -> PaymentState:
    """
    Return how far a bill is paid.

    Only the state ``paid`` proves that it is paid in full. An open amount of zero proves nothing,
    as a payment may only be requested, and neither does a reconciled bill, as a voided bill is
    reconciled, too.
    """
    if bill["state"] == "paid":
        return PaymentState.PAID
    paid = sum((line["debit"] - line["credit"] for line in bill["payment_lines"]), ZERO)
    return PaymentState.PART_PAID if paid else PaymentState.OPEN


def _find_due_date(bill: Row) -> date | NotSaid | None:
    """
    Return the day on which all of a bill is due; ``None`` if it is due on several days.

    :data:`NOT_SAID` for a draft, for which Tryton has not computed the days yet.
    """
    days = {line["maturity_date"] for line in bill["lines_to_pay"]}
    if not days:
        return NOT_SAID
    return days.pop() if len(days) == 1 else None


def _sum_amounts(rows: list[Row]) -> Decimal:
    return sum((row["amount"] for row in rows), ZERO)


def _build_line(row: Row, books: Books) -> ContentsLine:
    codes = [
        entry["account"]["code"]
        for entry in row["analytic_accounts"]
        if entry["root"] == books.cost_root and entry["account"]
    ]
    return ContentsLine(
        cost_code=codes[0] if len(codes) == 1 else None,
        amount=row["amount"],
        quantity=row["quantity"],
        description=row["description"],
        tax_code=", ".join(tax["name"] for tax in row["taxes"]) or None,
    )


def read_attachments(client: TrytonClient, bill: int) -> list[ContentsAttachment]:
    """Return the names of the files and links of a bill, and the SHA-256 of each file."""
    domain = [["resource", "=", f"account.invoice,{bill}"]]
    found = client.search("ir.attachment", domain, "name", "type", "data")
    return [_build_attachment(row) for row in found]


def _build_attachment(row: dict[str, Any]) -> ContentsAttachment:
    if row["type"] != "data":
        return ContentsAttachment(name=row["name"], digest=None)
    return ContentsAttachment(
        name=row["name"], digest=hashlib.sha256(row["data"] or b"").hexdigest()
    )

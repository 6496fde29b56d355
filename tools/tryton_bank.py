"""Payment of bills in a running Tryton by statements of the bank."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.adapters import Secret
from erp_invoice_core.adapters.tryton.client import TrytonClient

if TYPE_CHECKING:
    from erp_invoice_core.adapters import Receipt
    from examples.tryton.server import TrytonServer

#: The day of the statements; its accounting period is open in the company that is set up.
PAID_ON = date(2026, 11, 20)
_LINE = "account.statement.line"
_STATEMENT = "account.statement"


@attrs.define
class Bank:
    """
    The bank of the company: each payment is a validated statement of one line.

    Attributes:
        client: A client of the running Tryton.
        balance: The balance after the last statement, in the company's currency.
        _signs: True for each paid bill, false for each paid credit, by id.
    """

    client: TrytonClient
    balance: Decimal = Decimal(0)
    _signs: dict[int, bool] = attrs.field(factory=dict)

    @classmethod
    def of(cls, server: TrytonServer) -> Bank:
        """Return the bank of the company of a running server."""
        return cls(TrytonClient(server.url, server.database, Secret(server.accountant_key), 30.0))

    def pay(self, bill: int, amount: Decimal) -> date:
        """
        Pay an amount of a bill, below zero of a credit; return the day of the payment.

        The amount is in the company's currency.
        """
        self.client.begin_call()
        (company,) = self.client.search("company.company", [], "id")
        (journal,) = self.client.search("account.statement.journal", [], "id")
        (owed,) = self.client.search("account.invoice", [["id", "=", bill]], "party", "account")
        line = {
            "date": PAID_ON,
            "amount": -amount,
            "party": owed["party"],
            "account": owed["account"],
            "related_to": f"account.invoice,{bill}",
        }
        values = {
            "name": f"{bill} {amount}",
            "company": company["id"],
            "journal": journal["id"],
            "date": PAID_ON,
            "start_balance": self.balance,
            "end_balance": self.balance - amount,
            "lines": [["create", [line]]],
        }
        statement = self.client.create(_STATEMENT, values, _soon())
        self.client.act(_STATEMENT, statement, "validate_statement", _soon())
        self.balance -= amount
        return PAID_ON

    def pay_or_void(self, receipt: Receipt, amount: Decimal) -> date:
        """
        Pay a document, or void its payments if the amount has the opposite sign.

        This is ``pay`` of the contract of adapters.
        """
        bill = int(receipt.erp_id)
        if self._signs.setdefault(bill, amount > 0) is (amount > 0):
            return self.pay(bill, amount)
        self.void(bill)
        return PAID_ON

    def void(self, bill: int) -> None:
        """Cancel the statements that paid a bill, so that it is open again."""
        self.client.begin_call()
        lines = self.client.search(
            _LINE, [["related_to", "=", f"account.invoice,{bill}"]], "statement", "amount"
        )
        for line in lines:
            self.client.act(_STATEMENT, line["statement"], "cancel", _soon())
            self.balance -= line["amount"]

    def cancel(self, receipt: Receipt) -> bool:
        """Cancel a bill that is not paid, as an accountant does who reverses it."""
        self.client.begin_call()
        self.client.act("account.invoice", int(receipt.erp_id), "cancel", _soon())
        return True


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)

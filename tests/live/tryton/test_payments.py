"""Payments that an accountant enters in a running Tryton are read back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from erp_invoice_core.adapters import Contents, ErpPayment, PaymentState
from tests.live.tryton.company import LiveCompany, build_document
from tests.worker.harness import EVERYTHING

if TYPE_CHECKING:
    from erp_invoice_core.adapters import Receipt, Session
    from erp_invoice_core.adapters.tryton.session import TrytonSession

PAID_ON = date(2026, 11, 20)


def enter_statement(session: Session, bill: int, amount: Decimal, start: Decimal) -> None:
    """Enter a bank statement that pays a bill, as an accountant does."""
    tryton: TrytonSession = session.value  # type: ignore[assignment] # an object for us
    client, soon = tryton.client, datetime.now(UTC) + timedelta(minutes=1)
    tryton.find_books()
    (journal,) = client.search("account.statement.journal", [], "id")
    (owed,) = client.search("account.invoice", [["id", "=", bill]], "party", "account")
    line = {
        "date": PAID_ON,
        "amount": -amount,
        "party": owed["party"],
        "account": owed["account"],
        "related_to": f"account.invoice,{bill}",
    }
    values = {
        "name": f"{bill}-{amount}",
        "company": tryton.find_books().company,
        "journal": journal["id"],
        "date": PAID_ON,
        "start_balance": start,
        "end_balance": start - amount,
        "lines": [["create", [line]]],
    }
    statement = client.create("account.statement", values, soon)
    client.act("account.statement", statement, "validate_statement", soon)


def read_paid(company: LiveCompany, session: Session, bill: Receipt) -> object:
    """Return how far a bill is paid, as the adapter reads it."""
    shown = company.adapter.read(session, bill)
    assert isinstance(shown, Contents)
    return shown.paid


def test_payments_are_read_as_they_arrive(company: LiveCompany) -> None:
    """A bill is open, part paid, then paid; while it has payments it cannot be unlinked."""
    invoice = build_document("100.00", retained="10.00")
    company.export(invoice)
    bill, session = company.find_bill(invoice), company.connect()
    seen = [(read_paid(company, session, bill), company.adapter.payments(session, bill))]
    enter_statement(session, int(bill.erp_id), Decimal("40.00"), Decimal("0.00"))
    seen.append((read_paid(company, session, bill), company.adapter.payments(session, bill)))
    (refused,) = company.queue.unlink([invoice.invoice_id], EVERYTHING)
    enter_statement(session, int(bill.erp_id), Decimal("50.00"), Decimal("-40.00"))
    seen.append((read_paid(company, session, bill), company.adapter.payments(session, bill)))

    def describe(payments: object) -> list[tuple[str, object, object]]:
        assert isinstance(payments, tuple)
        return [
            (f"{each.amount:.2f}", each.date, each.method)
            for each in payments
            if isinstance(each, ErpPayment)
        ]

    first, second = ("40.00", PAID_ON, "Bank"), ("50.00", PAID_ON, "Bank")
    assert [
        (PaymentState.OPEN, []),
        (PaymentState.PART_PAID, [first]),
        (PaymentState.PAID, [first, second]),
    ] == [(paid, describe(payments)) for paid, payments in seen]
    assert "export.paid" in [denial.code for denial in refused.verdict.denials]

"""Payments and changes that an accountant makes in a running Tryton are read back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import Action, tie_out
from erp_invoice_core.adapters import Contents, ErpPayment, PaymentState
from erp_invoice_core.adapters.tryton import TRYTON
from erp_invoice_core.flow.reconcile import Presence
from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.result import CheckResult
from erp_invoice_core.testing.contract.run import make_check
from erp_invoice_core.testing.contract.trial import Target
from tests.live.tryton.company import LiveCompany, build_document
from tests.worker.harness import EVERYTHING
from tools.tryton_bank import PAID_ON, Bank
from tools.tryton_conformance import build_sample

if TYPE_CHECKING:
    from pathlib import Path

    from erp_invoice_core.adapters import Receipt, Session
    from erp_invoice_core.adapters.tryton.session import TrytonSession
    from examples.tryton.server import TrytonServer


@pytest.fixture(scope="module")
def bank(server: TrytonServer) -> Bank:
    """The bank of the company, whose balance goes on from test to test."""
    return Bank.of(server)


def read_paid(company: LiveCompany, session: Session, bill: Receipt) -> object:
    """Return how far a bill is paid, as the adapter reads it."""
    shown = company.adapter.read(session, bill)
    assert isinstance(shown, Contents)
    return shown.paid


def test_payments_are_read_as_they_arrive(company: LiveCompany, bank: Bank) -> None:
    """A bill is open, part paid, then paid; while it has payments it cannot be unlinked."""
    invoice = build_document("100.00", retained="10.00")
    company.export(invoice)
    bill, session = company.find_bill(invoice), company.connect()
    seen = [(read_paid(company, session, bill), company.adapter.payments(session, bill))]
    bank.pay(int(bill.erp_id), Decimal("40.00"))
    seen.append((read_paid(company, session, bill), company.adapter.payments(session, bill)))
    (refused,) = company.queue.unlink([invoice.invoice_id], EVERYTHING)
    bank.pay(int(bill.erp_id), Decimal("50.00"))
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


def test_month_end_is_tied_out(company: LiveCompany, bank: Bank) -> None:
    """A paid, a changed, an open and a cancelled bill are each what they are, in one report."""
    amounts = ("100.00", "200.00", "300.00", "400.00")
    invoices = [build_document(each, retained="10.00") for each in amounts]
    for invoice in invoices:
        company.export(invoice)
    paid, changed, _, cancelled = (int(company.find_bill(each).erp_id) for each in invoices)
    session = company.connect()
    tryton: TrytonSession = session.value  # type: ignore[assignment] # an object for us
    bank.pay(paid, Decimal("90.00"))
    company.ledger.change(
        "UPDATE account_invoice SET accounting_date = ?, party ="
        " (SELECT id FROM party_party WHERE code = 'V-OTHER') WHERE id = ?",
        "2026-11-05",
        changed,
    )
    tryton.client.act(
        "account.invoice", cancelled, "cancel", datetime.now(UTC) + timedelta(minutes=1)
    )
    rows = list(company.queue.reconcile([each.invoice_id for each in invoices], EVERYTHING))
    again = list(company.queue.reconcile([each.invoice_id for each in invoices], EVERYTHING))
    notes = [[note.code for note in row.verdict.notices] for row in rows]
    events = [company.queue.history(each.invoice_id)[-1].action for each in invoices]
    (total,) = tie_out(rows)

    assert [["erp.payment"], ["erp.drift", "erp.drift"], [], ["erp.gone"]] == notes
    assert [Presence.THERE] * 3 + [Presence.GONE] == [row.presence for row in rows]
    assert [PaymentState.PAID, PaymentState.OPEN, PaymentState.OPEN] == [
        row.paid for row in rows[:3]
    ]
    assert "V-OTHER" in " ".join(note.message for note in rows[1].verdict.notices)
    assert "2026-11-05" in " ".join(note.message for note in rows[1].verdict.notices)
    assert (4, 2, 0) == (total.invoices, total.differing, total.unread)
    assert ("1000.00", "40.00", "600.00", "30.00", "90.00") == tuple(
        f"{amount:.2f}"
        for amount in (
            total.ours.billed,
            total.ours.retained,
            total.in_erp.billed,
            total.in_erp.retained,
            total.in_erp.paid,
        )
        if amount is not None
    )
    assert [True, True, False, True] == [action is Action.RECONCILE for action in events]
    assert rows == again


@pytest.mark.soak
def test_contract_pays_and_voids(server: TrytonServer, bank: Bank, tmp_path: Path) -> None:
    """The adapter keeps the check of the contract that pays a bill and a credit in parts."""
    target = Target(
        plugin=TRYTON,
        settings=lambda _folder: server.settings(),
        document=build_sample,
        run="P",
        pay=bank.pay_or_void,
    )

    finding = make_check(CHECKS["payments.paid"], target, tmp_path)

    assert (CheckResult.PROVED, "") == (finding.result, finding.why)

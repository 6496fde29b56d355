"""Payments are shown with what the ERP says of them, and pay a document in part or in full."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from erp_invoice_core.adapters import ErpPayment, PaymentState
from erp_invoice_core.flow import (
    describe_payment,
    find_payment_state,
    format_exactly,
    join_payment_states,
    list_payment_remarks,
    sum_payments,
)

OPEN, PART, PAID = PaymentState.OPEN, PaymentState.PART_PAID, PaymentState.PAID


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("100", "USD", "100.00"),
        ("100.5", "USD", "100.50"),
        ("100.505", "USD", "100.505"),
        ("100.5000", "USD", "100.50"),
        ("1E+3", "USD", "1000.00"),
        ("-0.00", "USD", "0.00"),
        ("-3.25", "USD", "-3.25"),
        ("1000", "JPY", "1000"),
        ("1000.5", "JPY", "1000.5"),
        ("12", None, "12"),
        ("12.340", None, "12.34"),
    ],
)
def test_amounts_are_shown_without_loss(amount: str, currency: str | None, text: str) -> None:
    """An amount has the digits of its currency, or more if the ERP has more."""
    assert text == format_exactly(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("payment", "currency", "text"),
    [
        (ErpPayment(amount=Decimal(5)), "USD", "5.00 USD"),
        (ErpPayment(amount=Decimal(5), date=None, reference=" ", method=""), None, "5"),
        (ErpPayment(amount=Decimal(5), date=date(2026, 11, 20)), "USD", "5.00 USD (2026-11-20)"),
        (
            ErpPayment(
                amount=Decimal(5), date=date(2026, 11, 20), reference="CHK-1", method="check"
            ),
            "USD",
            "5.00 USD (2026-11-20, CHK-1, check)",
        ),
        (ErpPayment(amount=Decimal(5), method="wire"), "EUR", "5.00 EUR (wire)"),
    ],
)
def test_payment_is_described(payment: ErpPayment, currency: str | None, text: str) -> None:
    """A payment is its amount, and what is said of day, reference and method."""
    assert text == describe_payment(payment, currency)


def _pay(*amounts: str) -> list[ErpPayment]:
    return [ErpPayment(amount=Decimal(amount)) for amount in amounts]


@pytest.mark.parametrize(
    ("payments", "amount", "state"),
    [
        ([], "100", OPEN),
        ([], None, OPEN),
        (["50", "-50"], "100", OPEN),
        (["99.99"], "100", PART),
        (["60", "40"], "100", PAID),
        (["101"], "100", PAID),
        (["-30"], "-100", PART),
        (["-100"], "-100", PAID),
        (["-100"], "100", OPEN),
        (["100"], "-100", OPEN),
        (["1"], "0", PAID),
        (["1"], None, None),
    ],
)
def test_payments_pay_in_part_or_in_full(
    payments: list[str], amount: str | None, state: PaymentState | None
) -> None:
    """A document is open without payments, and paid once they reach its amount."""
    due = None if amount is None else Decimal(amount)

    assert state is find_payment_state(_pay(*payments), due)


@pytest.mark.parametrize(
    ("payments", "amount", "remarks"),
    [
        ([], "100", []),
        (["100"], "100", []),
        (["100"], None, []),
        (["-100"], "-100", []),
        (
            ["-100"],
            "100",
            [
                (
                    "The payments of document B-1 in Ledgerly come to -100.00 USD, but the amount"
                    " of the document is 100.00 USD, of the opposite sign, so that they pay nothing"
                    " of it. Correct these payments in Ledgerly."
                )
            ],
        ),
        (
            ["60", "40.01"],
            "100",
            [
                (
                    "Document B-1 in Ledgerly is overpaid: its payments come to 100.01 USD, and its"
                    " amount is 100.00 USD. Check these payments in Ledgerly."
                )
            ],
        ),
        (
            ["1"],
            "0",
            [
                (
                    "Document B-1 in Ledgerly is overpaid: its payments come to 1.00 USD, and its"
                    " amount is 0.00 USD. Check these payments in Ledgerly."
                )
            ],
        ),
    ],
)
def test_payments_of_another_sign_or_above_the_amount_have_a_remark(
    payments: list[str], amount: str | None, remarks: list[str]
) -> None:
    """A person looks at payments that cannot be right; an unknown amount has no remark."""
    due = None if amount is None else Decimal(amount)

    found = list_payment_remarks(_pay(*payments), due, "USD", erp="Ledgerly", erp_id="B-1")

    assert remarks == [note.message for note in found]


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ([], None),
        ([OPEN], OPEN),
        ([PAID, PAID], PAID),
        ([PAID, OPEN], PART),
        ([PART, PAID], PART),
        ([PAID, None], None),
    ],
)
def test_documents_pay_an_invoice_together(
    states: list[PaymentState | None], state: PaymentState | None
) -> None:
    """An invoice is paid if each of its documents is, and not known if one is not known."""
    assert state is join_payment_states(states)


def test_payments_are_summed() -> None:
    """The sum of no payment is zero."""
    assert (Decimal(0), Decimal("60.5")) == (sum_payments([]), sum_payments(_pay("20.5", "40")))

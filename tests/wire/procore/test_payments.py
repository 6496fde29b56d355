"""Payments of invoices, and the payments that a requisition states."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.documents import Invoice, Payment
from erp_invoice_core.vocabulary import InvoiceStatus
from erp_invoice_core.wire.procore import read_requisition
from erp_invoice_core.wire.procore.fields import Report, Scope
from erp_invoice_core.wire.procore.payments import dump_payments, parse_payment_summary
from erp_invoice_core.wire.procore.requisition import dump_requisition

from .records import contract, item, line, load, problems, requisition, warnings

BARE = Invoice(
    id="5000",
    number=1,
    project_id="10",
    commitment_id="100",
    currency="USD",
    status=InvoiceStatus.APPROVED,
)
PAYMENT = {"id": 9, "amount": "5.00", "check_number": "9"}
SHOWN = contract(line_items=[line()], change_order_packages=[])


def test_nothing_is_said_of_payments_beside_problems() -> None:
    """The requisition that is paid may be the wrong one."""
    page, paid = [requisition(item(), number=0)], [{**PAYMENT, "requisition_id": 5000}]
    reading = load(contract=SHOWN, page=page, paid=paid)
    assert [("page.json: [0].number", "number.range")] == problems(reading)
    assert () == reading.warnings


@pytest.mark.parametrize(
    ("names", "paid"),
    [
        ({"commitment_id": 100, "invoice_number": "A-1"}, True),
        ({"contract_id": 100, "invoice_number": "A-1"}, True),
        ({"contract_id": 101, "commitment_id": 100, "invoice_number": "A-1"}, False),
        ({"invoice_number": "A-1"}, False),
        ({"contract_id": 100, "invoice_number": " ", "draw_request_number": 1}, True),
        ({"contract_id": 100, "invoice_number": [], "draw_request_number": "1"}, True),
        ({"contract_id": 100, "draw_request_number": 2}, False),
        ({"contract_id": 100}, False),
    ],
)
def test_a_payment_names_its_invoice_within_its_contract(
    names: dict[str, object], *, paid: bool
) -> None:
    """It has the number of the invoice, or else that of the application."""
    page = [requisition(item(), invoice_number="A-1")]
    reading = load(contract=SHOWN, page=page, paid=[{**PAYMENT, **names}])
    expected = [] if paid else [("paid.json: [0].requisition_id", "payment.of_no_invoice")]
    assert expected == warnings(reading)
    payments = reading.requisitions[0].value.payments
    assert (["9"] if paid else []) == [each.id for each in payments]


@pytest.mark.parametrize(
    ("summary", "paid"),
    [
        ({}, "0"),
        ({"manual": {}}, "0"),
        ({"manual": {"amount": None}, "procore_pay": {"amount": "5.00"}}, "5.00"),
        ({"manual": {"amount": "2.50"}, "procore_pay": {"amount": "5.00"}}, "7.50"),
        ({"total_paid": "3.00", "procore_pay": {"amount": "5.00"}}, "3.00"),
        ({"total_paid": "3.00", "invoiced_amount_paid": "4.00"}, "4.00"),
        ({"total_paid": "0.00", "procore_pay": {"amount": "5.00"}}, "0"),
    ],
)
def test_the_first_total_that_is_there_is_what_was_paid(summary: object, paid: str) -> None:
    """Without a total it is the sum of the ways of payment."""
    found = parse_payment_summary(Scope({"payment_summary": summary}, "", Report()))
    assert {"paid": Decimal(paid)} == found


@pytest.mark.parametrize(
    ("changes", "plain"),
    [
        ({}, {}),
        ({"paid_in_full": True}, {"payment_summary": {"invoice_paid_in_full": True}}),
        ({"paid": Decimal("5.00")}, {"payment_summary": {"invoiced_amount_paid": "5"}}),
        (
            {"payments": (Payment(id="9", amount=Decimal("5.00"), paid_on=date(2026, 11, 20)),)},
            {"contract_payments": [{"id": "9", "amount": "5", "date": "2026-11-20"}]},
        ),
    ],
)
def test_what_was_paid_is_kept(changes: dict[str, Any], plain: dict[str, Any]) -> None:
    """Without a payment nothing is stored; a stored payment is read back."""
    paid = attrs.evolve(BARE, **changes)
    assert plain == dump_payments(paid)
    kept = {**json.loads(json.dumps(dump_requisition(paid))), "items": []}
    assert paid == read_requisition(kept)

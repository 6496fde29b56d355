"""An invoice is checked as a whole: every problem is reported, with its path."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from erp_invoice_core.documents import (
    InvalidDocument,
    Invoice,
    InvoiceItem,
    InvoiceSummary,
    Payment,
)
from erp_invoice_core.vocabulary import InvoiceStatus, ItemType


def _item(number: str, scheduled: str = "100") -> InvoiceItem:
    return InvoiceItem(
        id=number,
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1",
        scheduled_value=Decimal(scheduled),
    )


def _invoice(**given: Any) -> Invoice:  # noqa: ANN401 - the invoice's own fields
    usual: dict[str, Any] = {
        "id": "5000",
        "number": 1,
        "project_id": "10",
        "commitment_id": "100",
        "currency": "USD",
        "status": InvoiceStatus.DRAFT,
    }
    return Invoice(**{**usual, **given})


def _problems(**given: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - as above
    with pytest.raises(InvalidDocument) as raised:
        _invoice(**given)
    return [(problem.path, problem.code) for problem in raised.value.problems]


def test_invoice_without_problems_is_made() -> None:
    """Its period may be one day."""
    day = date(2026, 10, 31)

    assert day == _invoice(period_start=day, period_end=day, items=(_item("1"),)).period_end


def test_every_problem_is_reported() -> None:
    """A blank id, a number below one, itself as previous, a reversed period, amounts, items."""
    assert [
        ("project_id", "value.blank"),
        ("number", "number.range"),
        ("previous_id", "reference.itself"),
        ("period_end", "period.order"),
        ("tax_applicable", "amount.not_finite"),
        ("items[0].scheduled_value", "amount.digits"),
        ("id", "id.duplicate"),
    ] == _problems(
        project_id="",
        number=0,
        previous_id="5000",
        period_start=date(2026, 10, 31),
        period_end=date(2026, 10, 1),
        tax_applicable=Decimal("NaN"),
        items=(_item("1", "0.001"), _item("1")),
    )


@pytest.mark.parametrize(
    "number", [2**63, 10**5000, -(10**5000)], ids=["bigint", "huge", "negative"]
)
def test_number_that_no_database_stores_is_reported(number: int) -> None:
    """It is a problem, also if Python would not write the number."""
    assert [("number", "number.range")] == _problems(number=number)


def test_unknown_currency_is_reported() -> None:
    """The currency must have three capital letters."""
    assert [("currency", "currency.unknown")] == _problems(currency="dollars")
    assert [("currency", "currency.unknown")] == _problems(currency="usd", items=(_item("1"),))


def test_item_needs_an_id_and_a_line() -> None:
    """An item that bills no line is refused."""
    with pytest.raises(InvalidDocument) as raised:
        InvoiceItem(
            id="",
            item_type=ItemType.CONTRACT_ITEM,
            line_item_id=" ",
            scheduled_value=Decimal(1),
        )

    assert ["id", "line_item_id"] == [problem.path for problem in raised.value.problems]


def test_an_invoice_is_paid_by_a_date_an_amount_or_a_word() -> None:
    """A payment that names it counts; one that was taken back with the same amount does not."""
    paid, back = (
        Payment(id=id_, amount=Decimal(amount)) for id_, amount in (("1", "50.00"), ("2", "-50.00"))
    )

    assert not _invoice().is_paid
    assert _invoice(payment_date=date(2026, 11, 1)).is_paid
    assert _invoice(paid_in_full=True).is_paid
    assert _invoice(paid=Decimal("0.01")).is_paid
    assert _invoice(payments=(paid,)).is_paid
    assert not _invoice(payments=(paid, back)).is_paid
    assert Decimal("60.00") == _invoice(paid=Decimal(10), payments=(paid,)).amount_paid


def test_a_payment_has_an_id() -> None:
    """The id identifies the payment."""
    with pytest.raises(InvalidDocument):
        Payment(id=" ", amount=Decimal(1))


def test_a_simplified_invoice_says_so() -> None:
    """In any spelling; without a value the invoice has a G702."""
    assert _invoice(invoicing_method="Simplified").is_simplified
    assert not _invoice(invoicing_method="progressive").is_simplified
    assert not _invoice().is_simplified


def test_a_summary_is_checked() -> None:
    """A blank id and a number of another type are refused."""
    assert InvoiceSummary(id="1", commitment_id="2", number=3).invoice_number is None
    for wrong in ({"id": " "}, {"number": "3"}):
        with pytest.raises(InvalidDocument):
            InvoiceSummary(**{"id": "1", "commitment_id": "2", "number": 3, **wrong})  # type: ignore[arg-type]

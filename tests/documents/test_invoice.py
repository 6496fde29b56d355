"""An invoice is checked as a whole: every problem is told, with its path."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from erp_invoice_core.documents import InvalidDocument, Invoice, InvoiceItem
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


def test_every_problem_is_told() -> None:
    """A blank id, a number below one, itself as previous, a period backwards, amounts, items."""
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


def test_unknown_currency_is_told() -> None:
    """Three capital letters."""
    assert [("currency", "currency.unknown")] == _problems(currency="dollars")


def test_item_needs_an_id_and_a_line() -> None:
    """What bills nothing is no item."""
    with pytest.raises(InvalidDocument) as raised:
        InvoiceItem(
            id="",
            item_type=ItemType.CONTRACT_ITEM,
            line_item_id=" ",
            scheduled_value=Decimal(1),
        )

    assert ["id", "line_item_id"] == [problem.path for problem in raised.value.problems]

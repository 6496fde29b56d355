"""The amounts of the period: gross, retained, released and due, per item and in total."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp_invoice_core.billing import compute_period
from erp_invoice_core.documents import Invoice, InvoiceItem
from erp_invoice_core.vocabulary import InvoiceStatus, ItemType


def invoice(*columns: dict[str, str]) -> Invoice:
    """Return an invoice of one item per set of columns, in dollars."""
    items = [
        InvoiceItem(
            id=str(place),
            item_type=ItemType.CONTRACT_ITEM,
            line_item_id="1",
            scheduled_value=Decimal(1000),
            **{name: Decimal(value) for name, value in texts.items()},  # type: ignore[arg-type]  # all of them amounts
        )
        for place, texts in enumerate(columns)
    ]
    return Invoice(
        id="r",
        number=2,
        project_id="10",
        commitment_id="100",
        currency="USD",
        status=InvoiceStatus.APPROVED,
        items=tuple(items),
    )


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        # work, and retainage on it
        ({"work_previous": "100", "work_this_period": "50", "work_retainage_retained": "5"},
         ("50", "0", "50", "5", "0", "45")),
        # materials stored for the first time: the held amount was held in this period
        ({"stored": "80", "stored_retainage_held": "8"}, ("0", "80", "80", "8", "0", "72")),
        # and a part of it released at once
        ({"stored": "80", "stored_retainage_held": "6", "stored_retainage_released": "2"},
         ("0", "80", "80", "8", "2", "74")),
        # 80 were stored, 20 are new, 30 moved into work with 3 of the 8 that were held
        ({"work_previous": "130", "materials_moved": "30", "stored_previous": "80", "stored": "70",
          "work_this_period": "10", "work_retainage_retained": "1", "stored_retainage_moved": "3",
          "stored_retainage_held": "7", "stored_retainage_new": "2"},
         ("40", "-10", "30", "3", "0", "27")),
        # nothing is stored, but an amount is still held on it: the stated new amount counts
        ({"work_previous": "500", "stored_retainage_held": "50", "stored_retainage_new": "0"},
         ("0", "0", "0", "0", "0", "0")),
        ({"stored": "80", "stored_retainage_held": "50", "stored_retainage_new": "8"},
         ("0", "80", "80", "8", "0", "72")),
        # 100 were stored with 10 held, and 30 of them moved into work at once, with 3 of the 10
        ({"work_this_period": "10", "materials_moved": "30", "stored": "70",
          "work_retainage_retained": "1", "stored_retainage_held": "7",
          "stored_retainage_moved": "3"},
         ("40", "70", "110", "11", "0", "99")),
        # release of both kinds
        ({"work_previous": "100", "work_retainage_previous": "10", "work_retainage_released": "4",
          "stored_previous": "80", "stored": "80", "stored_retainage_held": "3",
          "stored_retainage_new": "0", "stored_retainage_released": "5"},
         ("0", "0", "0", "0", "9", "9")),
        # a backcharge
        ({"work_this_period": "-40", "work_retainage_retained": "-4"},
         ("-40", "0", "-40", "-4", "0", "-36")),
        # the held amount on new materials is unknown
        ({"stored_previous": "80", "stored": "90", "stored_retainage_held": "9"},
         ("0", "10", "10", None, "0", None)),
    ],
)  # fmt: skip
def test_the_amounts_of_an_item(columns: dict[str, str], expected: tuple[str | None, ...]) -> None:
    """Work, stored, gross, retained, released, due."""
    (amounts,) = compute_period(invoice(columns)).items
    assert tuple(None if text is None else Decimal(text) for text in expected) == tuple(amounts)


def test_the_total_is_the_sum_of_the_items() -> None:
    """A deduction counts against the work."""
    total = compute_period(invoice({"work_this_period": "50"}, {"work_this_period": "-20"})).total
    assert (Decimal(30), Decimal(30)) == (total.gross, total.due)


def test_one_unknown_item_makes_the_total_unknown() -> None:
    """The retained and due totals are unknown then; gross and released are known."""
    total = compute_period(
        invoice({"work_this_period": "50"}, {"stored_previous": "80", "stored": "80"})
    ).total
    assert (Decimal(50), None, None) == (total.gross, total.retained, total.due)


@pytest.mark.parametrize(
    ("columns", "is_zero"),
    [
        ({}, True),
        ({"work_this_period": "5"}, False),
        ({"work_retainage_released": "5"}, False),
        ({"work_retainage_retained": "5"}, False),
        ({"work_this_period": "-5"}, False),
        ({"stored_previous": "5", "stored": "5"}, False),
    ],
)
def test_zero(columns: dict[str, str], *, is_zero: bool) -> None:
    """An invoice is zero by the totals of its period."""
    assert is_zero == compute_period(invoice(columns)).is_zero

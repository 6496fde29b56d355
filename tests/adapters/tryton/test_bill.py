"""Quantity and unit price of a line always come to its amount in Tryton."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from erp_invoice_core.adapters.tryton.bill import compute_factors
from erp_invoice_core.testing import sample_document

CENT = Decimal("0.01")
ONE = Decimal(1)


@pytest.mark.parametrize(
    ("quantity", "price", "gross", "expected"),
    [
        (None, None, "21000.00", (ONE, Decimal("21000.00"))),
        ("40", "1850.00", "74000.00", (Decimal(40), Decimal("1850.0000"))),
        # The price of the line does not come to its amount, and another one does.
        ("40", "1800.00", "74000.00", (Decimal(40), Decimal("1850.0000"))),
        # A third of a cent is lost in four decimals, which 3 units do not show.
        ("3", "33.333333", "100.00", (Decimal(3), Decimal("33.3333"))),
        # 90,000 units would show it: the line is one unit.
        ("90000", "0.111111", "10000.00", (ONE, Decimal("10000.00"))),
        ("0", "5.00", "10.00", (ONE, Decimal("10.00"))),
        ("0.1234567890123456789", "1.00", "0.12", (ONE, Decimal("0.12"))),
        ("-4", "25.00", "-100.00", (Decimal(-4), Decimal("25.0000"))),
    ],
)
def test_factors(
    quantity: str | None, price: str | None, gross: str, expected: tuple[Decimal, Decimal]
) -> None:
    """They are those of the line where that is possible, else one unit at the amount."""
    line = attrs.evolve(
        sample_document().lines[0],
        quantity=None if quantity is None else Decimal(quantity),
        unit_price=None if price is None else Decimal(price),
        gross=Decimal(gross),
    )

    assert expected == compute_factors(line, CENT)

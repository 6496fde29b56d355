"""Amounts of one side are added and compared; an amount that is not known stays unknown."""

from __future__ import annotations

from decimal import Decimal

from erp_invoice_core.flow.amounts import NOTHING, UNKNOWN_AMOUNTS, Amounts

ONE = Amounts(
    billed=Decimal(100),
    retained=Decimal(10),
    released=Decimal(4),
    due=Decimal(94),
    tax=Decimal(9),
    paid=Decimal(0),
)
OTHER = Amounts(
    billed=Decimal(50),
    retained=Decimal(5),
    released=Decimal(0),
    due=Decimal(45),
    tax=Decimal(2),
    paid=Decimal(45),
)


def test_amounts_are_added() -> None:
    """Each amount is the sum of both; without invoices all are zero."""
    assert ONE.add(OTHER) == Amounts(
        billed=Decimal(150),
        retained=Decimal(15),
        released=Decimal(4),
        due=Decimal(139),
        tax=Decimal(11),
        paid=Decimal(45),
    )
    assert ONE == NOTHING.add(ONE)


def test_amounts_are_subtracted() -> None:
    """Each amount is the difference of both."""
    assert ONE.subtract(OTHER) == Amounts(
        billed=Decimal(50),
        retained=Decimal(5),
        released=Decimal(4),
        due=Decimal(49),
        tax=Decimal(7),
        paid=Decimal(-45),
    )


def test_unknown_amount_makes_the_result_unknown() -> None:
    """A sum and a difference are not known if a part is not, on either side."""
    part = Amounts(billed=Decimal(1))

    assert UNKNOWN_AMOUNTS == ONE.add(UNKNOWN_AMOUNTS) == UNKNOWN_AMOUNTS.subtract(ONE)
    assert Amounts(billed=Decimal(101)) == ONE.add(part) == part.add(ONE)
    assert Amounts(billed=Decimal(99)) == ONE.subtract(part)
    assert Amounts(billed=Decimal(-99)) == part.subtract(ONE)


def test_open_retainage_is_what_is_held_and_not_released() -> None:
    """It is not known if one of the two is not."""
    assert Decimal(6) == ONE.open_retainage
    assert (None, None) == (
        Amounts(retained=Decimal(1)).open_retainage,
        Amounts(released=Decimal(1)).open_retainage,
    )

"""The amount of a tax in Tryton is split by the rates of its parts, to the cent."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from erp_invoice_core.adapters.tryton.taxes import (
    Tax,
    TaxPart,
    build_tax_rows,
    find_tax_gap,
    read_taxes,
)
from erp_invoice_core.testing import sample_document

CENT, YEN = Decimal("0.01"), Decimal(1)


def build_tax(*rates: str | None) -> Tax:
    """Return a tax with a part of each rate."""
    parts = (
        TaxPart(
            tax=place,
            description=f"Part {place}",
            rate=None if rate is None else Decimal(rate),
            account=10,
            credit_account=20,
        )
        for place, rate in enumerate(rates, 1)
    )
    return Tax(tax=9, parts=tuple(parts))


@pytest.mark.parametrize(
    ("rates", "amount", "unit", "expected"),
    [
        (("0.13",), "13.01", CENT, ["13.01"]),
        ((None,), "13.01", CENT, ["13.01"]),
        (("0.05", "0.07"), "12.00", CENT, ["5.00", "7.00"]),
        (("0.05", "0.07"), "12.01", CENT, ["5.00", "7.01"]),
        (("0.05", "0.07"), "-11.99", CENT, ["-5.00", "-6.99"]),
        (("0.05", "0.05"), "101", YEN, ["50", "51"]),
        (("0.05", None), "0", CENT, ["0", "0"]),
        ((), "0", CENT, []),
        ((), "1.00", CENT, None),
        (("0.05", None), "1.00", CENT, None),
        (("0", "0"), "1.00", CENT, None),
    ],
)
def test_an_amount_is_split_by_the_rates(
    rates: tuple[str | None, ...], amount: str, unit: Decimal, expected: list[str] | None
) -> None:
    """The parts come to the amount; without rates no parts of an amount are made up."""
    found = build_tax(*rates).split(Decimal(amount), unit)

    assert (None if expected is None else [*map(Decimal, expected)]) == found


def test_rows_are_grouped_by_tax_and_sign() -> None:
    """Lines below zero have a row with the account of credits, as in Tryton."""
    first = attrs.evolve(sample_document().lines[0], tax_code_origin_id="HST", tax_code="H")
    amounts = (("100", "13.00"), ("-10", "-1.31"), ("50", "6.50"), ("0", "0"))
    lines = tuple(
        attrs.evolve(first, gross=Decimal(gross), tax=Decimal(tax)) for gross, tax in amounts
    )
    rows = list(build_tax_rows(sample_document(lines=lines), {"HST": build_tax("0.13")}))

    assert [
        (10, Decimal(150), Decimal("19.50")),
        (20, Decimal(-10), Decimal("-1.31")),
    ] == [(row["account"], row["base"], row["amount"]) for row in rows]
    assert not any(row["manual"] for row in rows)


def test_the_taxes_of_a_bill_are_compared_by_name() -> None:
    """A part counts for the tax that it belongs to, and an amount without a tax is a difference."""
    line = attrs.evolve(sample_document().lines[0], tax_code_origin_id="GST + PST", tax=Decimal(12))
    document = sample_document(lines=(line,))
    whole = {"name": "GST + PST"}
    rows = [
        {"amount": Decimal(5), "tax": {"name": "GST", "parent": whole}},
        {"amount": Decimal(7), "tax": {"name": "PST", "parent": whole}},
    ]
    bill = {"id": 3, "taxes": rows}
    other = {"id": 3, "taxes": [*rows, {"amount": Decimal(1), "tax": None}]}

    assert {"GST + PST": Decimal(12)} == read_taxes(bill)
    assert None is find_tax_gap(bill, document)
    assert (denial := find_tax_gap(other, document)) is not None
    assert "tryton.tax_changed" == denial.code

"""Lines come to their amounts in Tryton, and taxes without an end of rounding are refused."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from erp_invoice_core.adapters.tryton.rounding import (
    can_round,
    compute_factors,
    find_small_taxes,
)
from erp_invoice_core.testing import sample_document
from tests.adapters.tryton.test_taxes import CENT, YEN, build_tax

PARTS = {"GST + PST": build_tax("0.05", "0.07"), "HST": build_tax("0.12")}


@pytest.mark.parametrize(
    ("quantity", "price", "gross", "expected"),
    [
        (None, None, "21000.00", (Decimal(1), Decimal("21000.00"))),
        ("40", "1850.00", "74000.00", (Decimal(40), Decimal("1850.0000"))),
        # The price of the line does not come to its amount, and another one does.
        ("40", "1800.00", "74000.00", (Decimal(40), Decimal("1850.0000"))),
        # A third of a cent is lost in four decimals, which 3 units do not show.
        ("3", "33.333333", "100.00", (Decimal(3), Decimal("33.3333"))),
        # 90,000 units would show it: the line is one unit.
        ("90000", "0.111111", "10000.00", (Decimal(1), Decimal("10000.00"))),
        ("0", "5.00", "10.00", (Decimal(1), Decimal("10.00"))),
        ("0.1234567890123456789", "1.00", "0.12", (Decimal(1), Decimal("0.12"))),
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


@pytest.mark.parametrize(
    ("amounts", "unit", "expected"),
    [
        ((), CENT, True),
        (("0.005",), CENT, True),  # 0.00, and the half cent rounds to nothing
        (("0.015",), CENT, True),
        (("0.0020", "0.0028"), CENT, True),  # the base is 0.04, and both come to 0.0048
        (("0.0025", "0.0035"), CENT, False),  # 0.05
        (("0.0035", "0.0049"), CENT, False),  # 0.07
        (("-0.0030", "-0.0042"), CENT, False),  # -0.06
        (("0.0040", "0.0056"), CENT, True),  # 0.08: the second part is a cent
        (("0.0025", "0.0025"), CENT, True),  # half a cent of two equal parts
        (("0.0050", "0.0050"), CENT, False),  # one cent of two half cents
        (("0.0050", "0.0050", "0.0100"), CENT, True),  # the cent is added to the third part
        (("0.0060", "0.0060", "0.0060"), CENT, True),  # one of three cents is taken away
        (("0.0040", "-0.0040"), CENT, True),
        (("0.0051", "-0.0049", "-0.0049", "-0.0049"), CENT, False),  # its cent goes, one is left
        (("0.30", "0.42"), YEN, False),
        (("0.02", "0.02"), Decimal("0.05"), False),
    ],
)
def test_parts_that_all_round_to_zero_have_no_end(
    amounts: tuple[str, ...], unit: Decimal, *, expected: bool
) -> None:
    """Tryton takes a unit from a part that is not zero; without one it looks for ever."""
    assert expected is can_round([*map(Decimal, amounts)], unit)


@pytest.mark.parametrize(
    ("grosses", "name", "lines"),
    [
        (("1000.00", "0.05"), "GST + PST", "0.05 of 05-120"),
        (("0.06", "-0.07", "0.08"), "GST + PST", "0.06 of 05-120|-0.07 of 05-120"),
        (("0.03", "0.03"), "GST + PST", "0.03 of 05-120, 0.03 of 05-120"),
        (("0.03", "-0.03"), "GST + PST", ""),
        (("0.04", "0.04", "0.00"), "GST + PST", ""),
        (("0.05", "0.06"), "HST", ""),
        (("0.05", "0.06"), "Not found", ""),
    ],
)
def test_a_denial_names_the_lines(grosses: tuple[str, ...], name: str, lines: str) -> None:
    """A line alone, or all lines of a tax and sign together, are too small."""
    first = attrs.evolve(
        sample_document().lines[0],
        quantity=None,
        cost_code="05-120",
        tax_code="BC",
        tax_code_origin_id=name,
    )
    billed = tuple(attrs.evolve(first, gross=Decimal(gross)) for gross in grosses)
    plain = attrs.evolve(first, tax_code=None, tax_code_origin_id=None)
    document = sample_document(lines=(*billed, plain))

    found = find_small_taxes(document, PARTS, CENT, rounds_lines=False)

    facts = [dict(denial.facts) for denial in found]
    expected = [{"tax": name, "code": "BC", "lines": part} for part in lines.split("|") if part]
    assert expected == facts


@pytest.mark.parametrize(("rounds_lines", "count"), [(False, 1), (True, 0)])
def test_a_company_that_rounds_each_line_has_no_sum(*, rounds_lines: bool, count: int) -> None:
    """The sum of lines that can be rounded does not matter there."""
    first = attrs.evolve(
        sample_document().lines[0],
        quantity=None,
        gross=Decimal("0.03"),
        tax_code_origin_id="GST + PST",
    )
    document = sample_document(lines=(first, first))

    found = find_small_taxes(document, PARTS, CENT, rounds_lines=rounds_lines)

    assert count == len(found)


def test_the_price_decides_and_not_the_amount() -> None:
    """Tryton multiplies quantity and price, whose product may be less than the rounded amount."""
    line = attrs.evolve(
        sample_document().lines[0],
        gross=Decimal("0.08"),
        quantity=Decimal(1),
        unit_price=Decimal("0.0751"),
        tax_code_origin_id="Halves",
    )
    halves = {"Halves": build_tax("0.0655", "0.0655")}

    found = [
        find_small_taxes(sample_document(lines=(each,)), halves, CENT, rounds_lines=True)
        for each in (line, attrs.evolve(line, quantity=None))
    ]

    # 0.0751 times the rate is 0.0049 for each part; 0.08 times the rate is 0.0052.
    assert [1, 0] == [len(denials) for denials in found]


def test_a_fixed_amount_is_that_of_a_unit() -> None:
    """A part that is an amount is multiplied by the quantity."""
    tax = build_tax("0.05", None)
    fixed = attrs.evolve(tax.parts[1], fixed=Decimal("0.004"))
    line = attrs.evolve(
        sample_document().lines[0],
        gross=Decimal("0.06"),
        quantity=None,
        tax_code_origin_id="Fixed",
    )
    taxes = {"Fixed": attrs.evolve(tax, parts=(tax.parts[0], fixed))}

    assert 1 == len(
        find_small_taxes(sample_document(lines=(line,)), taxes, CENT, rounds_lines=True)
    )

"""Stated totals of tax codes are shared by the items that have them, exact in sum."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given as given_from
from hypothesis import strategies as st

from erp_invoice_core.billing import build_export_document, split_taxes
from erp_invoice_core.documents import (
    ChangeOrderPackage,
    CommitmentLine,
    CostCode,
    Invoice,
    InvoiceItem,
    Project,
    StatedTax,
    Subcontract,
    Vendor,
)
from erp_invoice_core.money import round_to
from erp_invoice_core.vocabulary import InvoiceStatus, ItemType, SubcontractStatus


def tax(name: str | None = "HST", rate: str | None = "13", **fields: Any) -> StatedTax:  # noqa: ANN401 - its own fields
    """Return a tax of an item."""
    return StatedTax(name=name, rate=None if rate is None else Decimal(rate), **fields)


def item(identity: str, work: str, *codes: StatedTax, **columns: Any) -> InvoiceItem:  # noqa: ANN401 - any column
    """Return an item that bills work of this period."""
    amounts: dict[str, Any] = {name: Decimal(value) for name, value in columns.items()}
    return InvoiceItem(
        id=identity,
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1001",
        scheduled_value=Decimal(50000),
        work_this_period=Decimal(work),
        tax_codes=codes,
        tax_rates=tuple(each.rate for each in codes if each.rate),
        **amounts,
    )


def invoice(*items: InvoiceItem, totals: dict[str, str] | None = None, **fields: Any) -> Invoice:  # noqa: ANN401 - its own fields
    """Return an invoice with a total of each tax code."""
    summary = tuple(
        StatedTax(name=name, amount=Decimal(amount)) for name, amount in (totals or {}).items()
    )
    return Invoice(
        **{
            "id": "5000",
            "number": 1,
            "project_id": "10",
            "commitment_id": "100",
            "currency": "CAD",
            "status": InvoiceStatus.APPROVED,
            "items": items,
            "tax_summary": summary,
            "taxes_applied": tuple(each.amount for each in summary),
            **fields,
        }
    )


def split(given: Invoice) -> list[tuple[str, str]]:
    """Return code and amount of each item, without differences."""
    found = split_taxes(given)
    assert () == found.differences
    return [(each.code, str(each.amount)) for each in found.items.values()]


def differ(given: Invoice) -> list[tuple[str, str, str]]:
    """Return code, computed and stated total of each difference."""
    return [
        (each.name, str(each.computed), str(each.stated)) for each in split_taxes(given).differences
    ]


def test_an_invoice_without_tax_has_none() -> None:
    """Neither codes nor a total are known of it."""
    found = split_taxes(invoice(item("1", "100.00")))
    assert ({}, None, None, ()) == (found.items, found.codes, found.total, found.differences)


def test_tax_of_the_amounts_due() -> None:
    """HST of 13 % on 18,000.00 and 900.00 after retainage is 2,340.00 and 117.00."""
    held = {"work_retainage_retained": "2000.00"}, {"work_retainage_retained": "100.00"}
    items = (
        item("1", "20000.00", tax(), **held[0]),
        item("2", "1000.00", tax(), **held[1]),
        item("3", "500.00"),
    )
    given = invoice(*items, totals={"HST": "2457.00"})
    assert [("HST", "2340.00"), ("HST", "117.00")] == split(given)
    found = split_taxes(given)
    assert (("HST",), Decimal("2457.00")) == (found.codes, found.total)


def test_tax_of_the_gross_amounts() -> None:
    """Sources do not say whether held retainage is taxed; 13 % of 21,000.00 agrees, too."""
    items = (
        item("1", "20000.00", tax(), work_retainage_retained="2000.00"),
        item("2", "1000.00", tax(), work_retainage_retained="100.00"),
    )
    assert [("HST", "2600.00"), ("HST", "130.00")] == split(
        invoice(*items, totals={"HST": "2730.00"})
    )


@pytest.mark.parametrize(
    ("stated", "parts"),
    [
        ("5.00", ["1.66", "1.67", "1.67"]),  # 4.9995 rounded once
        ("5.01", ["1.67", "1.67", "1.67"]),  # 1.6665 rounded line by line
    ],
)
def test_parts_add_up_to_the_stated_total(stated: str, parts: list[str]) -> None:
    """5 % of three times 33.33 are shared without a cent more or less."""
    items = [item(str(place), "33.33", tax("GST", "5")) for place in range(3)]
    found = split(invoice(*items, totals={"GST": stated}))
    assert parts == [amount for _, amount in found]
    assert Decimal(stated) == sum(Decimal(part) for part in parts)


@pytest.mark.parametrize(
    ("stated", "parts"),
    [
        ("5.02", ["1.68", "1.67", "1.67"]),
        ("4.99", ["1.66", "1.66", "1.67"]),  # one unit from 4.9995, and no rounding gives it
        ("10.00", ["3.33", "3.33", "3.34"]),
    ],
)
def test_a_total_that_the_rates_do_not_give_differs(stated: str, parts: list[str]) -> None:
    """It is shown with both figures, and is still shared in full, in proportion."""
    items = [item(str(place), "33.33", tax("GST", "5")) for place in range(3)]
    given = invoice(*items, totals={"GST": stated})
    assert [("GST", "5.00", stated)] == differ(given)
    assert sorted(parts) == sorted(str(each.amount) for each in split_taxes(given).items.values())
    assert Decimal(stated) == split_taxes(given).total


@pytest.mark.parametrize(
    ("currency", "work", "stated", "computed"),
    [
        ("JPY", "100", "5.4", "5"),
        ("JPY", "100", "6", "5"),
        ("CAD", "100.10", "5.005", "5.01"),
        ("CAD", "100.10", "5.00", "5.01"),
    ],
)
def test_a_total_is_exact_to_the_minor_unit(
    currency: str, work: str, stated: str, computed: str
) -> None:
    """A fraction of a minor unit, or one unit more, is no rounding of 5 %."""
    given = invoice(item("1", work, tax("GST", "5")), totals={"GST": stated}, currency=currency)
    assert [("GST", computed, stated)] == differ(given)


@pytest.mark.parametrize(
    ("works", "stated"), [(["100", "10", "10"], "6"), (["100", "10", "10"], "7")]
)
def test_only_two_roundings_agree(works: list[str], stated: str) -> None:
    """5, 0.5 and 0.5 JPY are 6 rounded once, and 5 + 1 + 1 rounded one by one."""
    items = [item(str(place), work, tax("GST", "5")) for place, work in enumerate(works)]
    given = invoice(*items, totals={"GST": stated}, currency="JPY")
    assert Decimal(stated) == sum(Decimal(part) for _, part in split(given))


def test_amounts_that_nearly_cancel_keep_their_tax() -> None:
    """5 % of 1,000.00 and of -998.00 are 50.00 and -49.90, whatever a cent in the total says."""
    items = item("1", "1000.00", tax("GST", "5")), item("2", "-998.00", tax("GST", "5"))
    assert ["50.00", "-49.90"] == [
        part for _, part in split(invoice(*items, totals={"GST": "0.10"}))
    ]
    given = invoice(*items, totals={"GST": "0.11"})
    assert [("GST", "0.10", "0.11")] == differ(given)
    assert ["50.01", "-49.90"] == [str(each.amount) for each in split_taxes(given).items.values()]


def test_an_item_without_a_rate_has_that_of_the_code() -> None:
    """20.00 of 100.00 and 300.00 are shared by amount, as the code has one rate."""
    items = item("1", "100.00", tax("GST", None)), item("2", "300.00", tax("GST", "5"))
    assert ["5.00", "15.00"] == [
        part for _, part in split(invoice(*items, totals={"GST": "20.00"}))
    ]


def test_a_rate_that_may_be_of_several_is_not_guessed() -> None:
    """The total is shared by amount, and the difference says that no rates give it."""
    items = [
        item("1", "100.00", tax("GST", "5")),
        item("2", "100.00", tax("GST", "7")),
        item("3", "200.00", tax("GST", None)),
    ]
    given = invoice(*items, totals={"GST": "24.00"})
    assert [("GST", "12.00", "24.00")] == differ(given)
    assert ["6.00", "6.00", "12.00"] == [
        str(each.amount) for each in split_taxes(given).items.values()
    ]


@pytest.mark.parametrize(
    ("rate", "stated", "parts", "differences"),
    [
        ("5", "9.00", ["4.00", "5.00"], []),
        ("5", "10.00", ["4.00", "6.00"], [("GST", "9.00", "10.00")]),
        (None, "10.00", ["4.00", "6.00"], []),  # stated as the rest of the total
        ("5", None, ["4.00", "0.00"], [("GST", "9.00", "None")]),
    ],
)
def test_a_stated_amount_of_one_item_is_taken(
    rate: str | None, stated: str | None, parts: list[str], differences: list[tuple[str, str, str]]
) -> None:
    """The rest of the total is that of the other item, and is compared with its rate."""
    items = (
        item("1", "100.00", tax("GST", rate, amount=Decimal("4.00"))),
        item("2", "100.00", tax("GST", rate)),
    )
    given = invoice(*items, totals={"GST": stated} if stated else {"PST": "0"})
    assert parts == [str(each.amount) for each in split_taxes(given).items.values()]
    assert differences == differ(given)


def test_a_fraction_of_a_minor_unit_in_an_amount_differs() -> None:
    """It is not rounded in silence."""
    given = invoice(
        item("1", "100.00", tax("GST", "5", amount=Decimal("5.004"))), totals={"GST": "5.004"}
    )
    assert [("GST", "5.00", "5.004")] == differ(given)


_CENTS = st.integers(-200_000, 200_000).map(lambda cents: Decimal(cents).scaleb(-2))
_TAXED = st.tuples(
    _CENTS.filter(bool),
    st.sampled_from([None, "5", "13", "9.975"]),
    st.none() | _CENTS,
)


@given_from(st.lists(_TAXED, min_size=1, max_size=6), st.integers(-2, 2), st.booleans())
def test_no_tax_is_booked_that_is_not_shown(
    drawn: list[tuple[Decimal, str | None, Decimal | None]], cents: int, is_by_line: bool
) -> None:
    """A part is stated, or within a cent of rate times amount, or the total is a difference."""
    items = [
        item(str(place), str(work), tax("GST", rate, amount=amount))
        for place, (work, rate, amount) in enumerate(drawn)
    ]
    exact = [
        amount if amount is not None else work * Decimal(rate or 0) / 100
        for work, rate, amount in drawn
    ]
    if is_by_line:
        exact = [round_to(each, "CAD") for each in exact]
    total = round_to(sum(exact, Decimal(0)), "CAD") + Decimal(cents).scaleb(-2)
    # The tax of another payment makes an invoice taxed whose own tax is nothing.
    given = invoice(*items, totals={"GST": str(total)}, tax_applicable=Decimal(1))
    found = split_taxes(given)
    parts = [each.amount for each in found.items.values()]
    if all(amount is not None for _, _, amount in drawn):
        assert [amount for _, _, amount in drawn] == parts
        assert bool(cents) == bool(found.differences)
        return
    assert total == sum(parts)
    rates = {rate for _, rate, _ in drawn if rate is not None}
    if found.differences or len(rates) != 1:
        return
    (only,) = rates
    for (work, rate, amount), part in zip(drawn, parts, strict=True):
        if amount is None:
            assert Decimal("0.01") > abs(part - work * Decimal(rate or only) / 100)
        else:
            assert amount == part


def test_a_code_without_a_total_differs() -> None:
    """No amount is computed that the source does not state."""
    given = invoice(item("1", "100.00", tax()), item("2", "100.00", tax("GST", "5")))
    assert [("HST", "13.00", "None"), ("GST", "5.00", "None")] == differ(given)
    assert Decimal(0) == split_taxes(given).total


@pytest.mark.parametrize(
    ("works", "codes", "totals", "parts"),
    [
        (("1000.00", "-1000.00"), ("HST",), {"HST": "0.00"}, ["130.00", "-130.00"]),
        (("0.03", "-0.04"), ("GST", "PST"), {"GST": "0.00", "PST": "0.00"}, ["0.00", "0.00"]),
    ],
)
def test_a_stated_total_of_zero_agrees_with_rates_that_give_zero(
    works: tuple[str, str], codes: tuple[str, ...], totals: dict[str, str], parts: list[str]
) -> None:
    """A zero that the source states is a total as any other."""
    rates = {"HST": "13", "GST": "5", "PST": "7"}
    taxes = tuple(tax(name, rates[name]) for name in codes)
    items = [item(str(place), work, *taxes) for place, work in enumerate(works)]
    found = split_taxes(invoice(*items, totals=totals))
    assert () == found.differences
    assert list(map(Decimal, parts)) == [each.amount for each in found.items.values()]


def test_a_total_without_an_item_differs() -> None:
    """Its code is named; one of zero says nothing."""
    totals = {"HST": "13.00", "PST": "7.00", "QST": "0.00"}
    assert [("PST", "0", "7.00")] == differ(invoice(item("1", "100.00", tax()), totals=totals))


def test_several_codes_of_an_item_are_one() -> None:
    """GST of 5 % and PST of 7 % on 100.00 are 12.00 under both names, in their order."""
    both = item("1", "100.00", tax("PST", "7"), tax("GST", "5"))
    given = invoice(both, item("2", "40.00", tax("GST", "5")), totals={"PST": "7", "GST": "7"})
    assert [("GST + PST", "12.00"), ("GST", "2.00")] == split(given)


def test_a_code_with_a_rate_of_zero_is_passed_on() -> None:
    """On a taxed invoice a line is exempt by its code, and not by having none."""
    given = invoice(
        item("1", "100.00", tax()), item("2", "9.00", tax("EXEMPT", "0")), totals={"HST": "13"}
    )
    assert [("HST", "13.00"), ("EXEMPT", "0.00")] == split(given)


def test_items_that_bill_nothing_have_no_tax() -> None:
    """Only items of the document share a total."""
    given = invoice(item("1", "100.00", tax()), item("2", "0", tax()), totals={"HST": "13.00"})
    assert [("HST", "13.00")] == split(given)


def test_amounts_of_items_are_taken_as_they_are() -> None:
    """They are compared with the total, whatever the rates are."""
    items = (
        item("1", "100.00", tax(amount=Decimal("13.01"))),
        item("2", "10.00", tax(amount=Decimal("1.29"))),
    )
    assert [("HST", "13.01"), ("HST", "1.29")] == split(invoice(*items, totals={"HST": "14.30"}))
    assert [("HST", "13.01"), ("HST", "1.29")] == split(invoice(*items))
    assert [("HST", "14.30", "14.31")] == differ(invoice(*items, totals={"HST": "14.31"}))


def test_without_rates_several_parts_are_not_known() -> None:
    """The total is shared by amount, and the approver sees that no rates give it."""
    items = item("1", "100.00", tax(rate=None)), item("2", "300.00", tax(rate=None))
    given = invoice(*items, totals={"HST": "52.00"})
    assert [("HST", "0.00", "52.00")] == differ(given)
    assert ["13.00", "39.00"] == [str(each.amount) for each in split_taxes(given).items.values()]
    assert [] == differ(invoice(*items, totals={"HST": "0.00"}, tax_applicable=Decimal(1)))


def test_without_a_rate_the_only_part_is_the_total() -> None:
    """It is stated."""
    given = invoice(item("1", "100.00", tax(rate=None)), totals={"HST": "13.00"})
    assert [("HST", "13.00")] == split(given)


def test_amounts_that_cancel_leave_no_proportion() -> None:
    """The largest item has the difference, which is shown."""
    items = item("1", "100.00", tax()), item("2", "-100.00", tax())
    given = invoice(*items, totals={"HST": "1.00"})
    assert [("HST", "0.00", "1.00")] == differ(given)
    assert ["14.00", "-13.00"] == [str(each.amount) for each in split_taxes(given).items.values()]


@pytest.mark.parametrize(
    "fields",
    [
        {"tax_applicable": Decimal("13.00")},
        {"taxes_applied": (Decimal("6.50"), Decimal("6.50"))},
        {"tax_summary": (StatedTax(amount=Decimal("13.00")),)},
        {"tax_summary": (StatedTax(code_id="17", amount=Decimal("13.00")),)},
    ],
)
def test_a_total_without_a_name_is_that_of_the_only_code(fields: dict[str, Any]) -> None:
    """Its code is known by its id, or because there is no other."""
    given = item("1", "100.00", tax(code_id="17"))
    assert [("HST", "13.00")] == split(invoice(given, **fields))


def test_a_total_without_a_code_may_be_of_any() -> None:
    """With several codes it is not known of which."""
    items = item("1", "100.00", tax()), item("2", "100.00", tax("GST", "5"))
    given = invoice(*items, tax_summary=(StatedTax(amount=Decimal(18)),))
    assert [("HST", "13.00", "None"), ("GST", "5.00", "None"), ("?", "0", "18")] == differ(given)


@pytest.mark.parametrize(
    ("fields", "stated"),
    [
        ({"totals": {"HST": "13.00", "PST": "7.00"}}, "20.00"),  # no item has PST
        ({"totals": {"hst": "13.00"}}, "13.00"),  # codes are compared as they are written
        ({"totals": {"HST": "13.004"}}, "13.004"),
        ({"taxes_applied": (Decimal(6), Decimal(7))}, "13"),
        ({"tax_applicable": Decimal("13.00")}, "13.00"),
    ],
)
def test_all_that_is_stated_is_known(fields: dict[str, Any], stated: str) -> None:
    """Also that of codes that no item has, which no line gets."""
    assert stated == str(split_taxes(invoice(item("1", "100.00", tax()), **fields)).stated)


def test_tax_of_items_is_stated_if_nothing_else_is() -> None:
    """An item may state its tax without a code, or with an amount of each code."""
    assert Decimal("6.50") == split_taxes(invoice(item("1", "100.00", taxes="6.50"))).stated
    taxed = item("1", "100.00", tax(amount=Decimal("13.01")))
    assert Decimal("13.01") == split_taxes(invoice(taxed)).stated


def test_tax_without_a_code_has_no_code() -> None:
    """The codes are known to be none."""
    found = split_taxes(invoice(item("1", "100.00", tax(None)), tax_applicable=Decimal(13)))
    assert ((), Decimal(0), {}) == (found.codes, found.total, found.items)


def test_gross_is_the_base_where_the_retainage_is_not_known() -> None:
    """No document is made of such an invoice, but the comparison is."""
    unknown = item("1", "100.00", tax(), stored_previous="5.00", stored="5.00")
    assert [("HST", "13.00")] == split(invoice(unknown, totals={"HST": "13.00"}))


def test_lines_have_the_tax_of_their_item() -> None:
    """The tax of a whole change order is split as its amount is; other lines have none."""
    lines = tuple(
        CommitmentLine(
            id=str(place),
            amount=Decimal(amount),
            cost_code=CostCode(full_code=str(place), origin_id=str(place)),
        )
        for place, amount in enumerate(("100", "200"))
    )
    package = ChangeOrderPackage(
        id="900", number="1", status="approved", origin_id="CO", lines=lines
    )
    commitment = Subcontract(
        id="100",
        project_id="10",
        vendor_id="7",
        number="SC-1",
        title="Steel",
        currency="CAD",
        status=SubcontractStatus.APPROVED,
        origin_id="C-100",
        lines=(),
        change_orders=(package,),
    )
    whole = attrs.evolve(
        item("1", "100.00", tax()),
        item_type=ItemType.WHOLE_CHANGE_ORDER_ITEM,
        line_item_id="900",
    )
    given = invoice(whole, item("2", "1.00"), totals={"HST": "13.00"})
    document = build_export_document(
        given,
        commitment,
        vendor=Vendor(id="7", name="Acme", origin_id="V"),
        project=Project(id="10", name="Pier", origin_id="J"),
        company_id="1",
    )

    assert [("HST", "4.33"), ("HST", "8.67"), (None, "0")] == [
        (line.tax_code, str(line.tax)) for line in document.lines
    ]
    assert (Decimal("13.00"), Decimal("101.00")) == (document.tax, document.due)

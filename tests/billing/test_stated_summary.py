"""The totals that an invoice states are compared line by line, with both figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.billing import (
    compute_line_8,
    find_differences,
    find_over_billed,
    find_over_released,
)
from erp_invoice_core.documents import (
    ChangeOrderPackage,
    CommitmentLine,
    Difference,
    Invoice,
    InvoiceItem,
    ItemExcess,
    StatedSummary,
    Subcontract,
)
from erp_invoice_core.vocabulary import AccountingMethod, InvoiceStatus, ItemType, SubcontractStatus

#: Of the item below: 21,000.00 earned less 2,100.00 held, and nothing certified before.
LINES = {
    "original_contract_sum": "50000.00",
    "net_change_by_change_orders": "0.00",
    "contract_sum_to_date": "50000.00",
    "total_completed_and_stored_to_date": "21000.00",
    "completed_work_retainage_amount": "2000.00",
    "stored_materials_retainage_amount": "100.00",
    "total_retainage": "2100.00",
    "total_earned_less_retainage": "18900.00",
    "less_previous_certificates_for_payment": "0.00",
    "current_payment_due": "18900.00",
    "balance_to_finish_including_retainage": "31100.00",
    "percent_complete": "42.00",
}


def item(**columns: str) -> InvoiceItem:
    """Return a contract item with work and stored materials; amounts are written as text."""
    texts: dict[str, Any] = {
        "scheduled_value": "50000.00",
        "work_this_period": "20000.00",
        "stored": "1000.00",
        "work_retainage_retained": "2000.00",
        "stored_retainage_held": "100.00",
        **columns,
    }
    amounts: dict[str, Any] = {name: Decimal(text) for name, text in texts.items()}
    return InvoiceItem(id="1", item_type=ItemType.CONTRACT_ITEM, line_item_id="1", **amounts)


def invoice(*items: InvoiceItem, currency: str = "USD", **fields: Any) -> Invoice:  # noqa: ANN401 - any field
    """Return the first invoice of a commitment."""
    return Invoice(
        id="5000",
        number=1,
        project_id="10",
        commitment_id="100",
        currency=currency,
        status=InvoiceStatus.APPROVED,
        items=items or (item(),),
        **fields,
    )


def build_stated_invoice(*, tax: str = "0", **lines: str) -> Invoice:
    """Return the invoice with a summary of its own."""
    said: dict[str, Any] = {name: Decimal(text) for name, text in {**LINES, **lines}.items()}
    return invoice(stated=StatedSummary(**said), tax_applicable=Decimal(tax))


def test_summary_that_agrees_is_no_difference() -> None:
    """If every line agrees with the items, or there is no summary, there is no difference."""
    assert () == find_differences(build_stated_invoice())
    assert () == find_differences(invoice())


@pytest.mark.parametrize("name", sorted(LINES))
def test_each_line_of_the_summary_is_compared(name: str) -> None:
    """A line that differs by two minor units is reported with both figures."""
    stated = Decimal(LINES[name]) + Decimal("0.02")
    expected = Difference(name=name, computed=Decimal(LINES[name]), stated=stated)

    assert (expected,) == find_differences(build_stated_invoice(**{name: str(stated)}))


@pytest.mark.parametrize("stated", ["18899.99", "18900.01", "18900"])
def test_line_agrees_within_one_minor_unit(stated: str) -> None:
    """A cent more or less is no difference."""
    assert () == find_differences(build_stated_invoice(current_payment_due=stated))


@pytest.mark.parametrize(
    ("due", "expected"), [("999", ()), ("1001", ()), ("998", ("current_payment_due",))]
)
def test_minor_unit_is_that_of_the_currency(due: str, expected: tuple[str, ...]) -> None:
    """A yen more or less is no difference, two are."""
    plain = InvoiceItem(
        id="1",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1",
        scheduled_value=Decimal(1000),
        work_this_period=Decimal(1000),
    )
    stated = StatedSummary(current_payment_due=Decimal(due))
    found = find_differences(invoice(plain, currency="JPY", stated=stated))

    assert expected == tuple(difference.name for difference in found)


@pytest.mark.parametrize(
    ("due", "expected"),
    [("20400.00", ()), ("17400.00", ()), ("18900.00", ()), ("20390.00", ("current_payment_due",))],
)
def test_line_8_may_include_the_tax_or_not(due: str, expected: tuple[str, ...]) -> None:
    """With 1,500.00 of tax on the payment, line 8 agrees with it, without it, and less it."""
    found = find_differences(build_stated_invoice(tax="1500.00", current_payment_due=due))

    assert expected == tuple(difference.name for difference in found)


def test_tax_explains_no_other_line() -> None:
    """Line 6 does not include the tax on the payment."""
    found = find_differences(
        build_stated_invoice(tax="1500.00", total_earned_less_retainage="20400.00")
    )

    assert ("total_earned_less_retainage",) == tuple(difference.name for difference in found)


@pytest.mark.parametrize(
    ("percent", "expected"),
    [("42", 0), ("42.0", 0), ("42.004", 0), ("42.02", 1), ("41.6", 1), ("43", 1), ("42.1", 1)],
)
def test_percentage_may_be_rounded_to_its_own_digits(percent: str, expected: int) -> None:
    """A percentage agrees within half of its last digit."""
    assert expected == len(find_differences(build_stated_invoice(percent_complete=percent)))


def test_simplified_invoice_has_no_summary_to_compare() -> None:
    """A simplified invoice has no G702; its items are compared with themselves."""
    wrong = build_stated_invoice(current_payment_due="1.00")
    items = (item(stated_total="20000.00"),)
    found = find_differences(attrs.evolve(wrong, invoicing_method="simplified", items=items))

    assert ("total_completed_and_stored_to_date",) == tuple(each.name for each in found)


def test_unknown_line_is_not_compared() -> None:
    """If our figure is unknown, there is no difference: lines 7 and 8 without previous amounts."""
    blind = item(stored_previous="80.00")
    stated = StatedSummary(
        less_previous_certificates_for_payment=Decimal(1), current_payment_due=Decimal(1)
    )
    later = attrs.evolve(invoice(blind, stated=stated), number=2)

    assert () == find_differences(later)


def test_line_7_is_that_of_the_previous_invoice() -> None:
    """The previous invoice, if it is known, gives line 7 and line 8."""
    previous = invoice(item(work_this_period="10000.00", work_retainage_retained="1000.00"))
    following = attrs.evolve(build_stated_invoice(), id="5001", number=2, previous_id="5000")
    found = find_differences(following, previous)

    assert [
        ("less_previous_certificates_for_payment", Decimal("9900.00")),
        ("current_payment_due", Decimal("9000.00")),
    ] == [(each.name, each.computed) for each in found]
    assert Decimal("9000.00") == compute_line_8(following, previous)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"stated_total": "21000.00", "stated_percent": "42"}, None),
        ({"stated_total": "21000.009"}, None),
        ({"stated_total": "20999.99"}, ("total_completed_and_stored_to_date", "21000", "20999.99")),
        (
            {"stated_percent": "40"},
            ("total_completed_and_stored_to_date_percent", "42.00", "40"),
        ),
        ({"scheduled_value": "0.00", "stated_percent": "40"}, None),
        (
            {"total_previous": "5.00"},
            ("total_completed_and_stored_to_date_from_previous", "0", "5.00"),
        ),
        ({"total_previous": "0.00"}, None),
        ({"total_previous": "300.00", "work_previous": "300.00"}, None),
    ],
)
def test_totals_of_an_item_are_compared(
    columns: dict[str, str], expected: tuple[str, str, str] | None
) -> None:
    """An item's own total, percentage and previous total are compared with its columns."""
    found = find_differences(invoice(item(**columns)))
    wanted: tuple[Difference, ...] = ()
    if expected:
        name, computed, stated = expected
        wanted = (
            Difference(
                name=name,
                computed=Decimal(computed),
                stated=Decimal(stated),
                item_id="1",
                code="billing.total_differs",
            ),
        )

    assert wanted == found


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"work_this_period": "49000.00"}, None),
        ({"work_this_period": "49000.01"}, ("50000.01", "50000.00")),
        (
            {"scheduled_value": "-100.00", "work_this_period": "-100.01", "stored": "0"},
            ("-100.01", "-100.00"),
        ),
    ],
)
def test_over_billed_items_are_reported(
    columns: dict[str, str], expected: tuple[str, str] | None
) -> None:
    """The difference has the amount billed to date and the scheduled amount."""
    wanted = (
        (ItemExcess(item_id="1", amount=Decimal(expected[0]), limit=Decimal(expected[1])),)
        if expected
        else ()
    )

    assert wanted == find_over_billed(invoice(item(**columns)))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        # all that is held on work, from before and of this period
        ({"work_retainage_previous": "50.00", "work_retainage_released": "2050.00"}, None),
        (
            {"work_retainage_previous": "50.00", "work_retainage_released": "2050.01"},
            ("2050.01", "2050.00"),
        ),
        # the held amount on stored materials is the one after the release
        ({"stored_retainage_held": "0.00", "stored_retainage_released": "100.00"}, None),
        (
            {"stored_retainage_held": "-10.00", "stored_retainage_released": "60.00"},
            ("60.00", "50.00"),
        ),
        # the held amount on stored materials is not released on work
        (
            {"work_retainage_retained": "0.00", "work_retainage_released": "60.00"},
            ("60.00", "0.00"),
        ),
        # a deduction releases an amount below zero
        ({"work_retainage_retained": "-5.00", "work_retainage_released": "-5.00"}, None),
        (
            {"work_retainage_retained": "-5.00", "work_retainage_released": "-6.00"},
            ("-6.00", "-5.00"),
        ),
        (
            {"work_retainage_retained": "-5.00", "work_retainage_released": "1.00"},
            ("1.00", "-5.00"),
        ),
    ],
)
def test_release_beyond_the_held_amount_is_reported(
    columns: dict[str, str], expected: tuple[str, str] | None
) -> None:
    """The difference has the released and the held amount of the item."""
    wanted = (
        (ItemExcess(item_id="1", amount=Decimal(expected[0]), limit=Decimal(expected[1])),)
        if expected
        else ()
    )

    assert wanted == find_over_released(invoice(item(**columns)))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"quantity_this_period": "40", "work_this_period": "20000.00"}, None),
        ({"quantity_this_period": "40", "work_this_period": "20000.01"}, ("20000.00", "20000.01")),
        ({"quantity_this_period": "40.00001", "work_this_period": "20000.01"}, None),
        (
            {"quantity_this_period": "1" + "0" * 45, "work_this_period": "1.00"},
            ("5" + "0" * 47, "1.00"),
        ),
        ({"work_this_period": "20000.01"}, None),
    ],
)
def test_unit_items_are_compared_with_quantity_times_price(
    columns: dict[str, str], expected: tuple[str, str] | None
) -> None:
    """The amount counts; the product, half up to the cent, is reported if it differs."""
    unit = attrs.evolve(
        item(scheduled_quantity="100", scheduled_unit_price="500", **columns),
        accounting_method=AccountingMethod.UNIT,
    )
    found = [(str(each.computed), str(each.stated)) for each in find_differences(invoice(unit))]

    assert ([expected] if expected else []) == found


def test_amount_items_are_not_multiplied() -> None:
    """An item that is billed by amount may have any quantity and price."""
    priced = item(scheduled_unit_price="1", quantity_this_period="1")
    unpriced = attrs.evolve(item(quantity_this_period="1"), accounting_method=AccountingMethod.UNIT)

    assert () == find_differences(invoice(priced)) + find_differences(invoice(unpriced))


def commitment(lines: tuple[str, ...], *packages: tuple[str, tuple[str, ...]]) -> Subcontract:
    """Return a subcontract with lines, and packages of lines with a status."""
    identity = iter(map(str, range(100)))

    def build(amounts: tuple[str, ...]) -> tuple[CommitmentLine, ...]:
        return tuple(CommitmentLine(id=next(identity), amount=Decimal(each)) for each in amounts)

    return Subcontract(
        id="100",
        project_id="10",
        vendor_id="7",
        number="SC-1",
        currency="USD",
        status=SubcontractStatus.APPROVED,
        lines=build(lines),
        change_orders=tuple(
            ChangeOrderPackage(id=f"p{place}", number="1", status=status, lines=build(amounts))
            for place, (status, amounts) in enumerate(packages)
        ),
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (commitment(("50000.00",), ("approved", ("300.00",))), []),
        (commitment(("49000.00", "1000.00"), ("approved", ("100.00", "200.00"))), []),
        (
            commitment(("49000.00",), ("approved", ("300.00",))),
            [("billing.contract_sum_differs", "50000.00", "49000.00")],
        ),
        (
            commitment(("50000.00",), ("approved", ("100.00",)), ("pending", ("200.00",))),
            [("billing.change_orders_differ", "300.00", "100.00")],
        ),
        # without lines there is no difference
        (commitment((), ("approved", ())), []),
        (commitment((), ("approved", ()), ("approved", ("1.00",))), []),
    ],
)
def test_commitments_lines_are_compared_with_the_items(
    given: Subcontract, expected: list[tuple[str, str, str]]
) -> None:
    """The sums of the commitment's own lines and approved change orders are compared."""
    change = attrs.evolve(
        item(work_this_period="0", stored="0", stored_retainage_held="0"),
        id="2",
        item_type=ItemType.CHANGE_ORDER_ITEM,
        scheduled_value=Decimal("300.00"),
        work_retainage_retained=Decimal(0),
    )
    found = find_differences(invoice(item(), change), commitment=given)

    assert expected == [(each.code, str(each.computed), str(each.stated)) for each in found]


@pytest.mark.parametrize(("percent", "expected"), [("33", 0), ("33.3", 0), ("34", 1), ("33.2", 1)])
def test_percentage_of_a_third_may_be_rounded(percent: str, expected: int) -> None:
    """33.33 percent is complete, which is 33 or 33.3 when it is rounded, and not 34 or 33.2."""
    third = item(scheduled_value="63000.00")
    stated = StatedSummary(percent_complete=Decimal(percent))

    assert expected == len(find_differences(invoice(third, stated=stated)))

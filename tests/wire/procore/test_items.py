"""The items of a requisition: units, and the stored fields."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp_invoice_core.documents import InvoiceItem
from erp_invoice_core.vocabulary import AccountingMethod, ItemType
from erp_invoice_core.wire.procore.fields import Report, Scope
from erp_invoice_core.wire.procore.items import compute_unit_amount, dump_item

from .records import contract, item, line, load, problems, requisition


@pytest.mark.parametrize(
    ("quantity", "price", "made"),
    [
        ("1000000000", "1000000000", None),
        ("-1000000000", "1000000000", None),
        ("999999999", "1000000000", "999999999000000000.00"),
    ],
)
def test_an_amount_has_18_digits_at_most(quantity: str, price: str, made: str | None) -> None:
    """A product of ten to the power of 18 has 19."""
    report = Report()
    figures = Decimal(quantity), Decimal(price)
    found = compute_unit_amount(Scope({}, "items[0]", report), "amount", None, figures, "USD")
    assert made == (None if found is None else str(found))
    expected = [] if made else [("items[0].amount", "amount.digits")]
    assert expected == [(problem.path, problem.code) for problem in report.problems]


def test_units_are_not_compared_without_a_currency() -> None:
    """Only the wrong currency is reported."""
    report = Report()
    figures = Decimal(2), Decimal(5)
    scope = Scope({}, "items[0]", report)
    assert Decimal(9) == compute_unit_amount(scope, "amount", Decimal(9), figures, "")
    assert compute_unit_amount(scope, "amount", None, figures, "") is None
    assert ([], []) == (report.problems, report.warnings)


def test_only_what_differs_from_its_default_is_kept_of_an_item() -> None:
    """The digest of a record is unchanged when a later version reads another field."""
    plain = {"id": "1", "item_type": "contract_item", "line_item_id": "1001"}
    given = InvoiceItem(
        id="1",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1001",
        scheduled_value=Decimal("50000.00"),
    )
    assert {**plain, "scheduled_value": "50000"} == dump_item(given)


def test_the_zeros_of_a_unit_item_are_kept() -> None:
    """An absent amount would be computed from quantity and price."""
    given = InvoiceItem(
        id="1",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1001",
        scheduled_value=Decimal(0),
        accounting_method=AccountingMethod.UNIT,
    )
    assert {
        "id": "1",
        "item_type": "contract_item",
        "line_item_id": "1001",
        "accounting_method": "unit",
        "scheduled_value": "0",
        "work_completed_from_previous_application": "0",
        "work_completed_this_period": "0",
    } == dump_item(given)


def test_an_amount_that_its_units_make_is_taken_without_a_word() -> None:
    """Two at 5.00 are the stated 10.00."""
    report = Report()
    figures = Decimal(2), Decimal(5)
    scope = Scope({}, "items[0]", report)
    assert Decimal(10) == compute_unit_amount(scope, "amount", Decimal(10), figures, "USD")
    assert [] == report.warnings


@pytest.mark.parametrize(
    ("figures", "amount", "warned"),
    [
        ((2, 5), "10.01", True),
        ((2, 5), "9.99", True),
        ((2, 5), "10.00", False),
        ((1_000_000_000, 1_000_000_000), "9.00", True),
        ((2, None), "9.00", False),
        ((None, 5), "9.00", False),
    ],
)
def test_an_amount_that_is_there_counts(
    figures: tuple[int | None, int | None], amount: str, *, warned: bool
) -> None:
    """A difference of a cent is a warning, however large the product is."""
    report = Report()
    quantity, price = (None if each is None else Decimal(each) for each in figures)
    given = Decimal(amount)
    scope = Scope({}, "items[0]", report)
    assert given == compute_unit_amount(scope, "amount", given, (quantity, price), "USD")
    assert [] == report.problems
    expected = [("items[0].amount", "billing.unit_differs")] if warned else []
    assert expected == [(each.path, each.code) for each in report.warnings]


def test_an_item_is_billed_as_its_commitment_says() -> None:
    """By units, unless the item states it."""
    shown = contract(line_items=[line(amount="10.00")], accounting_method="unit")
    units = {"scheduled_quantity": "2", "scheduled_unit_price": "5"}
    page = [requisition(item(scheduled_value=None, **units))]
    reading = load(contract={**shown, "change_order_packages": []}, page=page)
    assert () == reading.problems
    (found,) = reading.requisitions[0].value.items
    assert (AccountingMethod.UNIT, Decimal(10)) == (found.accounting_method, found.scheduled_value)


def test_the_currency_of_an_item_is_not_compared_with_none() -> None:
    """The problem is the currency of the company."""
    people = {"company": {"id": 1, "name": "Harbor Point", "currency": "XXX"}}
    shown = contract(line_items=[line()], change_order_packages=[])
    euro = item(currency_configuration={"currency_iso_code": "EUR"})
    reading = load(people=people, contract=shown, page=[requisition(euro)])
    assert [("people.json: company.currency", "currency.unknown")] == problems(reading)


def test_a_wrong_id_of_a_line_is_one_problem() -> None:
    """The line does not count as missing too."""
    shown = contract(line_items=[line()], change_order_packages=[])
    reading = load(contract=shown, page=[requisition(item(line_item_id=[]))])
    assert [("page.json: [0].items[0].line_item_id", "value.type")] == problems(reading)

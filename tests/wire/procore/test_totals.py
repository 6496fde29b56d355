"""The totals of a document are compared with its columns."""

from __future__ import annotations

import pytest

from .records import contract, item, line, load, package, requisition, warnings


@pytest.mark.parametrize(
    ("method", "found"),
    [
        ("progressive", [("page.json: [0].summary.total_retainage", "billing.total_differs")]),
        ("simplified", []),
    ],
)
def test_the_summary_of_a_simplified_invoice_is_not_compared(
    method: str, found: list[tuple[str, str]]
) -> None:
    """It has no G702."""
    shown = contract(line_items=[line()], change_order_packages=[])
    summary = {"total_retainage": "1.00"}
    page = requisition(item(), summary=summary, contract_invoicing_method=method)
    assert found == warnings(load(contract=shown, page=[page]))


@pytest.mark.parametrize(
    ("stated", "differs"),
    [
        ("33", False),
        ("33.3", False),
        ("33.33", False),
        ("34", True),
        ("33.4", True),
        ("33.34", True),
    ],
)
def test_a_percentage_may_be_rounded_to_its_last_digit(stated: str, *, differs: bool) -> None:
    """One of three is 33.33 percent; a larger difference than half of the last digit counts."""
    shown = contract(line_items=[line(amount="3.00")], change_order_packages=[])
    name = "total_completed_and_stored_to_date_percent"
    figures = {"scheduled_value": "3.00", "work_completed_this_period": "1.00", name: stated}
    found = [(f"page.json: [0].items[0].{name}", "billing.total_differs")] if differs else []
    assert found == warnings(load(contract=shown, page=[requisition(item(**figures))]))


@pytest.mark.parametrize(
    ("work", "stated", "differs"),
    [
        ("33.36", "33.365", False),
        ("33.36", "33.366", True),
        ("33.36", "33.4", False),
        ("33.36", "33.3", True),
        ("33.35", "33.3", False),
        ("33.36", "33.31", True),
    ],
)
def test_a_percentage_differs_by_more_than_half_of_its_last_digit(
    work: str, stated: str, *, differs: bool
) -> None:
    """The percentage is of a hundred; half of a digit beyond the second one is not compared."""
    shown = contract(line_items=[line(amount="100.00")], change_order_packages=[])
    name = "total_completed_and_stored_to_date_percent"
    figures = {"scheduled_value": "100.00", "work_completed_this_period": work, name: stated}
    found = [(f"page.json: [0].items[0].{name}", "billing.total_differs")] if differs else []
    assert found == warnings(load(contract=shown, page=[requisition(item(**figures))]))


@pytest.mark.parametrize(("stated", "differs"), [("11.00", False), ("11.01", True), ("5.00", True)])
def test_the_previous_total_is_work_and_stored_materials(stated: str, *, differs: bool) -> None:
    """Ten of work, of which two were moved into it, and three of stored materials."""
    shown = contract(line_items=[line()], change_order_packages=[])
    name = "total_completed_and_stored_to_date_from_previous"
    figures = {
        "work_completed_from_previous_application": "10.00",
        "materials_moved": "2.00",
        "materials_presently_stored_from_previous_progress": "3.00",
        "materials_stored_retainage_new_materials": "0.00",
        name: stated,
    }
    reading = load(contract=shown, page=[requisition(item(**figures))])
    found = [(f"page.json: [0].items[0].{name}", "billing.total_differs")] if differs else []
    assert found == warnings(reading)
    for warning in reading.warnings:
        sentence = "The columns of the previous application add up to 11.00, not"
        assert f"{sentence} {stated}. Compare the two." == warning.message
        assert {"computed": "11.00", "stated": stated, "of": "previous"} == warning.facts


def test_the_payment_due_of_a_later_invoice_is_left_to_the_rules() -> None:
    """The previous invoice, from which line 7 comes, may follow in another file."""
    shown = contract(line_items=[line()], change_order_packages=[])
    summary = {"current_payment_due": "9.00"}
    first = requisition(item(), id=4999, summary=summary)
    later = requisition(item(), number=2, previous_requisition_id=4999, summary=summary)
    found = [("page.json: [0].summary.current_payment_due", "billing.total_differs")]
    assert found == warnings(load(contract=shown, page=[first, later]))


def test_only_approved_change_orders_are_added_up() -> None:
    """A draft of 50.00 is left out; the item bills the approved one of 100.00."""
    shown = contract(
        line_items=[line()],
        change_order_packages=[
            package(900, line_items=[line(2001, amount="100.00")]),
            package(901, status="draft", line_items=[line(2002, amount="50.00")]),
        ],
    )
    change = item(id=2, item_type="change_order_item", line_item_id=2001, scheduled_value="100.00")
    assert [] == warnings(load(contract=shown, page=[requisition(item(), change)]))

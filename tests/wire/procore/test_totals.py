"""What a document adds up itself, compared with its columns."""

from __future__ import annotations

import pytest

from .records import contract, item, line, load, requisition, warnings


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
    """There is no G702 of it."""
    shown = contract(line_items=[line()], change_order_packages=[])
    summary = {"total_retainage": "1.00"}
    page = requisition(item(), summary=summary, contract_invoicing_method=method)
    assert found == warnings(load(contract=shown, page=[page]))


@pytest.mark.parametrize(
    ("told", "differs"),
    [
        ("33", False),
        ("33.3", False),
        ("33.33", False),
        ("34", True),
        ("33.4", True),
        ("33.34", True),
    ],
)
def test_a_percentage_may_be_rounded_to_its_last_digit(told: str, *, differs: bool) -> None:
    """One of three is 33.33 percent; by more than half of the last digit it is another one."""
    shown = contract(line_items=[line(amount="3.00")], change_order_packages=[])
    name = "total_completed_and_stored_to_date_percent"
    figures = {"scheduled_value": "3.00", "work_completed_this_period": "1.00", name: told}
    found = [(f"page.json: [0].items[0].{name}", "billing.total_differs")] if differs else []
    assert found == warnings(load(contract=shown, page=[requisition(item(**figures))]))

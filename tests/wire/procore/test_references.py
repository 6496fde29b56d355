"""The records to which requisitions and their items refer."""

from __future__ import annotations

from typing import Any

import pytest

from erp_invoice_core.documents import CostCode, InvoiceItem

from .records import build_records, contract, item, line, load, package, problems, requisition

OWN = {"full_code": "09-900"}


def build_item(
    change_order: dict[str, Any], *lines: dict[str, Any], **fields: object
) -> InvoiceItem:
    """Return an item of a contract with a change order."""
    shown = contract(line_items=list(lines or [line()]), change_order_packages=[change_order])
    reading = load(contract=shown, page=[requisition(item(**fields))])
    assert () == reading.problems
    return reading.requisitions[0].value.items[0]


def test_an_item_keeps_nothing_of_a_line_that_is_shown() -> None:
    """The commitment has its change order, its ERP id and its cost code."""
    found = build_item(
        package(line_items=[line(9001)]),
        item_type="change_order_item",
        line_item_id=9001,
        commitment_line_item_origin_id="L-9",
        cost_code=OWN,
    )
    assert (None, None, None) == (found.change_order_id, found.line_origin_id, found.cost_code)


def test_an_item_keeps_what_is_not_shown_of_its_line() -> None:
    """The change order came without lines."""
    found = build_item(
        package(),
        item_type="change_order_item",
        line_item_id=9001,
        commitment_line_item_origin_id="L-9",
        cost_code=OWN,
    )
    kept = (found.change_order_id, found.line_origin_id, found.cost_code)
    assert ("900", "L-9", CostCode(full_code="09-900")) == kept


def test_an_item_of_a_hidden_line_has_the_cost_code_of_its_contract_line() -> None:
    """The item has no cost code; the ERP id is that of the contract line too."""
    found = build_item(
        package(),
        item_type="change_order_item",
        line_item_id=None,
        commitment_line_item_id=1001,
        change_order_package_id=900,
        commitment_line_item_origin_id="L-9",
    )
    assert CostCode(full_code="05-120") == found.cost_code
    assert found.line_origin_id is None


@pytest.mark.parametrize(
    ("lines", "kept"), [(None, CostCode(full_code="09-900")), ([line(9001)], None)]
)
def test_a_change_order_billed_whole_needs_a_cost_code(
    lines: list[object] | None, kept: CostCode | None
) -> None:
    """The item's own counts if the change order shows no line."""
    found = build_item(
        package(line_items=lines),
        item_type="whole_change_order_item",
        line_item_id=None,
        change_order_package_id=900,
        cost_code=OWN,
    )
    assert kept == found.cost_code


@pytest.mark.parametrize(("kind", "id_"), [("contract_item", 1001), ("change_order_item", 9001)])
def test_a_line_without_cost_code_has_that_of_its_item(kind: str, id_: int) -> None:
    """The line may be of the contract or of a change order."""
    change_order = package(line_items=[line(9001, cost_code=None)])
    bare = line(cost_code=None)
    found = build_item(change_order, bare, item_type=kind, line_item_id=id_, cost_code=OWN)
    assert CostCode(full_code="09-900") == found.cost_code


def test_the_id_of_the_vendor_counts_before_the_vendor_that_is_shown() -> None:
    """It differs from the vendor of the commitment."""
    shown = contract(line_items=[line()], change_order_packages=[])
    page = [requisition(item(), vendor_id=8, vendor={"id": 7})]
    where = [("page.json: [0].vendor_id", "reference.other_vendor")]
    assert where == problems(load(contract=shown, page=page))


def test_a_missing_project_is_reported() -> None:
    """The same for a contract, as for its vendor."""
    reading = load(contract=contract(project_id=11, vendor_id=8))
    assert [
        ("contract.json: project_id", "reference.dangling"),
        ("contract.json: vendor_id", "reference.dangling"),
    ] == problems(reading)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"commitment_type": "WorkOrderContract"}, []),
        ({"commitment_type": "PurchaseOrderContract"}, [("commitment_type", "reference.type")]),
        ({"commitment_type": ["x"]}, [("commitment_type", "value.unknown")]),
        ({"vendor_id": 8}, [("vendor_id", "reference.other_vendor")]),
    ],
)
def test_a_requisition_fits_the_contract_that_was_loaded_before(
    fields: dict[str, object], found: list[tuple[str, str]]
) -> None:
    """Its type and its vendor are those of the contract."""
    known = build_records(contract=contract(line_items=[line()], change_order_packages=[]))
    expected = [(f"page.json: [0].{name}", code) for name, code in found]
    assert expected == problems(load(known, page=[requisition(item(), **fields)]))


def test_a_line_of_a_contract_that_was_loaded_before_is_looked_up() -> None:
    """It must exist."""
    known = build_records(contract=contract(line_items=[line()], change_order_packages=[]))
    where = [("page.json: [0].items[0].line_item_id", "reference.dangling")]
    assert where == problems(load(known, page=[requisition(item(line_item_id=77))]))

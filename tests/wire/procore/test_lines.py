"""The lines of its commitment that an item may name."""

from __future__ import annotations

from .records import contract, item, line, load, package, problems, requisition

WHERE = "page.json: [0].items[0].line_item_id"


def test_a_line_of_another_contract_is_reported() -> None:
    """A change order whose lines are not shown has none of the contract's own lines."""
    shown = contract(line_items=[line()], change_order_packages=[package()])
    page = [requisition(item(line_item_id=1002))]
    assert [(WHERE, "reference.dangling")] == problems(load(contract=shown, page=page))


def test_the_first_of_the_ids_that_the_contract_has_counts() -> None:
    """Two fields of an item name a line."""
    shown = contract(line_items=[line()], change_order_packages=[])
    page = [requisition(item(line_item_id=77, commitment_line_item_id=1001))]
    reading = load(contract=shown, page=page)
    assert () == reading.problems
    assert "1001" == reading.requisitions[0].value.items[0].line_item_id


def test_an_item_of_hidden_change_orders_needs_one_that_is_approved() -> None:
    """Of several drafts the first is named; with an approved one it may be that."""
    billed = item(item_type="change_order_item", line_item_id=9001)
    drafts = [package(900, status="draft"), package(901, status="draft")]
    shown = contract(line_items=[line()], change_order_packages=drafts)
    reading = load(contract=shown, page=[requisition(billed)])
    assert [(WHERE, "change_order.not_approved")] == problems(reading)
    assert "'CO-900' is not approved" in reading.problems[0].message
    either = contract(line_items=[line()], change_order_packages=[*drafts, package(902)])
    assert [] == problems(load(contract=either, page=[requisition(billed)]))

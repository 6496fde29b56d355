"""The fields of requisitions and their problems."""

from __future__ import annotations

from .records import contract, item, line, load, problems, requisition


def test_the_order_of_dates_and_of_requisitions_is_reported_beside_other_problems() -> None:
    """No problem hides another."""
    page = requisition(
        item(),
        previous_requisition_id=5000,
        requisition_start="2026-10-31",
        requisition_end="2026-10-30",
        status="Nearly",
    )
    shown = contract(line_items=[line()], change_order_packages=[])
    assert {
        ("page.json: [0].status", "value.unknown"),
        ("page.json: [0].previous_requisition_id", "reference.itself"),
        ("page.json: [0].requisition_end", "period.order"),
    } == set(problems(load(contract=shown, page=[page])))


def test_a_period_may_be_one_day() -> None:
    """It ends on the day on which it starts."""
    page = requisition(item(), requisition_start="2026-10-31", requisition_end="2026-10-31")
    shown = contract(line_items=[line()], change_order_packages=[])
    assert [] == problems(load(contract=shown, page=[page]))


def test_a_requisition_without_id_does_not_follow_itself() -> None:
    """The problem is the missing id."""
    shown = contract(line_items=[line()], change_order_packages=[])
    page = [requisition(item(), id=None)]
    assert [("page.json: [0].id", "value.missing")] == problems(load(contract=shown, page=page))

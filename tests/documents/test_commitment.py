"""A commitment is checked as a whole: every problem is reported."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.documents import (
    ChangeOrderPackage,
    CommitmentLine,
    InvalidDocument,
    PurchaseOrder,
    Subcontract,
)
from erp_invoice_core.vocabulary import PurchaseOrderStatus, SubcontractStatus


def _line(number: str, amount: str = "100") -> CommitmentLine:
    return CommitmentLine(id=number, amount=Decimal(amount))


def _subcontract(**given: Any) -> Subcontract:  # noqa: ANN401 - the subcontract's own fields
    usual: dict[str, Any] = {
        "id": "1",
        "project_id": "10",
        "vendor_id": "7",
        "number": "SC-1",
        "currency": "USD",
        "status": SubcontractStatus.APPROVED,
    }
    return Subcontract(**{**usual, **given})


def _problems(**given: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - as above
    with pytest.raises(InvalidDocument) as raised:
        _subcontract(**given)
    return [(problem.path, problem.code) for problem in raised.value.problems]


def test_lines_are_its_own_then_those_of_its_change_orders() -> None:
    """All lines that can be billed, in order."""
    package = ChangeOrderPackage(id="9", number="1", status="Approved", lines=(_line("3"),))
    commitment = _subcontract(lines=(_line("1"), _line("2")), change_orders=(package,))

    assert ["1", "2", "3"] == [line.id for line in commitment.all_lines]


def test_purchase_order_has_a_status_list_of_its_own() -> None:
    """Only a purchase order can be received."""
    order = PurchaseOrder(
        id="1",
        project_id="10",
        vendor_id="7",
        number="PO-1",
        currency="USD",
        status=PurchaseOrderStatus.RECEIVED,
    )

    assert PurchaseOrderStatus.RECEIVED is order.status


@pytest.mark.parametrize(
    ("status", "expected"), [("Approved", True), ("approved", True), ("Pending", False)]
)
def test_only_an_approved_change_order_may_be_billed(status: str, expected: bool) -> None:
    """The spelling of the status does not matter."""
    assert expected == ChangeOrderPackage(id="9", number="1", status=status).is_approved


def test_every_problem_is_reported() -> None:
    """Blank ids, a percentage beyond 100, an amount with too many digits, a line twice."""
    assert [
        ("id", "value.blank"),
        ("vendor_id", "value.blank"),
        ("retainage_percent", "percent.range"),
        ("amount", "amount.digits"),
        ("lines", "id.duplicate"),
    ] == _problems(
        id="",
        vendor_id=" ",
        retainage_percent=Decimal("100.1"),
        lines=(_line("1", "1.005"), _line("1")),
    )


@pytest.mark.parametrize("percent", ["-1", "NaN", "Infinity"])
def test_retainage_is_a_percentage(percent: str) -> None:
    """From 0 to 100, and a number."""
    assert [("retainage_percent", "percent.range")] == _problems(retainage_percent=Decimal(percent))


def test_line_needs_an_id() -> None:
    """A line without id cannot be billed."""
    with pytest.raises(InvalidDocument):
        _line("")


def test_change_order_needs_an_id_and_a_status() -> None:
    """Without a status a change order cannot be judged."""
    with pytest.raises(InvalidDocument) as raised:
        ChangeOrderPackage(id="", number="1", status=" ")

    assert ["id", "status"] == [problem.path for problem in raised.value.problems]


def test_a_deleted_change_order_is_not_approved() -> None:
    """Its former status does not matter."""
    package = ChangeOrderPackage(id="9", number="1", status="Approved")

    assert package.is_approved
    assert not attrs.evolve(package, deleted_at=date(2026, 10, 1)).is_approved

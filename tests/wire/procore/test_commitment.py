"""Commitments with their lines are read and stored."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp_invoice_core.wire.procore import read_commitment

from .records import contract, line, load, package, problems


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"type": ["WorkOrderContract"]}, ("type", "value.unknown")),
        ({"vendor_id": None, "vendor": {"id": []}}, ("vendor.id", "value.type")),
        ({"vendor_id": None, "vendor": {"id": None}}, ("vendor_id", "value.missing")),
        ({"vendor_id": None, "vendor": "Acme"}, ("vendor", "value.type")),
    ],
)
def test_a_problem_of_a_contract_is_reported(
    fields: dict[str, object], found: tuple[str, str]
) -> None:
    """The problem has the path of the wrong value."""
    path, code = found
    assert (f"contract.json: {path}", code) in problems(load(contract=contract(**fields)))


def test_a_wrong_id_of_a_vendor_is_one_problem() -> None:
    """The vendor does not count as missing too."""
    reading = load(contract=contract(vendor_id=None, vendor={"id": []}))
    assert [("contract.json: vendor.id", "value.type")] == problems(reading)


def test_a_contract_without_currency_is_no_problem_of_its_own() -> None:
    """The problem is that of the company's currency."""
    people = {"company": {"id": 1, "name": "Harbor Point", "currency": "XXX"}}
    reading = load(people=people, contract=contract(line_items=[line()]))
    assert [("people.json: company.currency", "currency.unknown")] == problems(reading)


def test_a_line_without_amount_is_zero() -> None:
    """A line of a contract and one of a change order are the same in this."""
    bare = [line(amount=None)], [package(line_items=[line(9001, amount=None)])]
    reading = load(contract=contract(line_items=bare[0], change_order_packages=bare[1]))
    found = reading.commitments[0].value
    assert Decimal(0) == found.lines[0].amount == found.change_orders[0].lines[0].amount


def test_a_commitment_is_kept_with_everything_that_was_read() -> None:
    """The stored object has Procore's names, without default values."""
    lines = [line(uom="t", line_item_type={"code": "S"}, quantity="2.50")]
    shown = contract(line_items=lines, change_order_packages=[package(line_items=[])])
    (found,) = load(contract=shown).commitments
    assert {
        "id": "100",
        "type": "WorkOrderContract",
        "project_id": "10",
        "vendor_id": "7",
        "number": "SC-1",
        "status": "Approved",
        "currency_configuration": {"currency_iso_code": "USD"},
        "line_items": [
            {
                "id": "1001",
                "amount": "50000",
                "quantity": "2.5",
                "uom": "t",
                "cost_code": {"full_code": "05-120"},
                "line_item_type": {"code": "S"},
            }
        ],
        "change_order_packages": [
            {"id": "900", "number": "CO-900", "status": "approved", "line_items": []}
        ],
    } == found.dump(found.value)
    assert found.value == read_commitment(found.dump(found.value))

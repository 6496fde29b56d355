"""The fields of a record decide of which kinds it can be."""

from __future__ import annotations

from typing import Any

import pytest

from erp_invoice_core.wire.procore.answer_kinds import find_common_kinds, find_kinds

CONTRACTS = {"commitments", "work_order_contracts", "purchase_order_contracts"}


@pytest.mark.parametrize(
    ("record", "kinds"),
    [
        ({"commitment_id": 2}, set()),
        ({"items": []}, set()),
        ({"commitment_id": 2, "items": []}, {"requisitions"}),
        ({"commitment_id": 2, "final": True, "amount": "5.00"}, set()),
        ({"cost_code_id": 3}, set()),
        ({"quantity": "1"}, set()),
        ({"cost_code_id": 3, "quantity": "1"}, {"line_items"}),
        ({"cost_code_id": 3, "quantity": "1", "scheduled_value": "5.00"}, set()),
        ({"amount": "5.00"}, set()),
        ({"check_number": "9"}, set()),
        ({"amount": "5.00", "check_number": "9"}, {"contract_payments"}),
        ({"contract_id": 2, "number": "1"}, set()),
        ({"contract_id": 2, "status": "draft"}, set()),
        ({"number": "1", "status": "draft"}, set()),
        ({"contract_id": 2, "number": "1", "status": "draft"}, {"change_order_packages"}),
        ({"contract": {"id": 2}, "title": "x", "status": "draft"}, {"change_order_packages"}),
        ({"vendor_id": 7}, set()),
        ({"executed": True}, set()),
        ({"vendor_id": 7, "executed": True}, CONTRACTS),
        ({"vendor": {"id": 7}, "executed": True, "type": "WorkOrderContract"}, {"commitments"}),
        ({"vendor_id": 7, "executed": True, "inclusions": ""}, {"work_order_contracts"}),
        ({"vendor_id": 7, "executed": True, "ship_via": ""}, {"purchase_order_contracts"}),
        ({"vendor_id": 7, "executed": True, "inclusions": "", "ship_via": ""}, CONTRACTS),
        ({"code": "120"}, set()),
        ({"sortable_code": "05-120"}, set()),
        ({"code": "120", "sortable_code": "05-120"}, {"cost_codes"}),
        ({"full_code": "05-120"}, {"cost_codes"}),
        ({"rate1": "8.25"}, {"tax_codes"}),
        ({"name": 5}, set()),
        ({"name": "x"}, {"projects", "vendors"}),
        ({"name": "x", "active": True}, {"projects"}),
        ({"name": "x", "company": {"id": 1}}, {"projects"}),
        ({"name": "x", "company": "Acme"}, {"projects", "vendors"}),
        ({"name": "x", "is_active": True}, {"vendors"}),
        ({"name": "x", "active": True, "is_active": True}, {"projects", "vendors"}),
    ],
)
def test_a_record_is_of_the_kinds_whose_fields_it_has(
    record: dict[str, Any], kinds: set[str]
) -> None:
    """A field that several kinds have decides nothing alone."""
    assert kinds == find_kinds({"id": 1, **record})


@pytest.mark.parametrize(
    ("document", "kinds"),
    [
        ({"company": {"id": 1}}, {"document"}),
        ({"company": "Harbor Point"}, set()),
        ({"vendors": []}, {"document"}),
        ({"name": "x"}, set()),
    ],
)
def test_what_has_no_id_is_a_document_or_nothing(document: dict[str, Any], kinds: set[str]) -> None:
    """An object without id is a document if it has a company or one of the arrays."""
    assert kinds == find_kinds(document)


def test_all_records_of_a_list_are_of_one_kind() -> None:
    """A document is not a record, nor is a value that is not an object."""
    project, either = {"id": 1, "name": "x", "active": True}, {"id": 2, "name": "y"}
    assert {"projects"} == find_common_kinds([project, either])
    assert set() == find_common_kinds([project, 7])
    assert set() == find_common_kinds([{"company": {"id": 1}}])

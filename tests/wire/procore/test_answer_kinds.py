"""The kinds that the fields of a record fit."""

from __future__ import annotations

from typing import Any

import pytest

from erp_invoice_core.wire.procore.answer_kinds import kinds_of


@pytest.mark.parametrize(
    ("record", "kinds"),
    [
        ({"id": 1, "commitment_id": 2}, set()),
        ({"id": 1, "commitment_id": 2, "items": []}, {"requisitions"}),
        ({"id": 1, "contract_id": 2, "number": "1"}, set()),
        ({"id": 1, "contract_id": 2, "number": "1", "status": "draft"}, {"change_order_packages"}),
        ({"id": 1, "contract_id": 2, "title": "x", "status": "draft"}, {"change_order_packages"}),
        ({"id": 1, "contract_id": 2, "status": "draft"}, set()),
    ],
)
def test_a_kind_needs_each_of_its_fields(record: dict[str, Any], kinds: set[str]) -> None:
    """A contract's id alone says neither requisition nor change order."""
    assert kinds == kinds_of(record)

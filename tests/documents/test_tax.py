"""A stated tax is known by the name of its code, else by its id."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erp_invoice_core.documents import InvalidDocument, StatedTax


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " GST ", "code_id": "17"}, "GST"),
        ({"name": " ", "code_id": "17"}, "17"),
        ({"code_id": "17"}, "17"),
        ({"rate": Decimal(5)}, None),
    ],
)
def test_code_of_a_tax(fields: dict[str, Any], code: str | None) -> None:
    """The name is what people know it by."""
    assert code == StatedTax(**fields).code


def test_a_rate_is_exact() -> None:
    """A float is refused, as it is everywhere."""
    with pytest.raises(InvalidDocument):
        StatedTax(name="GST", rate=5.0)  # type: ignore[arg-type] # that is what is refused

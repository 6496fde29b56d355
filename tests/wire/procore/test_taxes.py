"""The stored taxes of an item."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.documents import Invoice, InvoiceItem
from erp_invoice_core.vocabulary import InvoiceStatus, ItemType
from erp_invoice_core.wire.procore.fields import Report, Scope
from erp_invoice_core.wire.procore.taxes import dump_item_taxes, dump_tax_summary, read_tax_summary


@pytest.mark.parametrize(
    ("rates", "amount", "plain"),
    [
        ((), "0", {}),
        ((), "5.00", {"taxes": "5"}),
        (("10",), "0", {"taxes": [{"tax_code_rate": "10"}]}),
        (("10",), "5.00", {"taxes": [{"tax_code_rate": "10"}, {"amount": "5"}]}),
    ],
)
def test_taxes_are_kept_where_there_are_some(
    rates: tuple[str, ...], amount: str, plain: dict[str, Any]
) -> None:
    """They are an amount, rates, or both."""
    given = InvoiceItem(
        id="1",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1001",
        scheduled_value=Decimal(100),
        taxes=Decimal(amount),
        tax_rates=tuple(Decimal(rate) for rate in rates),
    )
    assert plain == dump_item_taxes(given)


def test_a_single_applied_amount_may_be_an_object() -> None:
    """Zero is not tax."""
    applied = {"applied_amount": "5.00"}
    for summary in (applied, [applied, {"applied_amount": "0.00"}, {}]):
        report = Report()
        assert (Decimal(5),) == read_tax_summary(Scope({"tax_summary": summary}, "", report))
        assert [] == report.problems


def test_applied_amounts_are_kept_where_there_are_some() -> None:
    """Each is stored."""
    bare = Invoice(
        id="5000",
        number=1,
        project_id="10",
        commitment_id="100",
        currency="USD",
        status=InvoiceStatus.APPROVED,
    )
    assert {} == dump_tax_summary(bare)
    taxed = attrs.evolve(bare, taxes_applied=(Decimal("5.00"), Decimal(-5)))
    kept = [{"applied_amount": "5"}, {"applied_amount": "-5"}]
    assert {"tax_summary": kept} == dump_tax_summary(taxed)

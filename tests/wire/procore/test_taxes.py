"""The stored taxes of an item."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.documents import Invoice, InvoiceItem, StatedTax
from erp_invoice_core.vocabulary import InvoiceStatus, ItemType
from erp_invoice_core.wire.procore.fields import Report, Scope
from erp_invoice_core.wire.procore.taxes import (
    drop_codes,
    dump_item_taxes,
    dump_tax_summary,
    list_applied,
    read_item_taxes,
    read_tax_summary,
)


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
        found = read_tax_summary(Scope({"tax_summary": summary}, "", report))
        assert {"taxes_applied": (Decimal(5),), "tax_summary": ()} == list_applied(found)
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


def test_codes_of_an_item_are_kept_with_their_rates() -> None:
    """An item of Procore states id, name and rate of each code; what is stored reads back."""
    given = [
        {"tax_code_id": 17, "tax_code_name": "GST", "tax_code_rate": "5.0"},
        {"tax_code_id": 18, "tax_code_name": "", "tax_code_rate": "7", "amount": "1.40"},
        {"tax_code_rate": "1"},
    ]
    report = Report()
    found = read_item_taxes(Scope({"taxes": given}, "", report), "CAD")
    codes = (
        StatedTax(code_id="17", name="GST", rate=Decimal(5)),
        StatedTax(code_id="18", name="", rate=Decimal(7), amount=Decimal("1.40")),
        StatedTax(rate=Decimal(1)),
    )

    assert [] == report.problems
    assert {
        "tax_rates": (Decimal(5), Decimal(7), Decimal(1)),
        "taxes": Decimal("1.40"),
        "tax_codes": codes,
    } == found
    assert ["GST", "18", None] == [each.code for each in codes]
    item = InvoiceItem(
        id="1",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1001",
        scheduled_value=Decimal(100),
        **found,
    )
    plain = dump_item_taxes(item)
    assert {
        "taxes": [
            {"tax_code_id": "17", "tax_code_name": "GST", "tax_code_rate": "5"},
            {"tax_code_id": "18", "tax_code_name": "", "tax_code_rate": "7", "amount": "1.4"},
            {"tax_code_rate": "1"},
        ]
    } == plain
    assert found == read_item_taxes(Scope(plain, "", Report()), "CAD")


def test_totals_of_codes_are_kept() -> None:
    """A total has its code, also if it is zero; a zero without a code is left out."""
    rows = [
        {"tax_code_id": 17, "tax_code_name": "GST", "applied_amount": "5.0"},
        {"tax_code_id": 18, "applied_amount": "0.00"},
        {"tax_code_id": 19},
        {"applied_amount": "0.00"},
        {"applied_amount": "1.40"},
    ]
    found = list_applied(read_tax_summary(Scope({"tax_summary": rows}, "", Report())))
    summary = (
        StatedTax(code_id="17", name="GST", amount=Decimal(5)),
        StatedTax(code_id="18", amount=Decimal(0)),
        StatedTax(amount=Decimal("1.4")),
    )
    assert {"taxes_applied": (Decimal(5), Decimal("1.4")), "tax_summary": summary} == found
    plain = dump_tax_summary(_build_invoice(**found))
    assert {
        "tax_summary": [
            {"tax_code_id": "17", "tax_code_name": "GST", "applied_amount": "5"},
            {"tax_code_id": "18", "applied_amount": "0"},
            {"applied_amount": "1.4"},
        ]
    } == plain
    assert summary == read_tax_summary(Scope(plain, "", Report()))


def test_codes_without_tax_are_dropped() -> None:
    """An invoice whose rates are all zero is not taxed, and is as it was before it had codes."""
    exempt = StatedTax(name="EXEMPT", rate=Decimal(0))
    item = InvoiceItem(
        id="1",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1001",
        scheduled_value=Decimal(100),
        tax_codes=(exempt,),
    )
    untaxed, taxed = (
        _build_invoice(items=(item,)),
        _build_invoice(items=(item,), tax_applicable=Decimal(1)),
    )
    assert ((), (exempt,)) == (
        drop_codes(untaxed).items[0].tax_codes,
        drop_codes(taxed).items[0].tax_codes,
    )
    stated = _build_invoice(tax_summary=(StatedTax(name="EXEMPT", amount=Decimal(0)),))
    assert _build_invoice() == drop_codes(stated)
    bare = _build_invoice()
    assert bare is drop_codes(bare)


def _build_invoice(**fields: Any) -> Invoice:  # noqa: ANN401 - the invoice's own fields
    """Return an invoice in Canadian dollars."""
    return Invoice(
        **{
            "id": "5000",
            "number": 1,
            "project_id": "10",
            "commitment_id": "100",
            "currency": "CAD",
            "status": InvoiceStatus.APPROVED,
            **fields,
        }
    )

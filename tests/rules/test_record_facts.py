"""The facts of the record: what it says that speaks against its invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.documents import (
    ChangeOrderPackage,
    CommitmentLine,
    CostCode,
    Invoice,
    InvoiceItem,
    ItemExcess,
    Payment,
    Project,
    StatedSummary,
    Subcontract,
    Vendor,
)
from erp_invoice_core.rules import Case
from erp_invoice_core.vocabulary import InvoiceStatus, ItemType, SubcontractStatus

LINE = CommitmentLine(
    id="1", amount=Decimal(100), cost_code=CostCode(full_code="05-120.S", origin_id=None)
)
CHANGE = CommitmentLine(id="9", amount=Decimal(50))
COMMITMENT = Subcontract(
    id="100",
    project_id="10",
    vendor_id="7",
    number="SC-1",
    currency="USD",
    status=SubcontractStatus.APPROVED,
    lines=(LINE,),
    change_orders=(
        ChangeOrderPackage(id="900", number="CO-1", status="approved", lines=(CHANGE,)),
        ChangeOrderPackage(id="901", number="", status="approved"),
    ),
)
ITEM = InvoiceItem(
    id="i1",
    item_type=ItemType.CONTRACT_ITEM,
    line_item_id="1",
    scheduled_value=Decimal(100),
    work_this_period=Decimal(40),
    description="Frames",
)
INVOICE = Invoice(
    id="r1",
    number=1,
    project_id="10",
    commitment_id="100",
    currency="USD",
    status=InvoiceStatus.APPROVED,
    items=(ITEM,),
)


def case(*items: InvoiceItem, commitment: Subcontract = COMMITMENT, **fields: Any) -> Case:  # noqa: ANN401 - any field
    """Return the facts of the invoice with other items and fields."""
    invoice = attrs.evolve(INVOICE, items=items or (ITEM,), **fields)
    vendor, project = Vendor(id="7", name="Acme"), Project(id="10", name="Pier 9")
    return Case.of(invoice, commitment, vendor=vendor, project=project, company_id="1")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"erp_status": ""}, None),
        ({"erp_status": " exporting "}, "exporting"),
        ({"erp_status": "synced", "origin_id": "B-1"}, None),
        ({"erp_status": "synced", "origin_id": " "}, "synced"),
    ],
)
def test_erp_status_counts_without_an_erp_id(fields: dict[str, Any], expected: str | None) -> None:
    """An invoice with an ERP id counts as synced, and its ERP status is not read."""
    assert expected == case(**fields).erp_status


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (False, None, Decimal(0))),
        ({"payment_date": date(2026, 11, 3)}, (True, date(2026, 11, 3), Decimal(0))),
        ({"paid": Decimal(5)}, (True, None, Decimal(5))),
        ({"paid_in_full": True}, (True, None, Decimal(0))),
        (
            {
                "payments": (
                    Payment(id="1", amount=Decimal(10), paid_on=date(2026, 11, 3)),
                    Payment(id="2", amount=Decimal(7), paid_on=date(2026, 11, 9)),
                    Payment(id="3", amount=Decimal(1)),
                )
            },
            (True, date(2026, 11, 9), Decimal(18)),
        ),
        ({"payments": (Payment(id="1", amount=Decimal(0)),)}, (False, None, Decimal(0))),
    ],
)
def test_payments_of_the_record_and_those_that_name_it_count(
    fields: dict[str, Any], expected: tuple[bool, date | None, Decimal]
) -> None:
    """Any payment makes an invoice paid; the facts are the last day and the whole amount."""
    found = case(**fields)

    assert expected == (found.is_paid, found.payment_date, found.amount_paid)


def test_deletion_is_reported_of_the_invoice_and_of_its_commitment() -> None:
    """Each has its own day."""
    deleted = attrs.evolve(COMMITMENT, deleted_at=date(2026, 10, 2))
    found = case(commitment=deleted, deleted_at=date(2026, 10, 1))

    assert (date(2026, 10, 1), date(2026, 10, 2)) == (
        found.deleted_on,
        found.commitment_deleted_on,
    )
    assert (None, None) == (case().deleted_on, case().commitment_deleted_on)


def test_rejected_items_are_reported_by_id_and_description() -> None:
    """The status is compared without regard to case and spaces; others are no rejection."""
    items = (
        attrs.evolve(ITEM, status="rejected"),
        attrs.evolve(ITEM, id="i2", status=" Rejected", description=""),
        attrs.evolve(ITEM, id="i3", status="approved"),
        attrs.evolve(ITEM, id="i4", status="no_action"),
        attrs.evolve(ITEM, id="i5"),
    )

    assert ("i1 (Frames)", "i2") == case(*items).rejected_items


def test_simplified_invoices_and_billing_dates_are_reported() -> None:
    """A simplified invoice says so, and the billing date is a fact of its own."""
    found = case(invoicing_method="simplified", billing_date=date(2026, 10, 31))

    assert (True, date(2026, 10, 31)) == (found.is_simplified, found.billing_date)
    assert not case(invoicing_method="progressive").is_simplified


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (StatedSummary(current_payment_due=Decimal(41)), ("current_payment_due", "41")),
        (StatedSummary(current_payment_due=Decimal(40)), None),
        (StatedSummary(total_retainage=Decimal(1)), None),
    ],
)
def test_line_8_that_differs_stands_apart(
    stated: StatedSummary, expected: tuple[str, str] | None
) -> None:
    """Of all differences that of line 8 is a fact of its own."""
    found = case(stated=stated).line_8_difference

    assert expected == (found and (found.name, str(found.stated)))


def test_taxes_are_reported_with_amounts_and_rates() -> None:
    """Of the payment, applied, and of each item; an invoice without tax has none."""
    found = case(
        attrs.evolve(ITEM, tax_rates=(Decimal("8.25"),)),
        attrs.evolve(ITEM, id="i2", taxes=Decimal(3)),
        tax_applicable=Decimal(1500),
        taxes_applied=(Decimal("12.5"),),
    )

    assert (
        "1500.00 USD",
        "12.50 USD",
        "#i1 8.25 %",
        "#i2 3.00 USD",
    ) == found.taxes
    assert (True, False, ()) == (found.taxed, case().taxed, case().taxes)


def test_due_date_and_terms_are_proposed() -> None:
    """Those that the records state; a blank text states nothing."""
    terms = attrs.evolve(COMMITMENT, payment_terms="Net 30")

    assert case(commitment=attrs.evolve(COMMITMENT, payment_terms=" ")).proposed is None
    assert {"due_date": "2026-11-30", "terms": "Net 30"} == (
        case(commitment=terms, due_date=date(2026, 11, 30)).proposed
    )


def test_excesses_are_reported_with_their_items() -> None:
    """Over-billed items, and those that release more than is held, come with both amounts."""
    found = case(
        attrs.evolve(ITEM, work_this_period=Decimal(120), work_retainage_released=Decimal(6))
    )

    assert found.over_billed is True
    assert (ItemExcess(item_id="i1", amount=Decimal(120), limit=Decimal(100)),) == (
        found.over_billed_items
    )
    assert (ItemExcess(item_id="i1", amount=Decimal(6), limit=Decimal(0)),) == found.over_released


def test_cost_codes_to_map_are_reported_with_their_items() -> None:
    """A code that several items bill is named once, its items are all named."""
    found = case(ITEM, attrs.evolve(ITEM, id="i2"))

    assert (("05-120.S",), ("i1", "i2")) == (found.unsynced_cost_codes, found.unmapped_items)


def test_change_orders_that_are_not_synced_are_reported_with_their_items() -> None:
    """By number, without a number by id, and without a known change order by the line."""
    kinds: tuple[tuple[ItemType, str, dict[str, Any]], ...] = (
        (ItemType.CHANGE_ORDER_ITEM, "9", {}),
        (ItemType.WHOLE_CHANGE_ORDER_ITEM, "901", {}),
        (ItemType.CHANGE_ORDER_ITEM, "77", {}),
        (ItemType.CHANGE_ORDER_ITEM, "78", {"change_order_id": "900"}),
    )
    items = [
        attrs.evolve(ITEM, id=f"c{place}", item_type=kind, line_item_id=target, **more)
        for place, (kind, target, more) in enumerate(kinds)
    ]
    found = case(*items)

    assert found.change_orders_synced is False
    assert (
        "CO-1 (#c0)",
        "901 (#c1)",
        "77 (#c2)",
        "CO-1 (#c3)",
    ) == found.unsynced_change_orders


def test_a_fraction_of_a_minor_unit_of_tax_is_shown() -> None:
    """It is not rounded away, as the invoice differs by it."""
    assert ("5.005 USD",) == case(taxes_applied=(Decimal("5.005"),)).taxes

"""The document of an export has the items that bill something, each at its place, exact in sum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.billing import build_export_document
from erp_invoice_core.documents import (
    Attachment,
    ChangeOrderPackage,
    CommitmentLine,
    CostCode,
    ExportDocument,
    ExportLine,
    Invoice,
    InvoiceItem,
    Project,
    PurchaseOrder,
    Subcontract,
    Vendor,
)
from erp_invoice_core.vocabulary import (
    AccountingMethod,
    InvoiceStatus,
    ItemType,
    PurchaseOrderStatus,
    SubcontractStatus,
)


def line(identity: str, amount: str, code: str | None = "05", kind: str = "SUB") -> CommitmentLine:
    """Return a line with a cost code of the ERP."""
    return CommitmentLine(
        id=identity,
        amount=Decimal(amount),
        cost_code=CostCode(full_code=code, origin_id=f"CC-{code}") if code else None,
        cost_type_origin_id=kind,
        origin_id=f"L-{identity}",
    )


def package(*lines: CommitmentLine) -> ChangeOrderPackage:
    """Return an approved package with id 900."""
    return ChangeOrderPackage(
        id="900", number="1", status="approved", origin_id="CO-900", lines=lines
    )


def commitment(*lines: CommitmentLine) -> Subcontract:
    """Return a subcontract of line 1, with a package of the lines."""
    return Subcontract(
        id="100",
        project_id="10",
        vendor_id="7",
        number="SC-1",
        title="Steel",
        currency="USD",
        status=SubcontractStatus.APPROVED,
        origin_id="C-100",
        lines=(line("1", "1000"),),
        change_orders=(package(*lines),),
    )


def item(kind: ItemType, target: str, **columns: Any) -> InvoiceItem:  # noqa: ANN401 - any column
    """Return an item that bills a target."""
    texts: dict[str, Any] = {
        name: Decimal(v) if isinstance(v, str) else v for name, v in columns.items()
    }
    return InvoiceItem(
        id=f"{kind.value}-{target}",
        item_type=kind,
        line_item_id=target,
        scheduled_value=Decimal(1000),
        **texts,
    )


def export(stands_on: Subcontract | PurchaseOrder, *items: InvoiceItem) -> ExportDocument:
    """Return the document of an invoice of the items."""
    return build_export_document(
        Invoice(
            id="r",
            number=1,
            project_id="10",
            commitment_id="100",
            currency="USD",
            status=InvoiceStatus.APPROVED,
            items=items,
        ),
        stands_on,
        vendor=Vendor(id="7", name="Acme", origin_id="V-7"),
        project=Project(id="10", name="Pier 9", origin_id="J-10"),
        company_id="1",
    )


def test_the_document_names_everything_around_the_invoice() -> None:
    """Company, job, vendor and commitment have their ERP ids."""
    document = export(commitment())
    assert ("1", "J-10", "Pier 9") == (
        document.company_id,
        document.job_origin_id,
        document.job_name,
    )
    assert ("Acme", "V-7") == (document.vendor_name, document.vendor_origin_id)
    assert ("subcontract", "SC-1", "Steel", "C-100") == (
        document.commitment_kind,
        document.commitment_number,
        document.commitment_title,
        document.commitment_origin_id,
    )


def test_the_document_has_all_fields_of_the_invoice() -> None:
    """Number, period, dates and attachments of the invoice are those of its document."""
    files = (Attachment(id="1", filename="waiver.pdf"),)
    invoice = Invoice(
        id="r",
        number=3,
        project_id="10",
        commitment_id="100",
        currency="EUR",
        status=InvoiceStatus.APPROVED,
        invoice_number="ACME-3",
        period_id="77",
        period_start=date(2026, 10, 1),
        period_end=date(2026, 10, 31),
        billing_date=date(2026, 11, 2),
        final=True,
        attachments=files,
    )
    document = build_export_document(
        invoice,
        commitment(),
        vendor=Vendor(id="7", name="Acme", origin_id="V-7"),
        project=Project(id="10", name="Pier 9", origin_id="J-10"),
        company_id="1",
    )

    assert (
        ExportDocument(
            invoice_id="r",
            company_id="1",
            currency="EUR",
            project_id="10",
            job_origin_id="J-10",
            job_name="Pier 9",
            vendor_id="7",
            vendor_name="Acme",
            vendor_origin_id="V-7",
            commitment_id="100",
            commitment_kind="subcontract",
            commitment_number="SC-1",
            commitment_title="Steel",
            commitment_origin_id="C-100",
            number=3,
            lines=(),
            invoice_number="ACME-3",
            period_id="77",
            period_start=date(2026, 10, 1),
            period_end=date(2026, 10, 31),
            billing_date=date(2026, 11, 2),
            final=True,
        )
        == document
    )
    assert files == document.attachments


def test_a_line_has_all_fields_of_its_item() -> None:
    """Two tons at 250 and materials for 100, of which 60 is held; the place is line 1's."""
    billed = attrs.evolve(
        item(
            ItemType.CONTRACT_ITEM,
            "1",
            work_this_period="500",
            work_retainage_retained="50",
            stored="100",
            stored_retainage_new="10",
            stored_retainage_held="10",
            quantity_this_period="2",
            scheduled_unit_price="250",
        ),
        description="Beams",
        accounting_method=AccountingMethod.UNIT,
        uom="t",
    )

    (row,) = export(commitment(), billed).lines

    assert (
        ExportLine(
            item_id="contract_item-1",
            item_type=ItemType.CONTRACT_ITEM,
            line_item_id="1",
            description="Beams",
            gross=Decimal(600),
            retained=Decimal(60),
            released=Decimal(0),
            work=Decimal(500),
            stored=Decimal(100),
            accounting_method=AccountingMethod.UNIT,
            quantity=Decimal(2),
            unit_price=Decimal(250),
            uom="t",
            cost_code="05",
            cost_code_origin_id="CC-05",
            cost_type_origin_id="SUB",
            line_origin_id="L-1",
            change_order_origin_id=None,
        )
        == row
    )


def test_a_purchase_order_is_named_as_one() -> None:
    """The document has the kind of the commitment."""
    order = PurchaseOrder(
        id="100",
        project_id="10",
        vendor_id="7",
        number="PO-1",
        currency="USD",
        status=PurchaseOrderStatus.APPROVED,
    )
    assert "purchase_order" == export(order).commitment_kind


def test_items_that_bill_nothing_are_no_lines() -> None:
    """An item without work, materials or retainage in the period is left out."""
    document = export(
        commitment(),
        item(ItemType.CONTRACT_ITEM, "1", work_previous="500"),
        item(ItemType.CONTRACT_DETAIL_ITEM, "1", work_this_period="20"),
    )
    assert ["contract_detail_item-1"] == [line.item_id for line in document.lines]


def test_work_and_materials_that_cancel_out_are_a_line() -> None:
    """500 of work and 500 less in store have no gross amount, and still concern two accounts."""
    (row,) = export(
        commitment(),
        item(
            ItemType.CONTRACT_ITEM,
            "1",
            work_this_period="500",
            stored_previous="500",
            stored_retainage_new=Decimal(0),
        ),
    ).lines
    assert (Decimal(0), Decimal(500), Decimal(-500)) == (row.gross, row.work, row.stored)


def test_a_line_is_at_the_place_of_its_commitment_line() -> None:
    """A detail item belongs to its contract line, a change-order item to its package's line."""
    detail, change = export(
        commitment(line("9", "50", "06")),
        item(ItemType.CONTRACT_DETAIL_ITEM, "1", work_this_period="20.5"),
        item(ItemType.CHANGE_ORDER_ITEM, "9", work_this_period="5", work_retainage_retained="0.5"),
    ).lines
    assert ("05", "CC-05", "SUB", "L-1", None) == (
        detail.cost_code,
        detail.cost_code_origin_id,
        detail.cost_type_origin_id,
        detail.line_origin_id,
        detail.change_order_origin_id,
    )
    assert ("06", "L-9", "CO-900") == (
        change.cost_code,
        change.line_origin_id,
        change.change_order_origin_id,
    )
    assert ("20.50", "4.50") == (str(detail.gross), str(change.due))


def test_a_package_of_several_cost_codes_is_split_and_exact_in_sum() -> None:
    """100.00 over 1 : 1 : 1 is 33.33, 33.33 and, with the remainder, 33.34."""
    rows = export(
        commitment(line("7", "10", "06"), line("8", "10", "07"), line("9", "10", "08")),
        item(
            ItemType.WHOLE_CHANGE_ORDER_ITEM,
            "900",
            work_this_period="100",
            work_retainage_retained="10",
            quantity_this_period="1",
        ),
    ).lines
    assert ["33.33", "33.33", "33.34"] == [str(row.gross) for row in rows]
    assert ["3.33", "3.33", "3.34"] == [str(row.retained) for row in rows]
    assert ["06", "07", "08"] == [row.cost_code for row in rows]
    assert [None] * 3 == [row.quantity for row in rows]


def test_a_line_of_nothing_in_a_package_gets_nothing() -> None:
    """The last line with an amount gets the remainder."""
    rows = export(
        commitment(line("7", "10", "06"), line("8", "20", "07"), line("9", "0", "08")),
        item(ItemType.WHOLE_CHANGE_ORDER_ITEM, "900", work_this_period="100"),
    ).lines
    assert [("06", "33.33"), ("07", "66.67")] == [(r.cost_code, str(r.gross)) for r in rows]


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        # one cost code and type, for any lines
        ((line("8", "10"), line("9", "-10")), ("05", "SUB", None, "CO-900")),
        # one cost code, two types
        ((line("8", "10"), line("9", "10", kind="MAT")), ("05", None, None, "CO-900")),
        # one line is resolved to the line
        ((line("9", "10"),), ("05", "SUB", "L-9", "CO-900")),
        # no lines, no code
        ((), (None, None, None, "CO-900")),
        # amounts that cancel out have no proportion
        ((line("8", "10", "06"), line("9", "-10", "07")), (None, None, None, "CO-900")),
    ],
)
def test_a_package_that_is_not_split_is_one_line(
    lines: tuple[CommitmentLine, ...], place: tuple[str | None, ...]
) -> None:
    """It has the cost code, cost type, line and package in which all of its lines agree."""
    (row,) = export(
        commitment(*lines), item(ItemType.WHOLE_CHANGE_ORDER_ITEM, "900", work_this_period="100")
    ).lines
    assert Decimal(100) == row.gross
    assert place == (
        row.cost_code,
        row.cost_type_origin_id,
        row.line_origin_id,
        row.change_order_origin_id,
    )


@pytest.mark.parametrize(("kind", "target"), [(kind, "404") for kind in ItemType])
def test_what_cannot_be_resolved_has_no_cost_code(kind: ItemType, target: str) -> None:
    """The amounts are exported, without a place."""
    (row,) = export(commitment(), item(kind, target, work_this_period="100")).lines
    assert (Decimal(100), None, None) == (row.gross, row.cost_code, row.line_origin_id)


def test_a_line_without_cost_code_has_none() -> None:
    """The line is found nevertheless."""
    stands_on = commitment(line("9", "10", None))
    (row,) = export(stands_on, item(ItemType.CHANGE_ORDER_ITEM, "9", work_this_period="100")).lines
    assert (None, "L-9") == (row.cost_code, row.line_origin_id)


def test_a_line_of_zero_takes_the_whole_item() -> None:
    """The only place gets everything, whatever its own amount."""
    (row,) = export(
        commitment(line("9", "0")), item(ItemType.CHANGE_ORDER_ITEM, "9", work_this_period="100")
    ).lines
    assert Decimal(100) == row.gross


def test_an_invoice_with_unknown_retainage_has_no_document() -> None:
    """Without known retainage nothing is exported."""
    unknown = item(ItemType.CONTRACT_ITEM, "1", stored="10", stored_previous="10")
    with pytest.raises(ValueError, match="new materials"):
        export(commitment(), unknown)


def test_item_of_a_hidden_line_has_its_own_cost_code() -> None:
    """Its own cost code is booked with the id that the ERP has."""
    own = attrs.evolve(
        item(ItemType.CONTRACT_ITEM, "404", work_this_period="100"),
        cost_code=CostCode(full_code="05-100", origin_id="CC-7"),
        line_origin_id="L-404",
    )
    (row,) = export(commitment(), own).lines

    assert ("05-100", "CC-7", "L-404") == (
        row.cost_code,
        row.cost_code_origin_id,
        row.line_origin_id,
    )

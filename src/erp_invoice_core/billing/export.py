"""Export document of an invoice, made from the amounts of its period."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from ..documents import ExportDocument, ExportLine, PurchaseOrder
from ..money import ZERO, round_to
from .columns import EXACT
from .destinations import BilledItem, Place, list_billed_items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..documents import Commitment, Invoice, Project, Vendor


def _split(amount: Decimal, places: Sequence[Place], currency: str) -> list[Decimal]:
    """
    Return the amount split in proportion to the weights; the last part takes the remainder.

    A single place gets the whole amount, even if its weight is zero.
    """
    if len(places) == 1:
        return [round_to(amount, currency)]
    whole = sum((place.weight for place in places), ZERO)
    parts = [round_to(amount * place.weight / whole, currency) for place in places[:-1]]
    parts.append(round_to(amount - sum(parts, ZERO), currency))
    return [part or ZERO for part in parts]


def _build_lines(row: BilledItem, currency: str) -> list[ExportLine]:
    item, amounts, places = row
    if amounts.retained is None:
        msg = f"Item {item.id} does not give the retainage on new materials, which an export needs."
        raise ValueError(msg)
    works, stores, retained, released = (
        _split(amount, places, currency)
        for amount in (amounts.work, amounts.stored, amounts.retained, amounts.released)
    )
    is_whole = len(places) == 1
    return [
        ExportLine(
            item_id=item.id,
            item_type=item.item_type,
            line_item_id=item.line_item_id,
            description=item.description,
            gross=work + stored or ZERO,
            retained=held,
            released=freed,
            work=work,
            stored=stored,
            accounting_method=item.accounting_method,
            quantity=item.quantity_this_period if is_whole else None,
            unit_price=item.scheduled_unit_price if is_whole else None,
            uom=item.uom,
            cost_code=place.cost_code,
            cost_code_origin_id=place.cost_code_origin_id,
            cost_type_origin_id=place.cost_type_origin_id,
            line_origin_id=place.line_origin_id,
            change_order_origin_id=place.change_order_origin_id,
        )
        for place, work, stored, held, freed in zip(
            places, works, stores, retained, released, strict=True
        )
    ]


def build_export_document(
    invoice: Invoice,
    commitment: Commitment,
    *,
    vendor: Vendor,
    project: Project,
    company_id: str,
    rows: Sequence[BilledItem] | None = None,
) -> ExportDocument:
    """
    Return the document that would be sent; its lines are the items that bill something.

    ``rows`` is the result of :func:`list_billed_items`, if the caller has it.

    Raises:
        ValueError: The retainage of the period is not known (``billing.previous_unknown``).
    """
    with localcontext(EXACT):
        if rows is None:
            rows = list_billed_items(invoice, commitment)
        lines = tuple(line for row in rows for line in _build_lines(row, invoice.currency))
    is_order = isinstance(commitment, PurchaseOrder)
    return ExportDocument(
        invoice_id=invoice.id,
        company_id=company_id,
        currency=invoice.currency,
        project_id=project.id,
        job_origin_id=project.origin_id,
        job_name=project.name,
        vendor_id=vendor.id,
        vendor_name=vendor.name,
        vendor_origin_id=vendor.origin_id,
        commitment_id=commitment.id,
        commitment_kind="purchase_order" if is_order else "subcontract",
        commitment_number=commitment.number,
        commitment_title=commitment.title,
        commitment_origin_id=commitment.origin_id,
        number=invoice.number,
        lines=lines,
        invoice_number=invoice.invoice_number,
        period_id=invoice.period_id,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        billing_date=invoice.billing_date,
        final=invoice.final,
        attachments=invoice.attachments,
    )

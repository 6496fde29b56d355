"""Export document of an invoice, made from the amounts of its period."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from ..documents import ExportDocument, ExportLine, PurchaseOrder
from ..documents.export import finish_line
from ..money import ZERO, find_unit, round_to, strip_zeros
from ..values import begin
from .columns import EXACT
from .destinations import BilledItem, Place, list_billed_items
from .tax import split_taxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..documents import Commitment, Invoice, InvoiceItem, Project, Vendor
    from .tax import InvoiceTaxes, ItemTax


def _round(amount: Decimal, currency: str) -> Decimal:
    # Nearly all amounts are zero, or have the digits of their currency.
    if not amount:
        return ZERO
    return amount if amount.same_quantum(find_unit(currency)) else round_to(amount, currency)


def _split(amount: Decimal, places: Sequence[Place], currency: str) -> list[Decimal]:
    """Return the parts of an amount by the weights of places; the last takes the remainder."""
    whole = sum((place.weight for place in places), ZERO)
    parts = [round_to(amount * place.weight / whole, currency) for place in places[:-1]]
    parts.append(round_to(amount - sum(parts, ZERO), currency))
    return parts


def _build_lines(row: BilledItem, currency: str, taxes: InvoiceTaxes) -> list[ExportLine]:
    item, amounts, places = row
    if amounts.retained is None:
        msg = f"Item {item.id} does not give the retainage on new materials, which an export needs."
        raise ValueError(msg)
    tax = taxes.items.get(item.id)
    whole = [amounts.work, amounts.stored, amounts.retained, amounts.released]
    whole.append(tax.amount if tax else ZERO)
    if len(places) == 1:
        # A single place, as nearly all items have, gets the whole amounts, whatever its weight.
        parts = [_round(amount, currency) for amount in whole]
        return [_build_line(item, places[0], parts, tax, is_whole=True)]
    split = [_split(amount, places, currency) for amount in whole]
    return [
        _build_line(item, place, parts, tax, is_whole=False)
        for place, parts in zip(places, zip(*split, strict=True), strict=True)
    ]


def _build_line(
    item: InvoiceItem,
    place: Place,
    parts: Sequence[Decimal],
    tax: ItemTax | None,
    *,
    is_whole: bool,
) -> ExportLine:
    """
    Return the export line of a place; ``parts``: work, stored, retained, released and tax.

    ``is_whole`` is True if the item has only this place; the line then has quantity and price.
    """
    work, stored, retained, released, taxed = parts
    # The types are those of the item, and a draft takes a third of the time of the constructor
    # (benchmark 5c).
    line = begin(ExportLine)
    line.item_id = item.id
    line.item_type = item.item_type
    line.line_item_id = item.line_item_id
    line.description = item.description
    line.gross = work + stored or ZERO
    line.retained = retained or ZERO
    line.released = released or ZERO
    line.work = work or ZERO
    line.stored = stored or ZERO
    line.accounting_method = item.accounting_method
    quantity = item.quantity_this_period if is_whole else None
    line.quantity = None if quantity is None else strip_zeros(quantity)
    price = item.scheduled_unit_price if is_whole else None
    line.unit_price = None if price is None else strip_zeros(price)
    line.uom = item.uom
    line.cost_code = place.cost_code
    line.cost_code_origin_id = place.cost_code_origin_id
    line.cost_type_origin_id = place.cost_type_origin_id
    line.line_origin_id = place.line_origin_id
    line.change_order_origin_id = place.change_order_origin_id
    line.tax_code = tax.code if tax else None
    line.tax_code_origin_id = None
    line.tax = taxed or ZERO
    return finish_line(line)


def build_export_document(
    invoice: Invoice,
    commitment: Commitment,
    *,
    vendor: Vendor,
    project: Project,
    company_id: str,
    rows: Sequence[BilledItem] | None = None,
    taxes: InvoiceTaxes | None = None,
) -> ExportDocument:
    """
    Return the document that would be sent; its lines are the items that bill something.

    ``rows`` is the result of :func:`list_billed_items`, and ``taxes`` that of :func:`split_taxes`,
    if the caller has them.

    Raises:
        ValueError: The retainage of the period is not known (``billing.previous_unknown``).
    """
    with localcontext(EXACT):
        if rows is None:
            rows = list_billed_items(invoice, commitment)
        shared = taxes or split_taxes(invoice)
        lines = tuple(line for row in rows for line in _build_lines(row, invoice.currency, shared))
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

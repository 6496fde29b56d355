"""The facts of an invoice, derived from the documents that describe it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..billing import Billed, billed, export_document, is_over_billed, notices, period
from ..documents import PurchaseOrder, Subcontract, canonical_number
from ..vocabulary import AccountingMethod, Feature, ItemType
from .fact_types import AmountFacts, DocumentFacts, PlaceFacts, SequenceFacts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..billing import Place
    from ..documents import Commitment, Invoice, Project, Vendor

__all__ = ["facts_of"]


def _text(value: object) -> str | None:
    """Return the text that a field rule looks at; blank counts as absent."""
    return None if value is None else str(value).strip() or None


def _number(number: str | None) -> str | None:
    """Return the invoice number; one of which nothing can be seen counts as absent."""
    return _text(number) if canonical_number(number or "") else None


def _fields(
    invoice: Invoice, commitment: Commitment, vendor: Vendor, project: Project
) -> dict[str, str | None]:
    fields = {
        "invoice_number": invoice.invoice_number,
        "number": invoice.number,
        "billing_date": invoice.billing_date,
        "period_id": invoice.period_id,
        "period_start": invoice.period_start,
        "period_end": invoice.period_end,
        "currency": invoice.currency,
        "commitment_number": commitment.number,
        "commitment_title": commitment.title,
        "commitment_origin_id": commitment.origin_id,
        "vendor_name": vendor.name,
        "vendor_origin_id": vendor.origin_id,
        "project_name": project.name,
        "job_origin_id": project.origin_id,
    }
    texts = {name: _text(value) for name, value in fields.items()}
    return texts | {"invoice_number": _number(invoice.invoice_number)}


def _uses(commitment: Commitment, rows: Sequence[Billed], invoice: Invoice) -> frozenset[Feature]:
    methods = {row.item.accounting_method for row in rows}
    is_order = isinstance(commitment, PurchaseOrder)
    used = {
        Feature.INVOICES: True,
        Feature.SUBCONTRACTS: not is_order,
        Feature.PURCHASE_ORDERS: is_order,
        Feature.AMOUNT_BASED: AccountingMethod.AMOUNT in methods,
        Feature.UNIT_BASED: AccountingMethod.UNIT in methods,
        Feature.CHANGE_ORDERS: any(row.item.item_type.is_change for row in rows),
        Feature.STORED_MATERIALS: any(item.stored for item in invoice.items)
        or any(row.amounts.stored for row in rows),
        Feature.RETAINAGE: any(row.amounts.retained for row in rows),
        Feature.RETAINAGE_RELEASE: any(row.amounts.released for row in rows),
    }
    return frozenset(feature for feature, is_used in used.items() if is_used)


def _unsynced_cost_codes(rows: Sequence[Billed]) -> tuple[str, ...]:
    """Return the cost codes without an id in the ERP; of a line without one, what it describes."""
    names = [
        place.cost_code or row.item.description or f"line {row.item.line_item_id}"
        for row in rows
        for place in row.places
        if not _text(place.cost_code_origin_id)
    ]
    return tuple(dict.fromkeys(names))


def _change_orders_synced(rows: Sequence[Billed]) -> bool:
    """
    Whether every billed change-order line, or package billed whole, has its id in the ERP.

    Of a line that the commitment does not show, the id of its change order is enough.
    """
    return all(
        _is_synced(row.item.item_type, place)
        for row in rows
        if row.item.item_type.is_change
        for place in row.places
    )


def _is_synced(kind: ItemType, place: Place) -> bool:
    if kind is ItemType.WHOLE_CHANGE_ORDER_ITEM:
        return _text(place.change_order_origin_id) is not None
    if _text(place.line_origin_id) is not None:
        return True
    return not place.line_is_shown and _text(place.change_order_origin_id) is not None


def _amounts(invoice: Invoice, previous: Invoice | None) -> AmountFacts:
    total = period(invoice).total
    said = {notice.code for notice in notices(invoice, previous)}
    return AmountFacts(
        currency=invoice.currency,
        gross=total.gross,
        retained=total.retained,
        released=total.released,
        stored=total.stored,
        taxed=invoice.is_taxed,
        over_billed=any(is_over_billed(item) for item in invoice.items),
        previous_is_known="billing.previous_unknown" not in said,
        # What is not known cannot be said to differ: `previous_is_known` speaks, and alone.
        previous_agrees="billing.previous_differs" not in said,
    )


def _places(
    invoice: Invoice, commitment: Commitment, vendor: Vendor, project: Project
) -> PlaceFacts:
    rows = billed(invoice, commitment)
    codes = _unsynced_cost_codes(rows)
    status = (
        commitment.status.value if isinstance(commitment, (Subcontract, PurchaseOrder)) else None
    )
    return PlaceFacts(
        uses=_uses(commitment, rows, invoice),
        commitment_status=status,
        commitment_synced=_text(commitment.origin_id) is not None,
        vendor_synced=_text(vendor.origin_id) is not None,
        job_synced=_text(project.origin_id) is not None,
        cost_codes_synced=not codes,
        change_orders_synced=_change_orders_synced(rows),
        unsynced_cost_codes=codes,
        holds=(*invoice.holds, *commitment.holds, *vendor.holds),
        fields=_fields(invoice, commitment, vendor, project),
    )


def _sequence(
    invoice: Invoice, siblings: Sequence[Invoice], unsynced: Collection[str]
) -> SequenceFacts:
    others = [
        other
        for other in siblings
        if other.id != invoice.id and other.commitment_id == invoice.commitment_id
    ]
    earlier = sorted(
        other.number for other in others if other.number < invoice.number and other.id in unsynced
    )
    number = canonical_number(invoice.invoice_number or "")
    return SequenceFacts(
        is_latest=all(other.number < invoice.number for other in others),
        number_is_unique=not number
        or all(canonical_number(other.invoice_number or "") != number for other in others),
        earlier_unsynced=tuple(str(number) for number in earlier),
    )


def facts_of(
    invoice: Invoice,
    commitment: Commitment,
    *,
    vendor: Vendor,
    project: Project,
    company_id: str,
    previous: Invoice | None = None,
    siblings: Sequence[Invoice] = (),
    unsynced: Collection[str] = (),
) -> DocumentFacts:
    """
    Return the facts that documents tell, by the names of a case.

    The document is ``None`` where the retainage of the period cannot be told; the rest then
    tells why.

    Args:
        invoice: The invoice.
        commitment: The commitment that it bills.
        vendor: The commitment's contract company.
        project: The commitment's project.
        company_id: The company.
        previous: The commitment's previous invoice, where it is known.
        siblings: The commitment's other invoices.
        unsynced: Ids of those siblings that are not synced.
    """
    amounts = _amounts(invoice, previous)
    document = None
    if amounts["retained"] is not None:
        document = export_document(
            invoice, commitment, vendor=vendor, project=project, company_id=company_id
        )
    return {
        **amounts,
        **_places(invoice, commitment, vendor, project),
        **_sequence(invoice, siblings, unsynced),
        "invoice_id": invoice.id,
        "invoice_number": _number(invoice.invoice_number),
        "project_id": invoice.project_id,
        "invoice_status": invoice.status,
        "document": document,
        "has_period": _text(invoice.period_id) is not None,
        "attachments": len(invoice.attachments),
    }

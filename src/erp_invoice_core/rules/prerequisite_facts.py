"""Facts of an invoice's commitment, vendor, job, cost codes and change orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..documents import PurchaseOrder, Subcontract, normalize_number
from ..vocabulary import ItemType
from .fact_types import PlaceFacts
from .used_features import list_features_of_items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..billing import BilledItem, Place
    from ..documents import Commitment, Invoice, InvoiceItem, Project, Vendor


def text(value: object) -> str | None:
    """Return a value as the text that a field rule reads; ``None`` if it is blank."""
    return None if value is None else str(value).strip() or None


def number_text(number: str | None) -> str | None:
    """Return the invoice number; ``None`` if it has no visible character."""
    return text(number) if normalize_number(number or "") else None


def _list_fields(
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
    texts = {name: text(value) for name, value in fields.items()}
    return texts | {"invoice_number": number_text(invoice.invoice_number)}


def _find_unmapped(rows: Sequence[BilledItem]) -> list[tuple[str, str]]:
    """
    Return each cost code without an id in the ERP, with the item that bills it.

    A line without a cost code has the item's description instead.
    """
    return [
        (place.cost_code or row.item.description or str(row.item.line_item_id), row.item.id)
        for row in rows
        for place in row.places
        if not text(place.cost_code_origin_id)
    ]


def _find_unsynced_change_orders(
    rows: Sequence[BilledItem], commitment: Commitment
) -> tuple[str, ...]:
    """
    Return the billed change orders without an id in the ERP, each with the item that bills it.

    A change order is billed by its lines, or as a whole package. For a line that the commitment
    does not list, the id of its change order is enough.
    """
    numbers = {}
    for package in commitment.change_orders:
        name = package.number or package.id
        numbers[package.id] = name
        numbers |= {line.id: name for line in package.lines}
    return tuple(
        f"{_find_number(row.item, numbers)} (#{row.item.id})"
        for row in rows
        if row.item.item_type.is_change
        and not all(_is_synced(row.item.item_type, place) for place in row.places)
    )


def _find_number(item: InvoiceItem, numbers: Mapping[str, str]) -> str:
    for name in (item.change_order_id, item.line_item_id):
        if name is not None and name in numbers:
            return numbers[name]
    return str(item.line_item_id)


def _is_synced(kind: ItemType, place: Place) -> bool:
    if kind is ItemType.WHOLE_CHANGE_ORDER_ITEM:
        return text(place.change_order_origin_id) is not None
    if text(place.line_origin_id) is not None:
        return True
    return not place.line_is_shown and text(place.change_order_origin_id) is not None


def build_place_facts(
    invoice: Invoice,
    commitment: Commitment,
    vendor: Vendor,
    project: Project,
    rows: Sequence[BilledItem],
) -> PlaceFacts:
    """
    Return the facts about commitment, vendor, job and cost codes, and the used features.

    ``rows`` is the result of :func:`list_billed_items`.
    """
    unmapped, orders = _find_unmapped(rows), _find_unsynced_change_orders(rows, commitment)
    status = (
        commitment.status.value if isinstance(commitment, (Subcontract, PurchaseOrder)) else None
    )
    return PlaceFacts(
        uses=list_features_of_items(rows, is_order=isinstance(commitment, PurchaseOrder)),
        commitment_status=status,
        commitment_synced=text(commitment.origin_id) is not None,
        vendor_synced=text(vendor.origin_id) is not None,
        job_synced=text(project.origin_id) is not None,
        cost_codes_synced=not unmapped,
        change_orders_synced=not orders,
        unsynced_cost_codes=tuple(dict.fromkeys(code for code, _ in unmapped)),
        unmapped_items=tuple(dict.fromkeys(item for _, item in unmapped)),
        unsynced_change_orders=orders,
        holds=(*invoice.holds, *commitment.holds, *vendor.holds),
        fields=_list_fields(invoice, commitment, vendor, project),
    )

"""The facts of the record that an invoice comes from: payments, deletion, statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..money import plain
from .fact_types import RecordFacts
from .place_facts import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..documents import Commitment, Invoice

__all__ = ["record_facts"]


def _taxes(invoice: Invoice) -> Iterator[str]:
    currency = invoice.currency
    if invoice.tax_applicable:
        yield f"{plain(invoice.tax_applicable, currency)} {currency} on this payment"
    for applied in invoice.taxes_applied:
        yield f"{applied:f} {currency} applied"
    for item in invoice.items:
        if item.taxes:
            yield f"{plain(item.taxes, currency)} {currency} on item {item.id}"
        for rate in item.tax_rates:
            yield f"{rate:f} % on item {item.id}"


def record_facts(invoice: Invoice, commitment: Commitment) -> RecordFacts:
    """Return what the record says that speaks against the invoice."""
    paid_on = max((each.paid_on for each in invoice.payments if each.paid_on), default=None)
    return RecordFacts(
        # What has an id in the ERP is judged as synced, whatever it says beside it.
        erp_status=None if text(invoice.origin_id) else text(invoice.erp_status),
        is_paid=invoice.is_paid,
        payment_date=invoice.payment_date or paid_on,
        amount_paid=invoice.amount_paid,
        deleted_on=invoice.deleted_at,
        commitment_deleted_on=commitment.deleted_at,
        rejected_items=tuple(
            f"{item.id} ({item.description})" if item.description else item.id
            for item in invoice.items
            if item.status and item.status.strip().lower() == "rejected"
        ),
        taxes=tuple(_taxes(invoice)),
        is_simplified=invoice.is_simplified,
        billing_date=invoice.billing_date,
    )

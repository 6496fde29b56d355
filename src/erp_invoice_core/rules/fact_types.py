"""The names and types of the facts that documents tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from ..documents import ExportDocument, Hold
    from ..vocabulary import Feature, InvoiceStatus

__all__ = ["AmountFacts", "DocumentFacts", "PlaceFacts", "SequenceFacts"]


class AmountFacts(TypedDict):
    """What the columns tell."""

    currency: str
    gross: Decimal
    retained: Decimal | None
    released: Decimal
    stored: Decimal
    taxed: bool
    over_billed: bool
    previous_is_known: bool
    previous_agrees: bool


class PlaceFacts(TypedDict):
    """What is synced of all that the invoice stands on, and what it uses."""

    uses: frozenset[Feature]
    commitment_status: str | None
    commitment_synced: bool
    vendor_synced: bool
    job_synced: bool
    cost_codes_synced: bool
    change_orders_synced: bool
    unsynced_cost_codes: tuple[str, ...]
    holds: tuple[Hold, ...]
    fields: Mapping[str, str | None]


class SequenceFacts(TypedDict):
    """What the commitment's other invoices tell."""

    is_latest: bool
    number_is_unique: bool
    earlier_unsynced: tuple[str, ...]


class DocumentFacts(AmountFacts, PlaceFacts, SequenceFacts):
    """The facts of a case that documents tell: invoice, commitment, vendor, project, siblings."""

    invoice_id: str
    invoice_number: str | None
    project_id: str
    invoice_status: InvoiceStatus
    document: ExportDocument | None
    has_period: bool
    attachments: int

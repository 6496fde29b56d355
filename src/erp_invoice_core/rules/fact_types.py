"""Names and types of the facts from documents and from the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from ..declaration import Declaration
    from ..documents import (
        AccountingPeriod,
        Actor,
        Difference,
        ExportDocument,
        Hold,
        ItemExcess,
        LinkDifference,
        MappedId,
        NumberUse,
    )
    from ..verdict import Verdict
    from ..vocabulary import ExportStatus, Feature, InvoiceStatus
    from .policy import Policy


class AmountFacts(TypedDict):
    """Facts about amounts and taxes, computed from the columns of the invoice's items."""

    currency: str
    gross: Decimal
    retained: Decimal | None
    released: Decimal
    stored: Decimal
    taxed: bool
    tax: Decimal | None
    tax_codes: tuple[str, ...] | None
    over_billed: bool
    over_billed_items: tuple[ItemExcess, ...]
    over_released: tuple[ItemExcess, ...]
    line_8: Decimal | None
    differences: tuple[Difference, ...]
    line_8_difference: Difference | None
    previous_is_known: bool
    previous_agrees: bool


class PlaceFacts(TypedDict):
    """Facts about commitment, vendor, job and cost codes, and the features of the invoice."""

    uses: frozenset[Feature]
    commitment_status: str | None
    commitment_synced: bool
    vendor_synced: bool
    job_synced: bool
    cost_codes_synced: bool
    change_orders_synced: bool
    unsynced_cost_codes: tuple[str, ...]
    unmapped_items: tuple[str, ...]
    unsynced_change_orders: tuple[str, ...]
    holds: tuple[Hold, ...]
    fields: Mapping[str, str | None]


class ExportFacts(TypedDict):
    """The facts that an export document contains."""

    invoice_id: str
    invoice_number: str | None
    project_id: str
    document: ExportDocument
    uses: frozenset[Feature]
    currency: str
    gross: Decimal
    retained: Decimal
    released: Decimal
    stored: Decimal
    tax: Decimal | None
    tax_codes: tuple[str, ...] | None
    has_period: bool
    attachments: int
    commitment_synced: bool
    vendor_synced: bool
    job_synced: bool
    cost_codes_synced: bool
    change_orders_synced: bool
    unsynced_cost_codes: tuple[str, ...]
    unmapped_items: tuple[str, ...]
    unsynced_change_orders: tuple[str, ...]
    fields: Mapping[str, str | None]


class SequenceFacts(TypedDict):
    """Facts about the invoice's place among the invoices of its commitment."""

    is_latest: bool | None
    earlier_unsynced: tuple[str, ...]


class RecordFacts(TypedDict):
    """
    Facts from the invoice's record in the source, such as a payment or a deletion.

    Some of them can speak against an export.
    """

    erp_status: str | None
    is_paid: bool
    payment_date: date | None
    amount_paid: Decimal
    deleted_on: date | None
    commitment_deleted_on: date | None
    rejected_items: tuple[str, ...]
    taxes: tuple[str, ...]
    is_simplified: bool
    billing_date: date | None
    proposed: Mapping[str, str] | None


class NumberFacts(TypedDict):
    """Facts about the invoice's number among those of the vendor's other invoices."""

    number_is_unique: bool | None
    number_uses: tuple[NumberUse, ...]
    similar_numbers: tuple[NumberUse, ...]


class OwnFacts(AmountFacts, PlaceFacts, RecordFacts):
    """The facts of an invoice from itself, commitment, vendor, project and previous invoice."""

    invoice_id: str
    invoice_number: str | None
    project_id: str
    invoice_status: InvoiceStatus
    document: ExportDocument | None
    link_differences: tuple[LinkDifference, ...]
    has_period: bool
    attachments: int


class DocumentFacts(OwnFacts, SequenceFacts, NumberFacts):
    """The facts of an invoice from its own records and from the vendor's other invoices."""


class EntryFacts(TypedDict, total=False):
    """The facts of the entry, the ERP, the person and the action, which the queue adds."""

    actor: Actor
    policy: Policy
    erp: Declaration | None
    connection: str | None
    connections: tuple[str, ...]
    has_content: bool
    entry_id: str
    export_status: ExportStatus
    version: int
    version_seen: int | None
    sent_by: str | None
    slot_is_free: bool
    slot_holder: NumberUse | None
    leased: bool
    in_doubt: bool
    left: bool
    left_is_accepted: bool
    acceptance_stands: bool
    changes: tuple[str, ...]
    complete: bool
    withdrawing: bool
    settled: bool
    settles_at: datetime | None
    today: date
    replayable: bool
    is_due: bool
    gone: bool
    documents_unread: str | None
    erp_payments: tuple[str, ...]
    payments_unread: str | None
    reason: str | None
    evidence: str | None
    export_fields: Mapping[str, str] | None
    mapped: tuple[MappedId, ...] | None
    unmapped: tuple[str, ...]
    erp_number: str | None
    erp_number_uses: tuple[NumberUse, ...]
    accounting_periods: tuple[AccountingPeriod, ...] | None
    periods_unread: str | None
    erp_verdict: Verdict | None
    erp_unchecked: str | None
    fields_changed: bool
    rules_absent: bool
    settles_all: bool
    denies_receipt: bool


#: The names of the facts that the queue adds; all others are the host's.
ENTRY_FACTS = frozenset(EntryFacts.__annotations__)

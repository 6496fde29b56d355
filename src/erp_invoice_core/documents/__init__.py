"""Frozen values: commitments, invoices, people, queue entries, receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy_names import import_later

if TYPE_CHECKING:
    from .accounting_period import (
        AccountingPeriod,
        find_closed_period,
        find_nearest_open_day,
        find_next_open_day,
    )
    from .actor import POLICY, WORKER, Actor
    from .call import Answer, Call, CallKind, Holding, Receipt, Step
    from .commitment import (
        ChangeOrderPackage,
        Commitment,
        CommitmentLine,
        CostCode,
        PurchaseOrder,
        Subcontract,
    )
    from .difference import Difference, ItemExcess, LinkDifference
    from .entry import Acceptance, Delay, QueueEntry
    from .export import (
        ExportDocument,
        ExportLine,
        encode_document,
        find_fast_json,
        has_unread_lines,
        replace_attachments,
        replace_ids,
        restore_document,
    )
    from .former_digest import compute_former_digest, is_digest_of
    from .idempotency_key import Key
    from .invoice import Invoice, InvoiceItem, InvoiceSummary, Payment, StatedSummary
    from .invoice_number import (
        NumberUse,
        build_number_slot,
        compute_similarity_key,
        normalize_number,
        normalize_slot,
    )
    from .lease import Lease
    from .mapping import MappedId, MappingKind, find_vendor, index_ids, map_document
    from .party import Attachment, Hold, Project, Vendor
    from .problem import InvalidDocument, Problem
    from .restore import Restore
    from .tax import StatedTax

__all__ = [
    "POLICY",
    "WORKER",
    "Acceptance",
    "AccountingPeriod",
    "Actor",
    "Answer",
    "Attachment",
    "Call",
    "CallKind",
    "ChangeOrderPackage",
    "Commitment",
    "CommitmentLine",
    "CostCode",
    "Delay",
    "Difference",
    "ExportDocument",
    "ExportLine",
    "Hold",
    "Holding",
    "InvalidDocument",
    "Invoice",
    "InvoiceItem",
    "InvoiceSummary",
    "ItemExcess",
    "Key",
    "Lease",
    "LinkDifference",
    "MappedId",
    "MappingKind",
    "NumberUse",
    "Payment",
    "Problem",
    "Project",
    "PurchaseOrder",
    "QueueEntry",
    "Receipt",
    "Restore",
    "StatedSummary",
    "StatedTax",
    "Step",
    "Subcontract",
    "Vendor",
    "build_number_slot",
    "compute_former_digest",
    "compute_similarity_key",
    "encode_document",
    "find_closed_period",
    "find_fast_json",
    "find_nearest_open_day",
    "find_next_open_day",
    "find_vendor",
    "has_unread_lines",
    "index_ids",
    "is_digest_of",
    "map_document",
    "normalize_number",
    "normalize_slot",
    "replace_attachments",
    "replace_ids",
    "restore_document",
]

__getattr__ = import_later(
    __name__,
    {
        "accounting_period": (
            "AccountingPeriod",
            "find_closed_period",
            "find_nearest_open_day",
            "find_next_open_day",
        ),
        "actor": ("POLICY", "WORKER", "Actor"),
        "call": ("Answer", "Call", "CallKind", "Holding", "Receipt", "Step"),
        "commitment": (
            "ChangeOrderPackage",
            "Commitment",
            "CommitmentLine",
            "CostCode",
            "PurchaseOrder",
            "Subcontract",
        ),
        "difference": ("Difference", "ItemExcess", "LinkDifference"),
        "entry": ("Acceptance", "Delay", "Lease", "QueueEntry"),
        "export": (
            "ExportDocument",
            "ExportLine",
            "encode_document",
            "find_fast_json",
            "has_unread_lines",
            "replace_attachments",
            "replace_ids",
            "restore_document",
        ),
        "former_digest": ("compute_former_digest", "is_digest_of"),
        "idempotency_key": ("Key",),
        "invoice": ("Invoice", "InvoiceItem", "InvoiceSummary", "Payment", "StatedSummary"),
        "invoice_number": (
            "NumberUse",
            "build_number_slot",
            "compute_similarity_key",
            "normalize_number",
            "normalize_slot",
        ),
        "mapping": ("MappedId", "MappingKind", "find_vendor", "index_ids", "map_document"),
        "party": ("Attachment", "Hold", "Project", "Vendor"),
        "problem": ("InvalidDocument", "Problem"),
        "restore": ("Restore",),
        "tax": ("StatedTax",),
    },
)

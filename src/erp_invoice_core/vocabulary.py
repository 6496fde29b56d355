"""Enumerations: statuses, actions, tools, levels, features."""

from __future__ import annotations

from enum import Enum, IntEnum


class _Word(Enum):
    """Base of enumerations that are keys of tables; they hash by identity, which is faster."""

    __hash__ = object.__hash__


class InvoiceStatus(_Word):
    """Status of a subcontractor invoice in the project."""

    DRAFT = "draft"  #: Being prepared.
    UNDER_REVIEW = "under_review"  #: Submitted; the invoice contact cannot edit it.
    REVISE_AND_RESUBMIT = "revise_and_resubmit"  #: Lines were rejected; the contact revises it.
    APPROVED = "approved"  #: Approved by the project team.
    APPROVED_AS_NOTED = "approved_as_noted"  #: Approved with notes.
    PENDING_OWNER_APPROVAL = "pending_owner_approval"  #: Waits for the owner; may be sent.


#: The invoice statuses from which an invoice may be sent to the ERP tool.
SENDABLE = frozenset(
    map(InvoiceStatus, ("approved", "approved_as_noted", "pending_owner_approval"))
)


class SubcontractStatus(Enum):
    """Status of a subcontract, as Procore spells it."""

    DRAFT = "Draft"  #: Being prepared.
    OUT_FOR_BID = "Out For Bid"  #: Vendors are asked for bids.
    OUT_FOR_SIGNATURE = "Out For Signature"  #: Waits for signatures.
    APPROVED = "Approved"  #: In force.
    COMPLETE = "Complete"  #: The work is done.
    TERMINATED = "Terminated"  #: Ended early.
    VOID = "Void"  #: Cancelled; it has no effect.


class PurchaseOrderStatus(Enum):
    """Status of a purchase order, as Procore spells it."""

    DRAFT = "Draft"  #: Being prepared.
    PROCESSING = "Processing"  #: Being processed.
    SUBMITTED = "Submitted"  #: Sent to the supplier.
    PARTIALLY_RECEIVED = "Partially Received"  #: Some of the goods have arrived.
    RECEIVED = "Received"  #: All of the goods have arrived.
    APPROVED = "Approved"  #: In force.
    CLOSED = "Closed"  #: Done.


class ExportStatus(_Word):
    """Status of an invoice's export to the ERP."""

    NOT_SENT = "not_sent"  #: Never sent, or unlinked.
    READY = "ready"  #: Sent; waits for the accounting approver.
    RETRIEVED = "retrieved"  #: Taken back by the sender before the approver answered.
    REJECTED = "rejected"  #: Sent back by the accounting approver.
    ACCEPTED = "accepted"  #: Accepted for export; waits for a worker.
    EXPORTING = "exporting"  #: A worker exports it.
    FAILED = "failed"  #: The export was refused; a person decides what to do.
    UNKNOWN = "unknown"  #: A call is in doubt; the worker looks it up in the ERP.
    SYNCED = "synced"  #: In the ERP, with its id.


class Action(_Word):
    """Something that a person, the host or a worker does to an invoice or its queue entry."""

    SEND = "send"  #: Send to the ERP tool.
    RESEND = "resend"  #: Send again after a rejection.
    RETRIEVE = "retrieve"  #: Take back before the approver has answered.
    ACCEPT = "accept"  #: Release for export.
    REJECT = "reject"  #: Send back with a reason.
    RETRY = "retry"  #: Export again after a failure; the approver consents anew.
    WITHDRAW = "withdraw"  #: Have leftover documents removed from the ERP.
    RULE = "rule"  #: Resolve a doubt: a person says with evidence what happened in the ERP.
    UNLINK = "unlink"  #: Separate a synced invoice from its deleted ERP document.
    CLAIM = "claim"  #: A worker takes the entry for a time.
    START = "start"  #: A worker starts a call to the ERP.
    RECORD = "record"  #: A worker records the answer of a call.
    RELEASE = "release"  #: A worker gives the entry back.
    DEFER = "defer"  #: A worker postpones the export.
    LOSE = "lose"  #: The answer of a call is lost; the call is in doubt.
    RESUME = "resume"  #: No call is in doubt any more; the export continues.
    POST = "post"  #: Every step has its receipt.
    REFUSE = "refuse"  #: The ERP, or the check before the call, refused the export.
    SIGHT = "sight"  #: A receipt was found that the entry did not have.
    RECONCILE = "reconcile"  #: Compare a synced invoice with its documents in the ERP.
    IMPORT = "import"  #: The invoice already has an ERP id from another system.
    EDIT = "edit"  #: Change the invoice.
    EDIT_ATTACHMENTS = "edit_attachments"  #: Change the invoice's attachments.
    CHANGE_STATUS = "change_status"  #: Set the invoice's status.
    SUBMIT = "submit"  #: Hand the invoice in for review.
    REVIEW = "review"  #: Approve the invoice or send it back to its contact.
    DELETE = "delete"  #: Delete the invoice.


class Tool(_Word):
    """A tool of Procore on which a person has a permission level."""

    COMMITMENTS = "commitments"  #: Per project.
    ERP_INTEGRATIONS = "erp_integrations"  #: Per company.


class Level(IntEnum):
    """A permission level on a tool; each includes those before it."""

    NONE = 0  #: No access.
    READ_ONLY = 1  #: May read.
    STANDARD = 2  #: May read, and create and edit some records.
    ADMIN = 3  #: May do everything in the tool.


class Privilege(_Word):
    """A right of a person, besides the levels, in the company's directory."""

    CAN_PUSH_TO_ACCOUNTING = "can_push_to_accounting"  #: Makes a person an accounting approver.
    CAN_EXPORT = "can_export"  #: Some ERPs require it in addition.


class ItemType(_Word):
    """Kind of an invoice item."""

    CONTRACT_ITEM = "contract_item"  #: A line of the schedule of values.
    CONTRACT_DETAIL_ITEM = "contract_detail_item"  #: A detail line below one.
    CHANGE_ORDER_ITEM = "change_order_item"  #: A line of an approved change order.
    WHOLE_CHANGE_ORDER_ITEM = "whole_change_order_item"  #: A change-order package as one line.

    @property
    def is_change(self) -> bool:
        """Return whether the item belongs to a change order, not to the original contract."""
        return self in _CHANGES


#: A tuple, as ``in`` compares by identity first, which is faster than hashing a member.
_CHANGES = (ItemType.CHANGE_ORDER_ITEM, ItemType.WHOLE_CHANGE_ORDER_ITEM)


class AccountingMethod(Enum):
    """How a commitment is billed."""

    AMOUNT = "amount"  #: By amounts.
    UNIT = "unit"  #: By quantities and prices.


class Role(_Word):
    """The purpose of a document in the ERP: a bill, released retainage, or a credit."""

    BILL = "bill"  #: The amount owed for the period.
    RELEASE = "release"  #: Retainage released.
    CREDIT = "credit"  #: An amount that the vendor owes back.


class Blocks(Enum):
    """The action that a hold blocks; it blocks every later one too."""

    SEND = "send"  #: Sending, accepting and exporting.
    ACCEPT = "accept"  #: Accepting and exporting.
    EXPORT = "export"  #: Exporting.


class Feature(_Word):
    """A part of invoice export that an ERP integration may support."""

    INVOICES = "invoices"  #: Subcontractor invoices are exported at all.
    SUBCONTRACTS = "subcontracts"  #: Invoices of subcontracts.
    PURCHASE_ORDERS = "purchase_orders"  #: Invoices of purchase orders.
    AMOUNT_BASED = "amount_based"  #: Items billed by amount.
    UNIT_BASED = "unit_based"  #: Items billed by quantity and price.
    CHANGE_ORDERS = "change_orders"  #: Items of change orders.
    STORED_MATERIALS = "stored_materials"  #: Stored materials of the period.
    RETAINAGE = "retainage"  #: Retainage held in the period.
    RETAINAGE_RELEASE = "retainage_release"  #: Retainage released in the period.
    WITHDRAW = "withdraw"  #: Documents that were written can be removed again.
    UNLINK = "unlink"  #: A synced invoice can be separated from its ERP document.


class Support(_Word):
    """How far an ERP integration supports a feature."""

    FULL = "full"  #: Supported.
    IMPOSSIBLE = "impossible"  #: The ERP cannot do it.
    MISSING = "missing"  #: The ERP can do it; the integration does not yet.
    UNDECLARED = "undeclared"  #: The integration does not declare it.

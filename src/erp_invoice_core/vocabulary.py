"""The closed words: statuses, actions, tools, levels, features; each with its sentence."""

from __future__ import annotations

from enum import Enum, IntEnum


class _Word(Enum):
    """A word that tables are indexed by: hashed as the one object that it is, without a call."""

    __hash__ = object.__hash__


class InvoiceStatus(_Word):
    """Status of a subcontractor invoice in the project (domain 2.1)."""

    DRAFT = "draft"  #: Being prepared.
    UNDER_REVIEW = "under_review"  #: Submitted; the invoice contact cannot edit it.
    REVISE_AND_RESUBMIT = "revise_and_resubmit"  #: Lines were rejected; back to the contact.
    APPROVED = "approved"  #: Approved by the project team.
    APPROVED_AS_NOTED = "approved_as_noted"  #: Approved with notes.
    PENDING_OWNER_APPROVAL = "pending_owner_approval"  #: Waits for the owner; may be sent.


#: The invoice statuses from which an invoice may be sent to the ERP tool (seed).
SENDABLE = frozenset(
    map(InvoiceStatus, ("approved", "approved_as_noted", "pending_owner_approval"))
)


class SubcontractStatus(Enum):
    """Status of a subcontract (domain 2.3), as Procore spells it."""

    DRAFT = "Draft"  #: Being prepared.
    OUT_FOR_BID = "Out For Bid"  #: Bids are asked for.
    OUT_FOR_SIGNATURE = "Out For Signature"  #: Waits for signatures.
    APPROVED = "Approved"  #: In force.
    COMPLETE = "Complete"  #: The work is done.
    TERMINATED = "Terminated"  #: Ended early.
    VOID = "Void"  #: Never was.


class PurchaseOrderStatus(Enum):
    """Status of a purchase order (domain 2.3), as Procore spells it."""

    DRAFT = "Draft"  #: Being prepared.
    PROCESSING = "Processing"  #: Being worked on.
    SUBMITTED = "Submitted"  #: With the supplier.
    PARTIALLY_RECEIVED = "Partially Received"  #: Some of the goods are here.
    RECEIVED = "Received"  #: The goods are here.
    APPROVED = "Approved"  #: In force.
    CLOSED = "Closed"  #: Done.


class ExportStatus(_Word):
    """Where an invoice stands on its way into the ERP."""

    NOT_SENT = "not_sent"  #: Never sent, or unlinked.
    READY = "ready"  #: Sent; waits for the accounting approver.
    RETRIEVED = "retrieved"  #: Taken back by the sender before an answer.
    REJECTED = "rejected"  #: Sent back by the accounting approver.
    ACCEPTED = "accepted"  #: Waits for a worker.
    EXPORTING = "exporting"  #: A worker has it.
    FAILED = "failed"  #: Refused; a person decides.
    UNKNOWN = "unknown"  #: Nobody knows yet whether the ERP has it; it is looked up.
    SYNCED = "synced"  #: In the ERP, with its id.


class Action(_Word):
    """What can be done to an invoice or its queue entry."""

    SEND = "send"  #: Send to the ERP tool.
    RESEND = "resend"  #: Send again after a rejection.
    RETRIEVE = "retrieve"  #: Take back before the approver has answered.
    ACCEPT = "accept"  #: Release for export.
    REJECT = "reject"  #: Send back with a reason.
    RETRY = "retry"  #: Export again after a failure: the renewed consent.
    WITHDRAW = "withdraw"  #: Have what was left in the ERP removed there.
    RULE = "rule"  #: Say, with evidence, what happened in the ERP.
    UNLINK = "unlink"  #: Part a synced invoice from its deleted ERP document.
    CLAIM = "claim"  #: A worker takes it.
    START = "start"  #: A worker starts a call to the ERP.
    RECORD = "record"  #: A worker writes down the answer of a call.
    RELEASE = "release"  #: A worker gives it back.
    DEFER = "defer"  #: Not now, but later.
    LOSE = "lose"  #: The answer of a call is lost.
    RESUME = "resume"  #: The doubt is gone; the export goes on.
    POST = "post"  #: Every step has its receipt.
    REFUSE = "refuse"  #: The ERP, or the check before it, said no.
    SIGHT = "sight"  #: A receipt turned up that the entry did not know.
    IMPORT = "import"  #: It came with an ERP id from elsewhere.
    EDIT = "edit"  #: Change the invoice.
    EDIT_ATTACHMENTS = "edit_attachments"  #: Change the invoice's attachments.
    CHANGE_STATUS = "change_status"  #: Set the invoice's status.
    SUBMIT = "submit"  #: Hand the invoice in for review.
    REVIEW = "review"  #: Approve the invoice or send it back to its contact.
    DELETE = "delete"  #: Delete the invoice.


class Tool(_Word):
    """A tool on which a person has a level."""

    COMMITMENTS = "commitments"  #: Per project.
    ERP_INTEGRATIONS = "erp_integrations"  #: Per company.


class Level(IntEnum):
    """A permission level on a tool; each includes those before it."""

    NONE = 0  #: No access.
    READ_ONLY = 1  #: May look.
    STANDARD = 2  #: May work.
    ADMIN = 3  #: May do everything in the tool.


class Privilege(_Word):
    """A right of a person besides the levels (company directory)."""

    CAN_PUSH_TO_ACCOUNTING = "can_push_to_accounting"  #: Marks an accounting approver.
    CAN_EXPORT = "can_export"  #: Some ERPs ask for it besides.


class ItemType(_Word):
    """Kind of an invoice item (domain 3.2)."""

    CONTRACT_ITEM = "contract_item"  #: A line of the schedule of values.
    CONTRACT_DETAIL_ITEM = "contract_detail_item"  #: A detail line below one.
    CHANGE_ORDER_ITEM = "change_order_item"  #: A line of an approved change order.
    WHOLE_CHANGE_ORDER_ITEM = "whole_change_order_item"  #: A change-order package in one line.

    @property
    def is_change(self) -> bool:
        """Return whether the item belongs to a change order, not to the original contract."""
        return self in {ItemType.CHANGE_ORDER_ITEM, ItemType.WHOLE_CHANGE_ORDER_ITEM}


class AccountingMethod(Enum):
    """How a commitment is billed."""

    AMOUNT = "amount"  #: By amounts.
    UNIT = "unit"  #: By quantities and prices.


class Role(_Word):
    """What a document in the ERP is for the invoice."""

    BILL = "bill"  #: What is owed for the period.
    RELEASE = "release"  #: Retainage released.
    CREDIT = "credit"  #: What the vendor owes back.


class Blocks(Enum):
    """The act that a hold blocks, and every later one."""

    SEND = "send"  #: Sending, accepting and exporting.
    ACCEPT = "accept"  #: Accepting and exporting.
    EXPORT = "export"  #: Exporting.


class Feature(_Word):
    """What an ERP integration may support; it concerns only documents that use it."""

    INVOICES = "invoices"  #: Subcontractor invoices are exported at all.
    SUBCONTRACTS = "subcontracts"  #: Invoices of subcontracts.
    PURCHASE_ORDERS = "purchase_orders"  #: Invoices of purchase orders.
    AMOUNT_BASED = "amount_based"  #: Items billed by amount.
    UNIT_BASED = "unit_based"  #: Items billed by quantity and price.
    CHANGE_ORDERS = "change_orders"  #: Items of change orders.
    STORED_MATERIALS = "stored_materials"  #: Stored materials of the period.
    RETAINAGE = "retainage"  #: Retainage held in the period.
    RETAINAGE_RELEASE = "retainage_release"  #: Retainage released in the period.
    WITHDRAW = "withdraw"  #: What was written can be removed again.
    UNLINK = "unlink"  #: A synced invoice can be parted from its ERP document.


class Support(_Word):
    """How far an ERP integration supports a feature."""

    FULL = "full"  #: Yes.
    IMPOSSIBLE = "impossible"  #: The ERP cannot.
    MISSING = "missing"  #: The ERP could; the integration does not yet.
    UNDECLARED = "undeclared"  #: The integration has not said.

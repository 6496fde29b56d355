"""Conditions on the invoice: status, number, sequence, zero and negative amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import Handling
from ...vocabulary import SENDABLE, Action, ExportStatus, InvoiceStatus, Level, Tool
from ..erp_number import may_renumber
from ..remedies import REJECT, all_of, one_of
from ..remedy_rows import (
    APPROVE,
    BOOK_BY_HAND,
    CORRECT_BILLED,
    DELETE_AS_ADMIN,
    DELETE_LATER,
    DELETE_OTHER_THERE,
    EDIT_AS_ADMIN,
    GIVE_NUMBER,
    GIVE_NUMBER_AGAIN,
    RENUMBER,
    RESEND,
    SET_BACK,
    SUBMIT,
    SUBMIT_AS_ADMIN,
    SUPPLY_DOCUMENT,
    UNLINK_AFTER_DELETION,
    UNLINK_OTHER,
)
from .billing import compute_due, format_money
from .condition import CONSENTING, SENDING, SUBMITTING, UNKNOWN, Condition, find_erp_name
from .numbers import find_in_commitment, find_in_erp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..case import Case
    from ..remedies import RemedyTemplate


# Procore's labels.
_LABELS = {
    InvoiceStatus.DRAFT: "Draft",
    InvoiceStatus.UNDER_REVIEW: "Under Review",
    InvoiceStatus.REVISE_AND_RESUBMIT: "Revise & Resubmit",
    InvoiceStatus.APPROVED: "Approved",
    InvoiceStatus.APPROVED_AS_NOTED: "Approved as Noted",
    InvoiceStatus.PENDING_OWNER_APPROVAL: "Pending Owner Approval",
}
_OPEN = frozenset({InvoiceStatus.DRAFT, InvoiceStatus.REVISE_AND_RESUBMIT})


def _is_sendable(case: Case) -> bool:
    return case.invoice_status in SENDABLE


def _is_open(case: Case) -> bool:
    return case.invoice_status in _OPEN


def _is_by_admin(case: Case) -> bool:
    actor = case.actor
    return actor is not None and actor.find_level(Tool.COMMITMENTS, case.project_id) >= Level.ADMIN


def _is_not_zero(case: Case) -> bool:
    if case.gross or case.gross is None or case.retained is None or case.released is None:
        return True
    if case.retained or case.released:
        return True
    return case.erp is None or case.erp.zero is Handling.EXPORTED


def _is_not_release_only(case: Case) -> bool:
    if case.gross or case.gross is None or not case.released:
        return True
    return case.erp is None or case.erp.release_only is Handling.EXPORTED


def _is_not_negative(case: Case) -> bool:
    if case.gross is None or case.retained is None or case.released is None:
        return True
    if case.gross + case.released >= case.retained:
        return True
    return case.erp is None or case.erp.negative is Handling.EXPORTED


def _describe_status(case: Case) -> Mapping[str, str]:
    status = case.invoice_status
    if status is None:
        return {"status": UNKNOWN, "label": ""}
    return {"status": status.value, "label": _LABELS[status]}


def _compute_due(case: Case) -> Mapping[str, str]:
    return {**find_erp_name(case), "due": format_money(case, compute_due(case))}


_FREE_NUMBER = (*all_of(REJECT, RENUMBER, RESEND), *all_of(DELETE_OTHER_THERE, UNLINK_OTHER))


def _build_renumber_row(action: Action, give: RemedyTemplate) -> Condition:
    """
    Return the condition about a taken invoice number that the approver can replace.

    It applies to the action if the policy and the ERP allow another number. ``give`` is the remedy
    by which the approver gives that number.
    """
    return Condition(
        code="invoice.number_taken",
        acts=frozenset({action}),
        facts=find_in_erp,
        when={"action": action.value, "other_number": "allowed"},
        is_met=lambda case: case.slot_is_free is True or not may_renumber(case),
        usual=("slot_is_free", True),
        sentence="The invoice number {number} is used in {erp}, or reserved for it, by invoice {other}."
        " Give another number for {erp}, or reject this invoice, so that its number can be changed.",
        fallback="The invoice number {number} is used in {erp}, or reserved for it, by another"
        " invoice. Give another number for {erp}, or reject this invoice, so that its number can be"
        " changed.",
        unknown_if=("slot_is_free",),
        unknown="It is not known whether the invoice number {number} is used in {erp}, or reserved"
        " for it, by another invoice. Have the host application supply this fact.",
        remedies=(*one_of(give), *_FREE_NUMBER),
    )


# fmt: off
INVOICE: tuple[Condition, ...] = (
    Condition(
        code="invoice.not_sendable", acts=SENDING, steady=True, is_met=_is_sendable, facts=_describe_status,
        sentence="The invoice is {label}. Set it to Approved, Approved as Noted or Pending Owner Approval"
        " first.",
        unknown_if=("invoice_status",),
        unknown="The status of the invoice is not known, and only an invoice that is Approved,"
        " Approved as Noted or Pending Owner Approval can be sent. Have the host application"
        " supply this fact.",
        remedies=one_of(APPROVE),
    ),
    Condition(
        code="invoice.zero", acts=SENDING, steady=True, is_met=_is_not_zero, facts=find_erp_name,
        sentence="{erp} takes no invoice with an amount of zero, and this one bills, retains and"
        " releases nothing. Correct the billed amounts.",
        remedies=one_of(CORRECT_BILLED),
    ),
    Condition(
        code="invoice.release_only", acts=SENDING, steady=True, is_met=_is_not_release_only, facts=_compute_due,
        sentence="{erp} takes no invoice that only releases retainage; {due} is due on this one. Bill"
        " some work, or enter the invoice in {erp} by hand.",
        remedies=one_of(BOOK_BY_HAND, CORRECT_BILLED),
    ),
    Condition(
        code="invoice.negative", acts=SENDING, steady=True, is_met=_is_not_negative, facts=_compute_due,
        sentence="{erp} takes no invoice below zero; {due} is due on this one. Correct the amounts, or"
        " enter the invoice in {erp} by hand.",
        remedies=one_of(BOOK_BY_HAND, CORRECT_BILLED),
    ),
    Condition(
        code="invoice.number_taken", acts=SUBMITTING, steady=True, facts=find_in_commitment,
        usual=("number_is_unique", True),
        sentence="These invoices of the commitment have the invoice number {number}, too: {other}."
        " Change the number of this invoice.",
        fallback="Another invoice of the commitment has the invoice number {number}, too. Change the"
        " number of this invoice.",
        unknown_if=("number_is_unique",),
        unknown="It is not known whether another invoice of the commitment has the invoice number"
        " {number}, too. Have the host application supply the other invoices of the commitment.",
        remedies=one_of(RENUMBER),
    ),
    Condition(
        code="invoice.number_taken", acts=SUBMITTING, facts=find_in_erp,
        is_met=lambda case: case.slot_is_free is True or case.number_is_unique is not True,
        usual=("slot_is_free", True),
        sentence="The invoice number {number} is used in {erp}, or reserved for it, by invoice {other}."
        " Change the number of this invoice.",
        fallback="The invoice number {number} is used in {erp}, or reserved for it, by another"
        " invoice. Change the number of this invoice.",
        unknown_if=("slot_is_free",),
        unknown="It is not known whether the invoice number {number} is used in {erp}, or reserved"
        " for it, by another invoice. Have the host application supply this fact.",
        remedies=(*one_of(RENUMBER), *all_of(DELETE_OTHER_THERE, UNLINK_OTHER)),
    ),
    Condition(
        code="invoice.number_taken", acts=CONSENTING,
        facts=find_in_erp, when={"action": "accept"},
        is_met=lambda case: case.slot_is_free is True or may_renumber(case),
        usual=("slot_is_free", True),
        sentence="The invoice number {number} is used in {erp}, or reserved for it, by invoice {other}."
        " Reject this invoice, so that its number can be changed.",
        fallback="The invoice number {number} is used in {erp}, or reserved for it, by another"
        " invoice. Reject this invoice, so that its number can be changed.",
        unknown_if=("slot_is_free",),
        unknown="It is not known whether the invoice number {number} is used in {erp}, or reserved"
        " for it, by another invoice. Have the host application supply this fact.",
        remedies=_FREE_NUMBER,
    ),
    _build_renumber_row(Action.ACCEPT, GIVE_NUMBER),
    _build_renumber_row(Action.RETRY, GIVE_NUMBER_AGAIN),
    Condition(
        code="document.missing", acts=SUBMITTING, steady=True,
        is_met=lambda case: case.document is not None or case.previous_is_known is not True,
        sentence="The lines and amounts of the invoice are not known. Have the host application"
        " supply its export document.",
        remedies=one_of(SUPPLY_DOCUMENT),
    ),
    Condition(
        code="invoice.not_open", acts=frozenset({Action.SUBMIT}), is_met=_is_open,
        facts=_describe_status, when={"action": "submit"},
        sentence="The invoice is {label}. Set it back to Draft or Revise & Resubmit before it is"
        " submitted.",
        unknown_if=("invoice_status",),
        unknown="The status of the invoice is not known, and only an invoice in Draft or Revise &"
        " Resubmit can be submitted. Have the host application supply this fact.",
        remedies=one_of(SET_BACK),
    ),
    Condition(
        code="invoice.not_open", acts=frozenset({Action.EDIT}), facts=_describe_status, when={"action": "edit"},
        is_met=lambda case: _is_open(case) or _is_by_admin(case),
        sentence="The invoice is {label}, and only an administrator changes an invoice that is not in"
        " Draft or Revise & Resubmit. Ask an administrator.",
        unknown_if=("invoice_status",),
        unknown="The status of the invoice is not known, and only an administrator changes an"
        " invoice that is not in Draft or Revise & Resubmit. Have the host application supply this"
        " fact, or ask an administrator.",
        unknown_remedies=one_of(EDIT_AS_ADMIN),
        remedies=one_of(EDIT_AS_ADMIN, SET_BACK),
    ),
    Condition(
        code="invoice.not_open", acts=frozenset({Action.DELETE}), facts=_describe_status, when={"action": "delete"},
        is_met=lambda case: _is_open(case) or _is_by_admin(case),
        sentence="The invoice is {label}, and only an administrator deletes an invoice that is not in"
        " Draft or Revise & Resubmit. Ask an administrator.",
        unknown_if=("invoice_status",),
        unknown="The status of the invoice is not known, and only an administrator deletes an"
        " invoice that is not in Draft or Revise & Resubmit. Have the host application supply this"
        " fact, or ask an administrator.",
        unknown_remedies=one_of(DELETE_AS_ADMIN),
        remedies=one_of(DELETE_AS_ADMIN, SET_BACK),
    ),
    Condition(
        code="invoice.not_under_review", acts=frozenset({Action.REVIEW}), steady=True, facts=_describe_status,
        is_met=lambda case: case.invoice_status is InvoiceStatus.UNDER_REVIEW,
        usual=("invoice_status", InvoiceStatus.UNDER_REVIEW),
        sentence="The invoice is {label}, and only an invoice Under Review is reviewed. Submit it"
        " first.",
        unknown_if=("invoice_status",),
        unknown="The status of the invoice is not known, and only an invoice Under Review is"
        " reviewed. Have the host application supply this fact.",
        remedies=one_of(SUBMIT),
    ),
    Condition(
        code="invoice.not_latest", acts=frozenset({Action.EDIT}), when={"action": "edit"},
        is_met=lambda case: case.is_latest is True or _is_by_admin(case),
        usual=("is_latest", True),
        sentence="This is not the latest invoice of its commitment, and only an administrator changes"
        " an earlier one. Ask an administrator.",
        unknown_if=("is_latest",),
        unknown="It is not known whether this is the latest invoice of its commitment, and only an"
        " administrator changes an earlier one. Have the host application supply the other invoices"
        " of the commitment, or ask an administrator.",
        unknown_remedies=one_of(EDIT_AS_ADMIN),
        remedies=one_of(EDIT_AS_ADMIN),
    ),
    Condition(
        code="invoice.not_latest", acts=frozenset({Action.SUBMIT}), when={"action": "submit"},
        is_met=lambda case: case.is_latest is True or _is_by_admin(case),
        usual=("is_latest", True),
        sentence="This is not the latest invoice of its commitment, and only an administrator submits"
        " an earlier one. Ask an administrator.",
        unknown_if=("is_latest",),
        unknown="It is not known whether this is the latest invoice of its commitment, and only an"
        " administrator submits an earlier one. Have the host application supply the other invoices"
        " of the commitment, or ask an administrator.",
        unknown_remedies=one_of(SUBMIT_AS_ADMIN),
        remedies=one_of(SUBMIT_AS_ADMIN),
    ),
    Condition(
        code="invoice.not_latest", acts=frozenset({Action.DELETE}), steady=True, when={"action": "delete"},
        usual=("is_latest", True),
        sentence="The commitment has later invoices than this one. Delete them first.",
        unknown_if=("is_latest",),
        unknown="It is not known whether the commitment has later invoices than this one. Have the"
        " host application supply the other invoices of the commitment.",
        remedies=one_of(DELETE_LATER),
    ),
    Condition(
        code="invoice.synced", acts=frozenset({Action.EDIT_ATTACHMENTS}),
        is_met=lambda case: case.policy.attachments_after_sync
        or case.export_status is not ExportStatus.SYNCED,
        sentence="This invoice is in the ERP, so that its attachments stay as they are. Unlink it first,"
        " if you have to change them.",
        remedies=UNLINK_AFTER_DELETION,
    ),
)
# fmt: on

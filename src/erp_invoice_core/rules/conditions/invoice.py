"""Conditions on the invoice: status, amounts, place in the sequence."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ...declaration import Handling
from ...vocabulary import SENDABLE, Action, ExportStatus, InvoiceStatus, Level, Tool
from ..remedies import REJECT, all_of, one_of
from ..remedy_rows import (
    APPROVE,
    BOOK_BY_HAND,
    CORRECT_BILLED,
    DELETE_AS_ADMIN,
    DELETE_LATER,
    DELETE_OTHER_THERE,
    EDIT_AS_ADMIN,
    RENUMBER,
    RESEND,
    SET_BACK,
    SUBMIT,
    SUBMIT_AS_ADMIN,
    SUPPLY_DOCUMENT,
    UNLINK_AFTER_DELETION,
    UNLINK_OTHER,
)
from .billing import due_of, money
from .condition import SENDING, SUBMITTING, Condition, Facts, erp_name
from .numbers import number_in_commitment, number_in_erp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..case import Case


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


def _by_admin(case: Case) -> bool:
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


def _act(name: str) -> Facts:
    facts: Mapping[str, str] = MappingProxyType({"action": name})
    return lambda _: facts


def _status(case: Case) -> Mapping[str, str]:
    status = case.invoice_status
    if status is None:
        return {"status": "unknown", "label": "in an unknown status"}
    return {"status": status.value, "label": _LABELS[status]}


def _status_of(name: str) -> Facts:
    return lambda case: {"action": name, **_status(case)}


def _with_due(case: Case) -> Mapping[str, str]:
    return {**erp_name(case), "due": money(case, due_of(case))}


# fmt: off
INVOICE: tuple[Condition, ...] = (
    Condition(
        code="invoice.not_sendable", acts=SENDING, is_met=_is_sendable, facts=_status,
        sentence="The invoice is {label}. Set it to Approved, Approved as Noted or Pending Owner Approval"
        " first.",
        remedies=one_of(APPROVE),
    ),
    Condition(
        code="invoice.zero", acts=SENDING, is_met=_is_not_zero, facts=erp_name,
        sentence="Bill, retain or release something: {erp} takes no invoice over nothing.",
        remedies=one_of(CORRECT_BILLED),
    ),
    Condition(
        code="invoice.release_only", acts=SENDING, is_met=_is_not_release_only, facts=_with_due,
        sentence="{erp} takes no invoice that only releases retainage, and {due} is due: bill something, or"
        " leave it out of the export.",
        remedies=one_of(BOOK_BY_HAND, CORRECT_BILLED),
    ),
    Condition(
        code="invoice.negative", acts=SENDING, is_met=_is_not_negative, facts=_with_due,
        sentence="{erp} takes no invoice below zero, and {due} is due: correct what is billed, or leave it"
        " out of the export.",
        remedies=one_of(BOOK_BY_HAND, CORRECT_BILLED),
    ),
    Condition(
        code="invoice.number_taken", acts=SUBMITTING, facts=number_in_commitment,
        is_met=lambda case: case.number_is_unique is True,
        usual=("number_is_unique", True),
        sentence="Change the invoice number {number}: {other} has it, too.",
        remedies=one_of(RENUMBER),
    ),
    Condition(
        code="invoice.number_taken", acts=SUBMITTING, facts=number_in_erp,
        is_met=lambda case: case.slot_is_free is True or case.number_is_unique is not True,
        usual=("slot_is_free", True),
        sentence="Change the invoice number {number}: {other} has it in {erp}, or is on its way there.",
        remedies=(*one_of(RENUMBER), *all_of(DELETE_OTHER_THERE, UNLINK_OTHER)),
    ),
    Condition(
        code="invoice.number_taken", acts=frozenset({Action.ACCEPT, Action.RETRY}),
        facts=lambda case: {**number_in_erp(case), "action": "accept"},
        is_met=lambda case: case.slot_is_free is True,
        usual=("slot_is_free", True),
        sentence="Reject this invoice, so that its number {number} is changed: {other} has it in {erp},"
        " or is on its way there.",
        remedies=(*all_of(REJECT, RENUMBER, RESEND), *all_of(DELETE_OTHER_THERE, UNLINK_OTHER)),
    ),
    Condition(
        code="document.missing", acts=SUBMITTING,
        is_met=lambda case: case.document is not None or case.previous_is_known is not True,
        sentence="Supply the invoice's lines and amounts, so that there is something to export.",
        remedies=one_of(SUPPLY_DOCUMENT),
    ),
    Condition(
        code="invoice.not_open", acts=frozenset({Action.SUBMIT}), is_met=_is_open,
        facts=_status_of("submit"),
        sentence="The invoice is {label}. Set it back to Draft or Revise & Resubmit before it is"
        " submitted.",
        remedies=one_of(SET_BACK),
    ),
    Condition(
        code="invoice.not_open", acts=frozenset({Action.EDIT}), facts=_status_of("edit"),
        is_met=lambda case: _is_open(case) or _by_admin(case),
        sentence="Ask an administrator: the invoice is {label}, and only in Draft or Revise &"
        " Resubmit can others change it.",
        remedies=one_of(EDIT_AS_ADMIN, SET_BACK),
    ),
    Condition(
        code="invoice.not_open", acts=frozenset({Action.DELETE}), facts=_status_of("delete"),
        is_met=lambda case: _is_open(case) or _by_admin(case),
        sentence="Ask an administrator: the invoice is {label}, and only in Draft or Revise &"
        " Resubmit can others delete it.",
        remedies=one_of(DELETE_AS_ADMIN, SET_BACK),
    ),
    Condition(
        code="invoice.not_under_review", acts=frozenset({Action.REVIEW}), facts=_status,
        is_met=lambda case: case.invoice_status is InvoiceStatus.UNDER_REVIEW,
        usual=("invoice_status", InvoiceStatus.UNDER_REVIEW),
        sentence="The invoice is {label}. Have it submitted first: only what is Under Review is"
        " reviewed.",
        remedies=one_of(SUBMIT),
    ),
    Condition(
        code="invoice.not_latest", acts=frozenset({Action.EDIT}), facts=_act("edit"),
        is_met=lambda case: case.is_latest is True or _by_admin(case),
        usual=("is_latest", True),
        sentence="Ask an administrator: others change only the latest invoice of a commitment.",
        remedies=one_of(EDIT_AS_ADMIN),
    ),
    Condition(
        code="invoice.not_latest", acts=frozenset({Action.SUBMIT}), facts=_act("submit"),
        is_met=lambda case: case.is_latest is True or _by_admin(case),
        usual=("is_latest", True),
        sentence="Ask an administrator: others submit only the latest invoice of a commitment.",
        remedies=one_of(SUBMIT_AS_ADMIN),
    ),
    Condition(
        code="invoice.not_latest", acts=frozenset({Action.DELETE}), facts=_act("delete"),
        is_met=lambda case: case.is_latest is True,
        usual=("is_latest", True),
        sentence="Delete the later invoices of the commitment first.",
        remedies=one_of(DELETE_LATER),
    ),
    Condition(
        code="invoice.synced", acts=frozenset({Action.EDIT_ATTACHMENTS}),
        is_met=lambda case: case.policy.attachments_after_sync
        or case.export_status is not ExportStatus.SYNCED,
        sentence="Leave the attachments as they are, or unlink the invoice first: the ERP has it.",
        remedies=UNLINK_AFTER_DELETION,
    ),
)
# fmt: on

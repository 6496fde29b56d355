"""What must be true of the invoice itself: its status, its amounts, its place in the sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import Handling
from ...verdict import Remedy
from ...vocabulary import SENDABLE, Action, ExportStatus, InvoiceStatus, Level, Tool
from .acts import ACCOUNTING, HOST, PROJECT_ADMIN, SENDING, SUBMITTING
from .billing import due_of, money
from .condition import Condition, erp_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..case import Case

__all__ = ["INVOICE"]

_OPEN = frozenset({InvoiceStatus.DRAFT, InvoiceStatus.REVISE_AND_RESUBMIT})


def _is_sendable(case: Case) -> bool:
    return case.invoice_status in SENDABLE


def _is_open(case: Case) -> bool:
    return case.invoice_status in _OPEN


def _by_admin(case: Case) -> bool:
    actor = case.actor
    return actor is not None and actor.level(Tool.COMMITMENTS, case.project_id) >= Level.ADMIN


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


def _status(case: Case) -> Mapping[str, str]:
    return {"status": case.invoice_status.value if case.invoice_status else "unknown"}


def _with_due(case: Case) -> Mapping[str, str]:
    return {**erp_name(case), "due": money(case, due_of(case))}


def _number(case: Case) -> Mapping[str, str]:
    return {"number": case.invoice_number or "none"}


_BILL = (Remedy("Correct what is billed.", PROJECT_ADMIN),)
_BY_HAND = Remedy("Book it in the ERP by hand.", ACCOUNTING)

# fmt: off
INVOICE: tuple[Condition, ...] = (
    Condition(
        code="invoice.not_sendable", acts=SENDING, is_met=_is_sendable, facts=_status,
        sentence="Set the invoice to Approved, Approved as Noted or Pending Owner Approval first.",
        remedies=(Remedy("Approve the invoice.", PROJECT_ADMIN),),
    ),
    Condition(
        code="invoice.zero", acts=SENDING, is_met=_is_not_zero, facts=erp_name,
        sentence="Bill, retain or release something: {erp} takes no invoice over nothing.",
        remedies=_BILL,
    ),
    Condition(
        code="invoice.release_only", acts=SENDING, is_met=_is_not_release_only, facts=erp_name,
        sentence="Release the retainage in {erp} by hand: it takes no invoice that only releases.",
        remedies=(_BY_HAND, *_BILL),
    ),
    Condition(
        code="invoice.negative", acts=SENDING, is_met=_is_not_negative, facts=_with_due,
        sentence="Enter this credit in {erp} by hand: it takes no invoice below zero ({due} is due).",
        remedies=(_BY_HAND, *_BILL),
    ),
    Condition(
        code="invoice.number_taken", acts=SUBMITTING, facts=_number,
        is_met=lambda case: case.number_is_unique is True,
        usual=("number_is_unique", True),
        sentence="Change the invoice number {number}: another invoice of the commitment has it.",
        remedies=(Remedy("Give it another invoice number.", PROJECT_ADMIN),),
    ),
    Condition(
        code="invoice.number_taken", acts=SUBMITTING, facts=_number,
        is_met=lambda case: case.slot_is_free is True or case.number_is_unique is not True,
        usual=("slot_is_free", True),
        sentence="Change the invoice number {number}: another invoice holds it in the ERP.",
        remedies=(
            Remedy("Give it another invoice number.", PROJECT_ADMIN),
            Remedy("Unlink the other invoice.", PROJECT_ADMIN),
        ),
    ),
    Condition(
        code="document.missing", acts=SUBMITTING,
        is_met=lambda case: case.document is not None or case.previous_is_known is not True,
        sentence="Supply the invoice's lines and amounts, so that there is something to export.",
        remedies=(Remedy("Supply the export document.", HOST),),
    ),
    Condition(
        code="invoice.not_open", acts=frozenset({Action.SUBMIT}), is_met=_is_open, facts=_status,
        sentence="Set the invoice back to Draft or Revise & Resubmit before it is submitted.",
        remedies=(Remedy("Set it back.", PROJECT_ADMIN),),
    ),
    Condition(
        code="invoice.not_open", acts=frozenset({Action.EDIT, Action.DELETE}), facts=_status,
        is_met=lambda case: _is_open(case) or _by_admin(case),
        sentence="Ask an administrator: only in Draft or Revise & Resubmit can others change it.",
        remedies=(Remedy("Change it, or set it back to Draft.", PROJECT_ADMIN),),
    ),
    Condition(
        code="invoice.not_under_review", acts=frozenset({Action.REVIEW}), facts=_status,
        is_met=lambda case: case.invoice_status is InvoiceStatus.UNDER_REVIEW,
        usual=("invoice_status", InvoiceStatus.UNDER_REVIEW),
        sentence="Have the invoice submitted first: only what is under review is reviewed.",
        remedies=(Remedy("Submit it.", "Standard on the Commitments tool"),),
    ),
    Condition(
        code="invoice.not_latest", acts=frozenset({Action.EDIT}),
        is_met=lambda case: case.is_latest is True or _by_admin(case),
        usual=("is_latest", True),
        sentence="Ask an administrator: others change only the latest invoice of a commitment.",
        remedies=(Remedy("Change it.", PROJECT_ADMIN),),
    ),
    Condition(
        code="invoice.not_latest", acts=frozenset({Action.DELETE}),
        is_met=lambda case: case.is_latest is True,
        usual=("is_latest", True),
        sentence="Delete the later invoices of the commitment first.",
        remedies=(Remedy("Delete the later ones.", PROJECT_ADMIN),),
    ),
    Condition(
        code="invoice.synced", acts=frozenset({Action.EDIT_ATTACHMENTS}),
        is_met=lambda case: case.policy.attachments_after_sync
        or case.export_status is not ExportStatus.SYNCED,
        sentence="Leave the attachments as they are, or unlink the invoice first: the ERP has it.",
        remedies=(Remedy("Unlink it.", PROJECT_ADMIN),),
    ),
)
# fmt: on

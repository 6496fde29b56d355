"""A case in which everything is lawful, for each action, and the people of the scenarios."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

import attrs

from erp_invoice_core.declaration import (
    AttachmentForm,
    Declaration,
    Prerequisite,
    UnlinkForm,
    WithdrawForm,
)
from erp_invoice_core.documents import WORKER, Actor
from erp_invoice_core.rules import Case
from erp_invoice_core.testing import one_line_document
from erp_invoice_core.vocabulary import (
    Action,
    ExportStatus,
    Feature,
    InvoiceStatus,
    Level,
    Privilege,
    Support,
)

__all__ = [
    "DOCUMENT",
    "EVERYTHING",
    "LEDGERLY",
    "PEOPLE_ACTS",
    "align_document",
    "build_allowed_case",
]

LEDGERLY = Declaration(
    key="ledgerly",
    name="Ledgerly",
    features=dict.fromkeys(Feature, Support.FULL),
    prerequisites=frozenset(Prerequisite),
    withdraw=WithdrawForm.FULL,
    unlink=UnlinkForm.DELETE_FIRST,
    attachments=AttachmentForm.FILES,
)
EVERYTHING = Actor(
    id="everything",
    commitments={"10": Level.ADMIN},
    erp_integrations=Level.ADMIN,
    privileges=[Privilege.CAN_PUSH_TO_ACCOUNTING],
)
DOCUMENT = one_line_document("5000", Decimal(0), billing_date=None)


def align_document(case: Case) -> Case:
    """The case with a document that says what its facts say."""
    if case.document is None:
        return case
    (line,) = DOCUMENT.lines
    amounts = {
        name: getattr(case, name)
        for name in ("gross", "retained", "released")
        if _has_fact(case, name)
    }
    document = attrs.evolve(
        case.document,
        currency=case.currency or DOCUMENT.currency,
        invoice_number=case.invoice_number,
        lines=(attrs.evolve(line, **amounts),),
    )
    return attrs.evolve(case, document=document)


def _has_fact(case: Case, name: str) -> bool:
    return getattr(case, name) is not None


PEOPLE_ACTS = frozenset(
    {
        Action.SEND,
        Action.RESEND,
        Action.RETRIEVE,
        Action.ACCEPT,
        Action.REJECT,
        Action.RETRY,
        Action.WITHDRAW,
        Action.RULE,
        Action.UNLINK,
        Action.RECONCILE,
        Action.EDIT,
        Action.EDIT_ATTACHMENTS,
        Action.CHANGE_STATUS,
        Action.SUBMIT,
        Action.REVIEW,
        Action.DELETE,
    }
)
_DRAFTS = frozenset({Action.EDIT, Action.SUBMIT, Action.DELETE})
_FROM = {
    **dict.fromkeys(Action, ExportStatus.NOT_SENT),
    Action.RESEND: ExportStatus.REJECTED,
    Action.RETRIEVE: ExportStatus.READY,
    Action.ACCEPT: ExportStatus.READY,
    Action.REJECT: ExportStatus.READY,
    Action.RETRY: ExportStatus.FAILED,
    Action.WITHDRAW: ExportStatus.FAILED,
    Action.RULE: ExportStatus.UNKNOWN,
    Action.UNLINK: ExportStatus.SYNCED,
    Action.RECONCILE: ExportStatus.SYNCED,
    Action.CLAIM: ExportStatus.ACCEPTED,
    Action.START: ExportStatus.EXPORTING,
    Action.RECORD: ExportStatus.EXPORTING,
    Action.RELEASE: ExportStatus.EXPORTING,
    Action.DEFER: ExportStatus.EXPORTING,
    Action.LOSE: ExportStatus.EXPORTING,
    Action.RESUME: ExportStatus.UNKNOWN,
    Action.POST: ExportStatus.EXPORTING,
    Action.REFUSE: ExportStatus.EXPORTING,
}
_CASE = Case(
    erp=LEDGERLY,
    invoice_id="5000",
    invoice_number="ACME-77",
    project_id="10",
    invoice_status=InvoiceStatus.APPROVED,
    is_latest=True,
    document=DOCUMENT,
    uses=frozenset(Feature) - {Feature.WITHDRAW, Feature.UNLINK},
    currency="USD",
    gross=Decimal(21000),
    retained=Decimal(2100),
    released=Decimal(50),
    stored=Decimal(1000),
    taxed=False,
    over_billed=False,
    previous_is_known=True,
    previous_agrees=True,
    number_is_unique=True,
    line_8=Decimal(18950),
    has_period=True,
    has_content=True,
    billing_date=date(2026, 10, 31),
    commitment_status="Approved",
    commitment_synced=True,
    vendor_synced=True,
    job_synced=True,
    cost_codes_synced=True,
    change_orders_synced=True,
    holds=(),
    fields={"invoice_number": "ACME-77", "billing_date": "2026-10-31"},
    entry_id="5000",
    version=2,
    version_seen=2,
    sent_by="somebody",
    slot_is_free=True,
    leased=False,
    in_doubt=False,
    left=False,
    left_is_accepted=True,
    acceptance_stands=True,
    changes=(),
    fields_changed=False,
    complete=True,
    withdrawing=False,
    settled=True,
    today=date(2026, 11, 26),
    replayable=False,
    is_due=True,
    gone=True,
    reason="Wrong amount.",
    evidence="Read on the screen of the ERP.",
    settles_all=True,
    denies_receipt=False,
)


@cache
def build_allowed_case(action: Action) -> Case:
    """A case in which the action is allowed, by a person who may do everything."""
    invoice_status = _CASE.invoice_status
    if action in _DRAFTS:
        invoice_status = InvoiceStatus.DRAFT
    elif action is Action.REVIEW:
        invoice_status = InvoiceStatus.UNDER_REVIEW
    return attrs.evolve(
        align_document(_CASE),
        actor=EVERYTHING if action in PEOPLE_ACTS else WORKER,
        invoice_status=invoice_status,
        export_status=_FROM[action],
        left=action is Action.WITHDRAW,
    )

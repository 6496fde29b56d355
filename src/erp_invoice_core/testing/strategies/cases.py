"""Strategies for cases in which an action is lawful."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs
from hypothesis import strategies as st

from ...declaration import Declaration, Handling, Prerequisite, TaxForm, UnlinkForm, WithdrawForm
from ...documents import WORKER, Actor, Difference, ExportDocument, ItemExcess
from ...vocabulary import (
    SENDABLE,
    Action,
    ExportStatus,
    Feature,
    InvoiceStatus,
    Level,
    Privilege,
    Support,
)
from ..samples import one_line_document, sample_case
from .words import amounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import DrawFn

    from ...rules import Case

__all__ = ["lawful_cases"]

_SOURCES: Mapping[Action, tuple[ExportStatus, ...]] = {
    Action.SEND: (ExportStatus.NOT_SENT, ExportStatus.RETRIEVED),
    Action.RESEND: (ExportStatus.REJECTED,),
    Action.RETRIEVE: (ExportStatus.READY,),
    Action.ACCEPT: (ExportStatus.READY,),
    Action.REJECT: (ExportStatus.READY, ExportStatus.ACCEPTED, ExportStatus.FAILED),
    Action.RETRY: (ExportStatus.FAILED,),
    Action.WITHDRAW: (ExportStatus.FAILED, ExportStatus.ACCEPTED),
    Action.RULE: (ExportStatus.UNKNOWN, ExportStatus.FAILED, ExportStatus.ACCEPTED),
    Action.UNLINK: (ExportStatus.SYNCED,),
    Action.CLAIM: (ExportStatus.ACCEPTED, ExportStatus.UNKNOWN, ExportStatus.FAILED),
    Action.RESUME: (ExportStatus.UNKNOWN,),
    Action.POST: (ExportStatus.EXPORTING, ExportStatus.UNKNOWN),
    Action.REFUSE: (ExportStatus.EXPORTING, ExportStatus.UNKNOWN),
    **dict.fromkeys(
        (Action.START, Action.RECORD, Action.RELEASE, Action.DEFER, Action.LOSE),
        (ExportStatus.EXPORTING,),
    ),
    Action.SIGHT: tuple(status for status in ExportStatus if status is not ExportStatus.SYNCED),
    Action.IMPORT: (ExportStatus.NOT_SENT,),
    Action.EDIT_ATTACHMENTS: tuple(ExportStatus),
}
_OPEN = (ExportStatus.NOT_SENT, ExportStatus.RETRIEVED, ExportStatus.REJECTED)
_BY_SYSTEM = frozenset(
    {
        Action.CLAIM,
        Action.START,
        Action.RECORD,
        Action.RELEASE,
        Action.DEFER,
        Action.LOSE,
        Action.RESUME,
        Action.POST,
        Action.REFUSE,
        Action.SIGHT,
        Action.IMPORT,
    }
)
_EVERYTHING = Actor(
    id="everything",
    commitments={"10": Level.ADMIN},
    erp_integrations=Level.ADMIN,
    privileges=frozenset(Privilege),
)
_DOCUMENT = one_line_document("5000", Decimal(0), billing_date=None)


def _build_document(
    number: str, *, gross: Decimal, retained: Decimal, released: Decimal
) -> ExportDocument:
    line = attrs.evolve(_DOCUMENT.lines[0], gross=gross, retained=retained, released=released)
    return attrs.evolve(_DOCUMENT, invoice_number=number, lines=(line,))


# One draw each: a case has sixty facts, and most of them are the same in every lawful one.
_WORDS = st.sampled_from(["A-1", "Seen on the screen.", "\u00c5ngstr\u00f6m", "{0}%s'\"<b>"])
_FEATURES = st.sampled_from(
    [
        frozenset(Feature),
        frozenset({Feature.INVOICES, Feature.SUBCONTRACTS, Feature.AMOUNT_BASED}),
        frozenset({Feature.INVOICES, Feature.PURCHASE_ORDERS, Feature.UNIT_BASED}),
    ]
)
_ERPS = st.builds(
    Declaration,
    key=st.just("ledgerly"),
    name=st.just("Ledgerly"),
    features=st.just(dict.fromkeys(Feature, Support.FULL)),
    prerequisites=st.sampled_from([frozenset(), frozenset(Prerequisite)]),
    zero=st.just(Handling.EXPORTED),
    negative=st.just(Handling.EXPORTED),
    release_only=st.just(Handling.EXPORTED),
    tax=st.just(TaxForm.KEPT),
    withdraw=st.just(WithdrawForm.FULL),
    unlink=st.sampled_from([UnlinkForm.DELETE_FIRST, UnlinkForm.FREE]),
)

_DIFFERENCES = st.sampled_from(
    [
        (),
        (Difference(name="total_retainage", computed=Decimal(10), stated=Decimal(11)),),
        (
            Difference(
                name="total_completed_and_stored_to_date",
                computed=Decimal(0),
                stated=Decimal(-1),
                item_id="1",
                code="billing.total_differs",
            ),
        ),
    ]
)
_EXCESSES = st.sampled_from([(), (ItemExcess(item_id="1", amount=Decimal(60), limit=Decimal(50)),)])
# The first and the last plausible day, and none.
_BILLING_DATES = st.sampled_from([date(2000, 1, 1), date(2026, 10, 31), date(2028, 11, 26), None])


def _list_invoice_statuses(action: Action) -> tuple[InvoiceStatus, ...]:
    if action in {Action.EDIT, Action.SUBMIT, Action.DELETE}:
        return (InvoiceStatus.DRAFT, InvoiceStatus.REVISE_AND_RESUBMIT)
    if action is Action.REVIEW:
        return (InvoiceStatus.UNDER_REVIEW,)
    return tuple(status for status in InvoiceStatus if status in SENDABLE)


@st.composite
def lawful_cases(draw: DrawFn, action: Action) -> Case:
    """Cases in which the default policy allows the action, by somebody who may do everything."""
    version = draw(st.integers(0, 9))
    seen = st.just(version) if action is Action.RULE else st.sampled_from([None, version])
    number = draw(_WORDS)
    gross, retained, released = (
        draw(amounts(least=1)),
        draw(amounts(least=0)),
        draw(amounts(least=0)),
    )
    return sample_case(
        _build_document(number, gross=gross, retained=retained, released=released),
        actor=WORKER if action in _BY_SYSTEM else _EVERYTHING,
        erp=draw(_ERPS),
        invoice_status=draw(st.sampled_from(_list_invoice_statuses(action))),
        uses=draw(_FEATURES),
        stored=draw(amounts(least=0)),
        taxed=draw(st.booleans()),
        over_billed=draw(st.booleans()),
        over_billed_items=draw(_EXCESSES),
        over_released=draw(_EXCESSES),
        has_period=draw(st.booleans()),
        billing_date=draw(_BILLING_DATES),
        attachments=draw(st.integers(0, 3)),
        has_content=draw(st.booleans()),
        commitment_status=draw(st.sampled_from(["Approved", "Complete"])),
        erp_status=draw(st.sampled_from([None, "", "not_synced", "Not_Sent"])),
        is_simplified=draw(st.booleans()),
        differences=draw(_DIFFERENCES),
        entry_id="5000",
        export_status=draw(st.sampled_from(_SOURCES.get(action, _OPEN))),
        version=version,
        version_seen=draw(seen),
        sent_by=draw(st.sampled_from([None, "somebody"])),
        slot_is_free=True,
        leased=False,
        in_doubt=False,
        left=action is Action.WITHDRAW,
        left_is_accepted=True,
        acceptance_stands=True,
        changes=(),
        fields_changed=False,
        complete=True,
        withdrawing=False,
        settled=True,
        today=date(2026, 11, 26),
        replayable=draw(st.booleans()),
        is_due=True,
        gone=True,
        reason=draw(_WORDS),
        evidence=draw(_WORDS),
        export_fields={},
        settles_all=True,
        denies_receipt=False,
    )

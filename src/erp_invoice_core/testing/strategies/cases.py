"""Strategies for allowed cases, and for the same with one changed fact."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

from ...declaration import Declaration, Handling, Prerequisite, TaxForm, UnlinkForm, WithdrawForm
from ...documents import WORKER, Actor, Difference, ExportDocument, ItemExcess
from ...rules import Case, Policy
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
from .documents import actors, holds
from .words import amounts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

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
    Action.RECONCILE: (ExportStatus.SYNCED,),
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


# One draw each: a case has sixty facts, and most of them are the same in every allowed one.
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
def allowed_cases(draw: DrawFn, action: Action) -> Case:
    """Cases in which the default policy allows the action to a person with every permission."""
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


@attrs.frozen(kw_only=True)
class ChangedCase:
    """An allowed case, the fact that was changed, and the case after the change."""

    fact: str
    allowed: Case
    case: Case


_VALUES: Mapping[str, SearchStrategy[Any]] = {
    "actor": st.none() | actors(),
    "policy": st.sampled_from(
        [
            Policy(separation_of_duties=True),
            Policy(over_billing=False),
            Policy(attachments_after_sync=False),
            Policy(over_release="deny"),
            Policy(free_erp_statuses=()),
            Policy(refused_commitment_statuses={"Approved", "Complete"}),
            Policy(earliest_billing_date=date(2026, 11, 1), billing_date_years=0),
        ]
    ),
    "invoice_status": st.none() | st.sampled_from(InvoiceStatus),
    "export_status": st.none() | st.sampled_from(ExportStatus),
    "document": st.none(),
    "uses": st.none(),
    "gross": st.none() | amounts(),
    "retained": st.none() | amounts(),
    "released": st.none() | amounts(),
    "holds": st.none() | st.lists(holds(), min_size=1, max_size=2).map(tuple),
    "fields": st.none(),
    "erp_status": st.sampled_from(["synced", "exporting", "Failed"]),
    "deleted_on": st.just(date(2026, 11, 1)),
    "commitment_deleted_on": st.just(date(2026, 11, 1)),
    "commitment_status": st.sampled_from([None, "Void", "Terminated"]),
    "rejected_items": st.sampled_from([("1",), ("1 (Frames)", "2")]),
    "line_8_difference": st.builds(
        Difference,
        name=st.just("current_payment_due"),
        computed=amounts(),
        stated=st.just(Decimal(1)),
    ),
    "billing_date": st.sampled_from([None, date(1, 1, 1), date(1999, 12, 31), date(2028, 11, 27)]),
    "today": st.just(None),
    "version_seen": st.integers(10, 19),
    "sent_by": st.just("everything"),
    "reason": st.sampled_from([None, "  "]),
    "evidence": st.sampled_from([None, "  "]),
}
_SHORTFALLS = st.tuples(
    st.sampled_from(Feature),
    st.sampled_from([Support.IMPOSSIBLE, Support.MISSING, Support.UNDECLARED]),
)


def _draw_other(draw: DrawFn, allowed: Case, fact: str) -> object:
    """Draw another value of the fact."""
    if fact in _VALUES:
        return draw(_VALUES[fact])
    if fact == "erp" and allowed.erp is not None:
        feature, support = draw(_SHORTFALLS)
        lacking = attrs.evolve(allowed.erp, features={**allowed.erp.features, feature: support})
        return draw(st.sampled_from([lacking, None]))
    return draw(st.sampled_from([not getattr(allowed, fact), None]))


def _list_facts(allowed: Case) -> list[str]:
    truths = (
        field.name for field in attrs.fields(Case) if isinstance(getattr(allowed, field.name), bool)
    )
    return sorted({*_VALUES, "erp", *truths})


@st.composite
def changed_cases(draw: DrawFn, action: Action, facts: Sequence[str] | None = None) -> ChangedCase:
    """
    Cases of :func:`allowed_cases` with one changed fact: absent, or another value.

    Not every fact matters to every action.

    Args:
        draw: Given by Hypothesis.
        action: The action that is decided.
        facts: The facts that may be changed; all by default.
    """
    allowed = draw(allowed_cases(action))
    fact = draw(st.sampled_from(list(facts or _list_facts(allowed))))
    changes: dict[str, Any] = {fact: _draw_other(draw, allowed, fact)}
    return ChangedCase(fact=fact, allowed=allowed, case=attrs.evolve(allowed, **changes))

"""Conditions on the record in the system that the invoice comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...message_template import ANY, MessageTemplate
from ..remedies import all_of, one_of
from ..remedy_rows import (
    APPROVE_ITEMS,
    CORRECT_COMMITMENT,
    CORRECT_DATE,
    CORRECT_PAYMENT,
    FREE_STATUS,
    LOOK_IN_ERP,
    RELEASE_THERE,
    RESTORE,
    TAKE_ITEMS_OUT,
)
from .billing import format_money
from .condition import SENDING, SUBMITTING, Condition, Reason, join_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from ..case import Case


_LAST_YEAR = 9999


def is_free(case: Case) -> bool:
    """
    Return whether no other integration has exported the invoice, as far as its record says.

    It is so if the ``erp_status`` of the record is blank, or one of the free statuses of the
    policy.
    """
    status = (case.erp_status or "").strip().lower()
    return not status or status in {free.lower() for free in case.policy.free_erp_statuses}


def find_erp_status(case: Case) -> Mapping[str, str]:
    """Return the status that the record gives, as a fact for sentences."""
    return {"erp_status": (case.erp_status or "").strip()}


def _describe_payment(case: Case) -> Mapping[str, str]:
    return {
        "payment_date": str(case.payment_date or ""),
        "amount_paid": format_money(case, case.amount_paid) if case.amount_paid else "",
    }


def _find_deletion(case: Case) -> Mapping[str, str]:
    return {"deleted_on": str(case.deleted_on)}


def _list_rejected(case: Case) -> Mapping[str, str]:
    return {"items": join_values(case.rejected_items)}


def _is_commitment_active(case: Case) -> bool:
    if case.commitment_deleted_on is not None:
        return False
    return case.commitment_status not in case.policy.refused_commitment_statuses


def _describe_commitment(case: Case) -> Mapping[str, str]:
    if case.commitment_deleted_on is not None:
        return {"status": "deleted", "deleted_on": str(case.commitment_deleted_on)}
    return {"status": case.commitment_status or ""}


def _find_billing_date(case: Case) -> date | None:
    if case.billing_date is not None or case.document is None:
        return case.billing_date
    return case.document.billing_date


def _compute_latest(case: Case, today: date) -> date:
    """Return the last billing date that is plausible by the policy of the company."""
    # The last day of a leap year's February counts as the day before the first of March.
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return today.replace(year=min(today.year + case.policy.billing_date_years, _LAST_YEAR), day=day)


def _is_plausible(case: Case) -> bool:
    billed = case.billing_date or _find_billing_date(case)
    if billed is None:
        return True
    if billed < case.policy.earliest_billing_date:
        return False
    # Nearly all dates are not in the future, so that the latest date is computed only for others.
    today = case.today
    return today is None or billed <= today or billed <= _compute_latest(case, today)


def _find_implausible(case: Case) -> Iterable[Reason]:
    facts = {
        "billing_date": str(_find_billing_date(case)),
        "earliest": str(case.policy.earliest_billing_date),
        "latest": "" if case.today is None else str(_compute_latest(case, case.today)),
    }
    template = _BETWEEN if facts["latest"] else _FROM
    yield "field.billing_date.range", template, facts, one_of(CORRECT_DATE)


_BETWEEN = MessageTemplate(
    "field.<name>.range",
    "The billing date {billing_date} is not plausible. Enter one from {earliest} to {latest}.",
)
_FROM = MessageTemplate(
    "field.<name>.range",
    "The billing date {billing_date} is not plausible. Enter {earliest} or a later date.",
)
_PAID = (
    MessageTemplate(
        "invoice.paid",
        "It is not known whether this invoice is paid. Have the host application supply this fact,"
        " as a paid invoice must not be exported.",
        when={"unknown": "is_paid"},
    ),
    MessageTemplate(
        "invoice.paid",
        "This invoice was paid on {payment_date} ({amount_paid}). Do not export it, as it would be"
        " booked a second time.",
    ),
    MessageTemplate(
        "invoice.paid",
        "This invoice is paid ({amount_paid}). Do not export it, as it would be booked a second time.",
    ),
    MessageTemplate(
        "invoice.paid",
        "This invoice was paid on {payment_date}. Do not export it, as it would be booked a second"
        " time.",
    ),
    MessageTemplate(
        "invoice.paid",
        "This invoice is paid. Do not export it, as it would be booked a second time.",
    ),
)
_NOT_ACTIVE = (
    MessageTemplate(
        "commitment.not_active",
        "The commitment was deleted on {deleted_on}. Send no invoice of it, or restore it first.",
        when={"deleted_on": ANY},
    ),
    MessageTemplate(
        "commitment.not_active",
        'The status of the commitment is "{status}". Send no invoice of it, or correct the status'
        " first.",
    ),
)


# fmt: off
RECORD: tuple[Condition, ...] = (
    Condition(
        code="invoice.in_another_integration", acts=SUBMITTING, steady=True, is_met=is_free, facts=find_erp_status,
        usual=("erp_status", None),
        sentence='The ERP status of this invoice is "{erp_status}", although this export queue did'
        " not export it. Another integration may have exported it. Check in the ERP whether the"
        " invoice is there.",
        remedies=(*one_of(RELEASE_THERE), *all_of(LOOK_IN_ERP, FREE_STATUS)),
    ),
    Condition(
        code="invoice.paid", acts=SENDING, steady=True, facts=_describe_payment, templates=_PAID,
        usual=("is_paid", False), unknown_if=("is_paid",),
        remedies=one_of(CORRECT_PAYMENT),
    ),
    Condition(
        code="invoice.deleted", acts=SENDING, steady=True, facts=_find_deletion, usual=("deleted_on", None),
        sentence="This invoice was deleted on {deleted_on}. Do not send it, or restore it first.",
        remedies=one_of(RESTORE),
    ),
    Condition(
        code="invoice.item_rejected", acts=SENDING, steady=True, facts=_list_rejected, usual=("rejected_items", ()),
        is_met=lambda case: not case.rejected_items,
        sentence="These items of the invoice are rejected: {items}. Have them approved in the"
        " review of the invoice, or take them out of the invoice.",
        remedies=one_of(APPROVE_ITEMS, TAKE_ITEMS_OUT),
    ),
    Condition(
        code="commitment.not_active", acts=SENDING, steady=True, is_met=_is_commitment_active,
        facts=_describe_commitment, templates=_NOT_ACTIVE,
        remedies=one_of(CORRECT_COMMITMENT),
    ),
    Condition(
        code="field.<name>.range", acts=SENDING, steady=True, is_met=_is_plausible, each=_find_implausible,
        templates=(_BETWEEN, _FROM),
        remedies=one_of(CORRECT_DATE),
    ),
)
# fmt: on

"""Conditions on the record in the system that the invoice comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from .billing import money
from .condition import SENDING, SUBMITTING, Condition, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from ..case import Case


_LAST_YEAR = 9999


def is_free(case: Case) -> bool:
    """Return whether no other integration has the invoice, as its status there is blank or free."""
    status = (case.erp_status or "").strip().lower()
    return not status or status in {free.lower() for free in case.policy.free_erp_statuses}


def erp_status(case: Case) -> Mapping[str, str]:
    """Return the status that the record gives, as a fact for sentences."""
    return {"erp_status": (case.erp_status or "").strip()}


def _paid(case: Case) -> Iterable[Finding]:
    facts = {
        "payment_date": str(case.payment_date or ""),
        "amount_paid": money(case, case.amount_paid) if case.amount_paid else "",
    }
    how = "{amount_paid} paid" if facts["amount_paid"] else "paid"
    when = " on {payment_date}" if facts["payment_date"] else ""
    sentence = f"This invoice is {how}{when} already. Do not export it: it would be booked again."
    if case.is_paid is None:
        facts["known"] = "no"
        sentence = "Look up first whether this invoice is paid."
    yield (
        "invoice.paid",
        sentence,
        facts,
        one_of(CORRECT_PAYMENT),
    )


def _deleted(case: Case) -> Mapping[str, str]:
    return {"deleted_on": str(case.deleted_on)}


def _rejected(case: Case) -> Mapping[str, str]:
    return {"items": ", ".join(case.rejected_items)}


def _commitment_is_active(case: Case) -> bool:
    if case.commitment_deleted_on is not None:
        return False
    return case.commitment_status not in case.policy.refused_commitment_statuses


def _commitment(case: Case) -> Iterable[Finding]:
    deleted = case.commitment_deleted_on
    status = f"deleted ({deleted})" if deleted else case.commitment_status or ""
    yield "commitment.not_active", _NOT_ACTIVE, {"status": status}, one_of(CORRECT_COMMITMENT)


_NOT_ACTIVE = "The commitment is {status}: send no invoice of it, or correct its status first."


def _billing_date(case: Case) -> date | None:
    if case.billing_date is not None or case.document is None:
        return case.billing_date
    return case.document.billing_date


def _latest(case: Case, today: date) -> date:
    """Return the last plausible billing date."""
    # The last day of a leap year's February counts as the day before the first of March.
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return today.replace(year=min(today.year + case.policy.billing_date_years, _LAST_YEAR), day=day)


def _is_plausible(case: Case) -> bool:
    billed = case.billing_date or _billing_date(case)
    if billed is None:
        return True
    if billed < case.policy.earliest_billing_date:
        return False
    # Nearly all dates are not in the future, so that the latest date is computed only for others.
    today = case.today
    return today is None or billed <= today or billed <= _latest(case, today)


def _implausible(case: Case) -> Iterable[Finding]:
    latest = None if case.today is None else _latest(case, case.today)
    facts = {
        "billing_date": str(_billing_date(case)),
        "earliest": str(case.policy.earliest_billing_date),
        "latest": "" if latest is None else str(latest),
    }
    bounds = "from {earliest} on" if latest is None else "between {earliest} and {latest}"
    sentence = f"The billing date {{billing_date}} is not plausible: enter one {bounds}."
    yield "field.billing_date.range", sentence, facts, one_of(CORRECT_DATE)


# fmt: off
RECORD: tuple[Condition, ...] = (
    Condition(
        code="invoice.in_another_integration", acts=SUBMITTING, is_met=is_free, facts=erp_status,
        usual=("erp_status", None),
        sentence='The ERP status of this invoice is "{erp_status}", and it has no ERP id of ours:'
        " another integration may have exported it. Look in the ERP first.",
        remedies=(*one_of(RELEASE_THERE), *all_of(LOOK_IN_ERP, FREE_STATUS)),
    ),
    Condition(
        code="invoice.paid", acts=SENDING, each=_paid, usual=("is_paid", False),
        remedies=one_of(CORRECT_PAYMENT),
        is_met=lambda case: case.is_paid is False,
    ),
    Condition(
        code="invoice.deleted", acts=SENDING, facts=_deleted, usual=("deleted_on", None),
        is_met=lambda case: case.deleted_on is None,
        sentence="This invoice was deleted on {deleted_on}: do not send it.",
        remedies=one_of(RESTORE),
    ),
    Condition(
        code="invoice.item_rejected", acts=SENDING, facts=_rejected, usual=("rejected_items", ()),
        is_met=lambda case: not case.rejected_items,
        sentence="Items of this invoice are rejected: {items}. Have them approved or taken out.",
        remedies=one_of(APPROVE_ITEMS, TAKE_ITEMS_OUT),
    ),
    Condition(
        code="commitment.not_active", acts=SENDING, is_met=_commitment_is_active, each=_commitment,
        remedies=one_of(CORRECT_COMMITMENT),
    ),
    Condition(
        code="field.<name>.range", acts=SENDING, is_met=_is_plausible, each=_implausible,
        remedies=one_of(CORRECT_DATE),
    ),
)
# fmt: on

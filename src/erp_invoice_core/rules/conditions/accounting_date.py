"""Conditions on the accounting date and the periods of the ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...documents import find_closed_period, find_nearest_open_day
from ...message_template import MessageTemplate
from ...vocabulary import Action
from ..accounting_date import (
    ACCOUNTING_DATE,
    find_accounting_date,
    find_billing_date,
    find_date_field,
)
from ..remedies import one_of
from ..remedy_rows import GIVE_FIELD, GIVE_FIELD_AGAIN, OPEN_PERIOD
from .condition import Condition, find_erp_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from ...documents import AccountingPeriod
    from ..case import Case
    from ..remedies import RemedyTemplate
    from .condition import FindReasons, Reason


_CLOSED = MessageTemplate(
    "field.accounting_date.closed",
    "The accounting date {date} lies in the period {period}, which is closed in {erp}. Give a date in an"
    " open period. The nearest open date is {open_date}.",
)
_ALL_CLOSED = MessageTemplate(
    "field.accounting_date.closed",
    "The accounting date {date} lies in the period {period}, which is closed in {erp}, and no"
    " period is open. Open an accounting period in {erp}.",
)


def _find_closed(case: Case, day: date | None) -> AccountingPeriod | None:
    """Return the closed period of a day, if the ERP takes an accounting date."""
    if day is None or not case.accounting_periods or find_date_field(case.erp) is None:
        return None
    return find_closed_period(case.accounting_periods, day)


def _is_open(case: Case) -> bool:
    """Return whether the accounting date is not known to lie in a closed period."""
    return _find_closed(case, find_accounting_date(case)) is None


def _build_finder(give: RemedyTemplate) -> FindReasons:
    def find(case: Case) -> Iterable[Reason]:
        day, periods = find_accounting_date(case), case.accounting_periods or ()
        period = _find_closed(case, day)
        assert day is not None
        assert period is not None
        facts = {
            **find_erp_name(case),
            "field": ACCOUNTING_DATE,
            "date": day.isoformat(),
            "period": period.name,
        }
        nearest = find_nearest_open_day(periods, day)
        if nearest is None:
            return ((_CLOSED.code, _ALL_CLOSED, facts, one_of(OPEN_PERIOD)),)
        facts["open_date"] = nearest.isoformat()
        return ((_CLOSED.code, _CLOSED, facts, one_of(give, OPEN_PERIOD)),)

    return find


def is_of_invoice(case: Case) -> bool:
    """
    Return False if the accounting date replaces the invoice's date, which is in a closed period.

    It is True if the date that replaces it is in a closed period, too, because another condition
    denies that.
    """
    own, day = find_billing_date(case), find_accounting_date(case)
    return own == day or _find_closed(case, own) is None or not _is_open(case)


def is_in_a_period(case: Case) -> bool:
    """Return whether a period of the ERP has the accounting date, or this is not known."""
    day, periods = find_accounting_date(case), case.accounting_periods
    if day is None or not periods or find_date_field(case.erp) is None:
        return True
    return any(period.has_day(day) for period in periods)


def list_accounting_date(case: Case) -> Mapping[str, str]:
    """Return the name of the ERP and the accounting date."""
    return {**find_erp_name(case), "accounting_date": str(find_accounting_date(case))}


def list_dates(case: Case) -> Mapping[str, str]:
    """Return the invoice date, its closed period, and the date that replaces it."""
    own = find_billing_date(case)
    period = _find_closed(case, own)
    return {
        **find_erp_name(case),
        "date": str(own),
        "period": period.name if period else "",
        "accounting_date": str(find_accounting_date(case)),
    }


# fmt: off
ACCOUNTING_DATES: tuple[Condition, ...] = (
    Condition(
        code="field.accounting_date.closed", acts=frozenset({Action.ACCEPT}), usual=("accounting_periods", None),
        is_met=_is_open, each=_build_finder(GIVE_FIELD), templates=(_CLOSED, _ALL_CLOSED),
    ),
    # Once something is written the export is finished, with the date that it has.
    Condition(
        code="field.accounting_date.closed", acts=frozenset({Action.RETRY}), usual=("accounting_periods", None),
        is_met=lambda case: case.left is True or _is_open(case), each=_build_finder(GIVE_FIELD_AGAIN),
        templates=(_CLOSED, _ALL_CLOSED),
    ),
)
# fmt: on

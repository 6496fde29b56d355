"""Checks of the accounting periods that an adapter reads."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from ....declaration import LandingState
from ....documents import find_closed_period
from ....exchange import CannotTell, Deferred, Refused
from ...faults import is_read
from ..check import Check
from ..result import NotProved, refute, require
from ..trial import describe_outcome
from .injection import find_plan, inject, list_possible
from .missing_answers import UNANSWERED_LISTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ....documents import AccountingPeriod
    from ..trial import Trial

_FIELD = "accounting_date"


def _read_periods(trial: Trial) -> tuple[AccountingPeriod, ...]:
    periods = trial.adapter.periods(trial.session)
    if isinstance(periods, CannotTell):
        refute("The accounting periods can be read.", periods.why, "erp_periods")
    return periods


def check_open_periods(trial: Trial) -> None:
    """The period of a booked bill reads as open, else approvers are denied payable invoices."""
    if not trial.adapter.has_periods:
        return
    trial.export()
    day = trial.request.accounting_date
    if day is None:
        msg = "The sample invoice has no date."
        raise NotProved(msg)
    closed = find_closed_period(_read_periods(trial), day)
    require(
        closed is None,
        f"A bill of {day} was taken, so that its period is open.",
        f"the period {closed.name if closed else ''} is closed",
        "erp_periods",
    )


def check_known_periods(trial: Trial) -> None:
    """Each day that is closed in the ERP reads as closed, else approvers pick it in vain."""
    if not trial.adapter.has_periods:
        return
    days = trial.target.closed_days()
    if not days:
        msg = "The contract names no day of a closed period (closed_days)."
        raise NotProved(msg)
    periods = _read_periods(trial)
    for day in (*days, *_list_inner_days(days)):
        require(
            find_closed_period(periods, day),
            f"The accounting period of {day} is closed in the ERP.",
            "no closed period with that day",
            "erp_periods: first_day and last_day are part of the period",
        )


def _list_inner_days(days: Sequence[date]) -> list[date]:
    """Return the days between two of these days in one month, which is closed as a whole."""
    return [
        first + timedelta(days=after)
        for first, last in pairwise(sorted(days))
        if (first.year, first.month) == (last.year, last.month)
        for after in range(1, (last - first).days)
    ]


def check_closed_periods(trial: Trial) -> None:
    """A period reads as closed only if the ERP refuses bills in it, else costs get a wrong date."""
    if not trial.adapter.has_periods:
        return
    if trial.target.is_shared:
        msg = "Other people see the ERP, in which nothing is written that it refuses."
        raise NotProved(msg)
    if trial.adapter.declaration.landing is not LandingState.POSTED:
        msg = "The ERP may keep a bill that is not posted in a closed period."
        raise NotProved(msg)
    day = _find_closed_day(_read_periods(trial))
    if day is None:
        msg = "The ERP has no closed period."
        raise NotProved(msg)
    outcome = trial.renew(
        trial.samples.build_plain(), fields={_FIELD: day.isoformat()}, accounting_date=day
    ).find_refusal()
    require(
        isinstance(outcome, Refused | Deferred),
        f"The period of {day} is closed, so that a bill of this day is refused.",
        describe_outcome(outcome),
        "erp_periods",
    )


def _find_closed_day(periods: Iterable[AccountingPeriod]) -> date | None:
    """Return the latest day that is known to be in a closed period, or ``None``."""
    known = tuple(periods)
    days = (
        day
        for period in known
        for day in (period.first_day, period.last_day)
        if day is not None and find_closed_period(known, day)
    )
    return max(days, default=None)


def check_unanswered_periods(trial: Trial) -> None:
    """If periods cannot be read, the hook raises: an empty list counts a closed date as open."""
    if not trial.adapter.has_periods:
        return
    for fault in list_possible(trial, UNANSWERED_LISTS):
        injection = inject(trial, fault, is_read, times=None)
        periods = trial.adapter.periods(trial.session)
        find_plan(trial).clear()
        require(
            not injection.hits or isinstance(periods, CannotTell),
            f"Reading the periods met {fault.value}, so that they are not known.",
            "an answer",
            "erp_periods: let the exception pass",
        )


_DATED = ("extra_fields.accounting_date: *",)

# fmt: off
CHECKS = (
    Check(
        name="periods.open", run=check_open_periods, words=_DATED,
        lie="A period in which a bill was just booked reads as closed.",
    ),
    Check(
        name="periods.closed", run=check_closed_periods, words=_DATED,
        lie="A period reads as closed, and the ERP takes bills in it.",
    ),
    Check(
        name="periods.known", run=check_known_periods, words=_DATED, needs=("closed_days",),
        lie="Each period reads as open, or days within a closed period do.",
    ),
    Check(
        name="fault.periods", run=check_unanswered_periods, has_faults=True, words=_DATED,
        lie="An error, or an HTML page as the answer, is taken for an empty list of periods.",
    ),
)
# fmt: on

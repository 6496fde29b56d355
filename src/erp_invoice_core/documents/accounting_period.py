"""Accounting periods of an ERP, open and closed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import attrs

from ..values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable


@attrs.frozen(kw_only=True, eq=False, repr=False)
class AccountingPeriod(Value):
    """
    An accounting period of the ERP.

    An ERP with a lock date has two: a closed one that ends on it, and an open one after it.

    Attributes:
        name: Its name in the ERP, which people see.
        first_day: Its first day; ``None`` if it has no beginning.
        last_day: Its last day, which belongs to it; ``None`` if it has no end.
        is_open: True if the ERP books a document that is dated in it.
    """

    name: str
    first_day: date | None
    last_day: date | None
    is_open: bool

    def has_day(self, day: date) -> bool:
        """Return whether a day lies in the period."""
        return (self.first_day is None or self.first_day <= day) and (
            self.last_day is None or day <= self.last_day
        )


def find_closed_period(periods: Iterable[AccountingPeriod], day: date) -> AccountingPeriod | None:
    """
    Return the closed period of a day; ``None`` if the day is open, or no period has it.

    Periods may overlap, as a period of adjustments does. A day is open if one period is.
    """
    found = [period for period in periods if period.has_day(day)]
    if any(period.is_open for period in found):
        return None
    return found[0] if found else None


def find_next_open_day(periods: Iterable[AccountingPeriod], day: date) -> date | None:
    """Return the day itself if it is open, else the first open day after it, if any."""
    found = (
        max(day, period.first_day or day)
        for period in periods
        if period.is_open and (period.last_day is None or day <= period.last_day)
    )
    return min(found, default=None)


def find_nearest_open_day(periods: Iterable[AccountingPeriod], day: date) -> date | None:
    """Return the first open day from a day on, or the last one before it if none follows."""
    known = tuple(periods)
    after = find_next_open_day(known, day)
    if after is not None:
        return after
    # Every open period ends before the day, as the day itself is in none of them.
    ends = (period.last_day for period in known if period.is_open and period.last_day)
    return max(ends, default=None)

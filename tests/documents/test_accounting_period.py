"""The periods of an ERP, and the open days near another day."""

from __future__ import annotations

from datetime import date

import pytest

from erp_invoice_core.documents import (
    AccountingPeriod,
    find_closed_period,
    find_nearest_open_day,
    find_next_open_day,
)


def _month(month: int, *, is_open: bool, days: int = 30) -> AccountingPeriod:
    return AccountingPeriod(
        name=f"2026-{month:02}",
        first_day=date(2026, month, 1),
        last_day=date(2026, month, days),
        is_open=is_open,
    )


AUGUST = _month(8, is_open=True)
SEPTEMBER = _month(9, is_open=False)
OCTOBER = _month(10, is_open=True, days=31)
NOVEMBER = _month(11, is_open=True)
ADJUSTED = AccountingPeriod(
    name="adjustments", first_day=date(2026, 10, 31), last_day=date(2026, 10, 31), is_open=False
)
LOCKED = AccountingPeriod(name="locked", first_day=None, last_day=date(2026, 9, 30), is_open=False)
FREE = AccountingPeriod(name="free", first_day=date(2026, 10, 1), last_day=None, is_open=True)


@pytest.mark.parametrize(
    ("periods", "day", "found"),
    [
        ((SEPTEMBER, OCTOBER), date(2026, 9, 1), SEPTEMBER),
        ((SEPTEMBER, OCTOBER), date(2026, 9, 30), SEPTEMBER),
        ((SEPTEMBER, OCTOBER), date(2026, 10, 1), None),
        ((SEPTEMBER, OCTOBER), date(2026, 8, 31), None),
        ((ADJUSTED, OCTOBER), date(2026, 10, 31), None),
        ((LOCKED, FREE), date(1999, 1, 1), LOCKED),
        ((LOCKED, FREE), date(2099, 1, 1), None),
        ((), date(2026, 9, 1), None),
    ],
)
def test_day_is_closed_if_all_its_periods_are(
    periods: tuple[AccountingPeriod, ...], day: date, found: AccountingPeriod | None
) -> None:
    """A day of no period is not known, so it is not closed."""
    assert found == find_closed_period(periods, day)


@pytest.mark.parametrize(
    ("periods", "day", "following", "nearest"),
    [
        ((NOVEMBER, OCTOBER, SEPTEMBER), date(2026, 9, 15), date(2026, 10, 1), date(2026, 10, 1)),
        ((NOVEMBER, OCTOBER), date(2026, 10, 7), date(2026, 10, 7), date(2026, 10, 7)),
        ((AUGUST, SEPTEMBER), date(2026, 9, 15), None, date(2026, 8, 30)),
        ((AUGUST, OCTOBER), date(2026, 12, 1), None, date(2026, 10, 31)),
        ((LOCKED, FREE), date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 1)),
        ((LOCKED, FREE), date(2027, 1, 5), date(2027, 1, 5), date(2027, 1, 5)),
        ((SEPTEMBER, LOCKED), date(2026, 9, 15), None, None),
        ((), date(2026, 9, 15), None, None),
    ],
)
def test_open_day_is_the_next_one(
    periods: tuple[AccountingPeriod, ...],
    day: date,
    following: date | None,
    nearest: date | None,
) -> None:
    """The next open day follows; the nearest one may lie before, if none follows."""
    assert following == find_next_open_day(periods, day)
    assert nearest == find_nearest_open_day(periods, day)


def test_period_without_a_beginning_can_be_open() -> None:
    """An open period without bounds has every day."""
    whole = AccountingPeriod(name="all", first_day=None, last_day=None, is_open=True)
    assert whole.has_day(date(1900, 1, 1))
    assert date(2026, 9, 15) == find_next_open_day((whole,), date(2026, 9, 15))

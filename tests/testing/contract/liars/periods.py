"""Liars about accounting periods."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import adapters as erp

from ..honest import Honest

if TYPE_CHECKING:
    from collections.abc import Iterator


class ClosesEveryPeriod(Honest):
    """Says that every period is closed."""

    def list_periods(self) -> tuple[erp.AccountingPeriod, ...]:  # noqa: D102 - its class says the lie
        return tuple(attrs.evolve(each, is_open=False) for each in super().list_periods())


class TakesClosedDates(Honest):
    """Says that a period is closed in which the ERP takes bills."""

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:  # noqa: D102 - its class says the lie
        return super().refuse(attrs.evolve(request, accounting_date=None))


class ClosesLastYear(TakesClosedDates):
    """Says that two periods are closed, and takes their bills."""

    def list_periods(self) -> tuple[erp.AccountingPeriod, ...]:  # noqa: D102 - its class says the lie
        closed = erp.AccountingPeriod(
            name="2024", first_day=date(2024, 1, 1), last_day=date(2024, 12, 31), is_open=False
        )
        return (closed, *super().list_periods())


class OpensEveryPeriod(Honest):
    """Says that every period is open."""

    def list_periods(self) -> tuple[erp.AccountingPeriod, ...]:  # noqa: D102 - its class says the lie
        return tuple(attrs.evolve(each, is_open=True) for each in super().list_periods())


class EndsPeriodsEarly(Honest):
    """Says that the closed period ends a day before its last day."""

    def list_periods(self) -> tuple[erp.AccountingPeriod, ...]:  # noqa: D102 - its class says the lie
        closed, *others = super().list_periods()
        assert closed.last_day is not None
        return (attrs.evolve(closed, last_day=closed.last_day - timedelta(days=1)), *others)


class ClosesEndsOfMonth(Honest):
    """Says that the first and the last day of a closed month are closed, and no day between."""

    def list_periods(self) -> tuple[erp.AccountingPeriod, ...]:  # noqa: D102 - its class says the lie
        closed, *others = super().list_periods()
        last = closed.last_day
        assert last is not None
        days = (last.replace(day=1), last)
        ends = (attrs.evolve(closed, first_day=day, last_day=day) for day in days)
        return (*ends, *others)


class CannotReadPeriods(Honest):
    """Has the hook, and cannot read periods."""

    def list_periods(self) -> tuple[erp.AccountingPeriod, ...]:  # noqa: D102 - its class says the lie
        raise LookupError("periods")


LIES = {
    ClosesEveryPeriod: "periods.open",
    CannotReadPeriods: "periods.open",
    OpensEveryPeriod: "periods.known",
    EndsPeriodsEarly: "periods.known",
    ClosesEndsOfMonth: "periods.known",
    TakesClosedDates: "periods.closed",
    ClosesLastYear: "periods.closed",
}

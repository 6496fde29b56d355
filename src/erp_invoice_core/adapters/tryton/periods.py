"""The accounting periods of the company in Tryton."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...documents import AccountingPeriod
from ...exchange import CannotTell
from .errors import TrytonError
from .look_up import require_sight

if TYPE_CHECKING:
    from .session import TrytonSession


def read_periods(session: TrytonSession) -> tuple[AccountingPeriod, ...] | CannotTell:
    """
    Return the standard periods of the company's fiscal years.

    Tryton's periods of adjustment are left out, as a bill is never booked in them. The states of
    the fiscal years are not read, as a year is closed only after its periods.
    """
    try:
        books = session.find_books()
        rows = session.client.search(
            "account.period",
            [["company", "=", books.company], ["type", "=", "standard"]],
            "name",
            "start_date",
            "end_date",
            "state",
        )
        if not rows:
            require_sight(session.client, books)
    except TrytonError as error:
        return CannotTell(str(error))
    return tuple(
        AccountingPeriod(
            name=row["name"],
            first_day=row["start_date"],
            last_day=row["end_date"],
            is_open=row["state"] == "open",
        )
        for row in rows
    )

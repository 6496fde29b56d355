"""The accounting date of an invoice, and its proposal in an open period."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from ..documents import find_closed_period, find_next_open_day

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..declaration import Declaration, ExportField
    from ..documents import AccountingPeriod
    from .case import Case


#: The export field that has the accounting date.
ACCOUNTING_DATE = "accounting_date"


def parse_day(text: str) -> date | None:
    """Return the day of a text as 2026-10-31; ``None`` for every other text."""
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def find_date_field(erp: Declaration | None) -> ExportField | None:
    """Return the export field by which an ERP takes an accounting date, if it takes one."""
    fields = erp.extra_fields if erp else ()
    return next((field for field in fields if field.key == ACCOUNTING_DATE), None)


def find_billing_date(case: Case) -> date | None:
    """Return the billing date, which is the accounting date unless a person gives another one."""
    return case.document.billing_date if case.document else case.billing_date


def find_accounting_date(case: Case) -> date | None:
    """Return the accounting date that is given with the action, else that of the invoice."""
    given = (case.export_fields or {}).get(ACCOUNTING_DATE, "").strip()
    return parse_day(given) if given else find_billing_date(case)


def propose_accounting_date(
    case: Case, erp: Declaration | None, periods: Iterable[AccountingPeriod]
) -> date | None:
    """
    Return the accounting date to propose; ``None`` if no date has to be proposed.

    The date of the invoice is the one that its source states, else the billing date. If it lies in
    a closed period, the first open day after it is proposed, if there is one. If it is known to be
    open, it is proposed itself where the ERP requires the field.
    """
    field = find_date_field(erp)
    stated = parse_day((case.proposed or {}).get(ACCOUNTING_DATE, ""))
    day = stated or find_billing_date(case)
    if field is None or day is None:
        return None
    known = tuple(periods)
    following = find_next_open_day(known, day)
    if find_closed_period(known, day) is not None:
        return following
    return day if field.required and following == day else None

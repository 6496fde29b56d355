"""Export fields of an acceptance: given by a person, or proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .accounting_date import ACCOUNTING_DATE, propose_accounting_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..declaration import Declaration
    from ..documents import AccountingPeriod
    from .case import Case


def complete_fields(
    case: Case,
    erp: Declaration | None,
    given: Mapping[str, str],
    periods: Iterable[AccountingPeriod] | None = None,
) -> Mapping[str, str]:
    """
    Return the given export fields, with the proposed values of others that the ERP asks for.

    The source proposes the values that it states, such as a due date. If the accounting date would
    lie in a closed period, the periods propose an open day. A field that is given blank gets no
    proposal and is left out.
    """
    keys = {field.key for field in erp.extra_fields} if erp and case.proposed else ()
    proposed = {key: text for key, text in (case.proposed or {}).items() if key in keys}
    open_day = propose_accounting_date(case, erp, periods) if periods else None
    if open_day is not None:
        proposed[ACCOUNTING_DATE] = open_day.isoformat()
    if not proposed:
        return given
    taken = {key: text for key, text in given.items() if key not in proposed or text.strip()}
    return {**{key: text for key, text in proposed.items() if key not in given}, **taken}

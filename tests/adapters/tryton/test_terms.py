"""Payment terms of Tryton that are a number of days until the whole bill is due."""

from __future__ import annotations

from typing import Any

import pytest

from erp_invoice_core.adapters.tryton.terms import count_days

_NO_DELTA = dict.fromkeys(("months", "day", "month", "weekday")) | {"days": 0, "weeks": 0}


def build_terms(*deltas: dict[str, int], kind: str = "remainder", lines: int = 1) -> dict[str, Any]:
    """Return terms as Tryton shows them."""
    line = {"type": kind, "relativedeltas": [{**_NO_DELTA, **delta} for delta in deltas]}
    return {"lines": [line] * lines}


@pytest.mark.parametrize(
    ("terms", "days"),
    [
        (build_terms(), 0),
        (build_terms({"days": 30}), 30),
        (build_terms({"days": 1}, {"weeks": 2}), 15),
        (build_terms({"days": 30, "months": 1}), None),
        (build_terms({"day": 31}), None),
        (build_terms({"days": 30}, lines=2), None),
        (build_terms({"days": 30}, kind="percent"), None),
    ],
)
def test_days_are_counted(terms: dict[str, Any], days: int | None) -> None:
    """Months, days of a month and several parts are not a number of days."""
    assert days == count_days(terms)

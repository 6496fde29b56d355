"""For how long it is tried before a person is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from erp_invoice_core import RetryPolicy
from erp_invoice_core.flow import retry_policy
from erp_invoice_core.flow.retry_policy import DEFAULT_RETRY_POLICY
from erp_invoice_core.verdict import Source


def test_the_default_policy_is_the_documented_one() -> None:
    """Five minutes, an hour, five days; twenty deferrals; five lost claims."""
    waits = [timedelta(minutes=5), timedelta(hours=1), *[timedelta(days=1)] * 5]

    assert (tuple(waits), 20, 5) == (
        DEFAULT_RETRY_POLICY.look_ups,
        DEFAULT_RETRY_POLICY.deferrals,
        DEFAULT_RETRY_POLICY.lost_claims,
    )


@pytest.mark.parametrize(
    ("chosen", "word"),
    [
        ({"look_ups": []}, "look_ups"),
        ({"look_ups": [timedelta(hours=1), timedelta(0)]}, "look_ups"),
        ({"deferrals": 0}, "deferrals"),
        ({"lost_claims": -1}, "lost_claims"),
    ],
)
def test_no_usable_retry_policy_is_refused(chosen: dict[str, object], word: str) -> None:
    """Something has to be tried once at least, and a look-up comes some time later."""
    with pytest.raises(ValueError, match=word):
        RetryPolicy(**chosen)  # type: ignore[arg-type]  # one of its own fields


def test_look_ups_that_are_no_row_are_refused() -> None:
    """The error names the field and the type."""
    with pytest.raises(TypeError, match=r"look_ups is of the type int\."):
        RetryPolicy(look_ups=5)  # type: ignore[arg-type]  # on purpose


def test_giving_up_is_a_refusal_of_the_erp() -> None:
    """The source of the denial is the ERP, for each cause."""
    assert {Source.ERP} == {template.source for template in retry_policy._GAVE_UP}

"""The retry policy of a connection in a table of settings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from erp_invoice_core import RetryPolicy
from erp_invoice_core.adapters import Adapters, InvalidSettings, build_connection
from erp_invoice_core.adapters.limits import read_retry_policy
from erp_invoice_core.testing import TwoStepErp


def test_a_table_becomes_a_retry_policy() -> None:
    """Waiting times are in seconds, and an omitted name keeps its default."""
    waits = [timedelta(seconds=90), timedelta(minutes=30)]

    assert RetryPolicy(look_ups=waits, deferrals=3) == read_retry_policy(
        {"look_ups": [90, 1800.0], "deferrals": 3}, "patience"
    )


@pytest.mark.parametrize(
    ("table", "paths"),
    [
        (3, ["patience"]),
        ({"mercy": 3}, ["patience.mercy"]),
        (
            {"deferrals": 2.5, "lost_claims": True, "look_ups": 5},
            ["patience.look_ups", "patience.deferrals", "patience.lost_claims"],
        ),
        ({"look_ups": [5, "6"]}, ["patience.look_ups"]),
        ({"look_ups": [5, True]}, ["patience.look_ups"]),
        ({"look_ups": [float("nan")]}, ["patience.look_ups"]),
        ({"look_ups": [-1]}, ["patience.look_ups"]),
        ({"look_ups": [1e300]}, ["patience.look_ups"]),
        ({"look_ups": []}, ["patience.look_ups"]),
        ({"deferrals": 0}, ["patience.deferrals"]),
    ],
)
def test_a_malformed_table_has_every_problem_listed(table: object, paths: list[str]) -> None:
    """The error lists every problem of a table with its path."""
    with pytest.raises(InvalidSettings) as caught:
        read_retry_policy(table, "patience")
    assert paths == [problem.path for problem in caught.value.problems]


@pytest.mark.parametrize(("waits", "found"), [(5, "5"), ([5, "6"], "a text"), ([9, -1], "-1")])
def test_a_wrong_waiting_time_is_named(waits: object, found: str) -> None:
    """The sentence names the first value that is not a waiting time, and the bounds."""
    with pytest.raises(InvalidSettings) as caught:
        read_retry_policy({"look_ups": waits}, "patience")
    sentence = (
        f"Found {found}. Write a list of one or more waiting times in seconds, each above 0 and"
        " at most 31,536,000."
    )
    assert [sentence] == [problem.message for problem in caught.value.problems]


def test_a_connection_is_given_its_retry_policy() -> None:
    """The retry policy is beside the settings of the adapter, and is not a setting."""
    adapters = Adapters(TwoStepErp())
    made = build_connection("two_step_fake", {"patience": {"lost_claims": 1}}, {}, adapters)

    assert RetryPolicy(lost_claims=1) == made.retry_policy
    assert "patience" not in made.settings
    assert build_connection("two_step_fake", {}, {}, adapters).retry_policy is None

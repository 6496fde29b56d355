"""The limits of a connection, and their table in the settings."""

from __future__ import annotations

import pytest

from erp_invoice_core import Limits
from erp_invoice_core.adapters import Adapters, InvalidSettings, build_connection
from erp_invoice_core.adapters.limits import read_limits
from erp_invoice_core.testing import TwoStepErp


def test_a_table_becomes_limits() -> None:
    """An omitted limit has its default."""
    table = {"at_once": 2, "calls_per_minute": 90.5, "failures": 3}
    expected = Limits(at_once=2, calls_per_minute=90.5, failures=3, pause=5.0, longest_pause=300.0)
    assert expected == read_limits(table, "pace")


@pytest.mark.parametrize(
    ("table", "paths"),
    [
        (3, ["pace"]),
        ({"speed": 3}, ["pace.speed"]),
        (
            {"failures": 2.5, "at_once": True, "pause": "5"},
            ["pace.at_once", "pace.failures", "pace.pause"],
        ),
        ({"pause": 0}, ["pace.pause"]),
        ({"at_once": 0, "failures": 2.5}, ["pace.at_once", "pace.failures"]),
        ({"calls_per_minute": float("nan")}, ["pace.calls_per_minute"]),
        ({"pause": 10, "longest_pause": 5}, ["pace"]),
    ],
)
def test_a_malformed_table_has_every_problem_listed(table: object, paths: list[str]) -> None:
    """Every problem of a table is reported, with its path."""
    with pytest.raises(InvalidSettings) as caught:
        read_limits(table, "pace")
    assert paths == [problem.path for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (3, "The value is 3. Write a table of: at_once, calls_per_minute, failures, pause,"),
        ({"at_once": 2.5}, "The value is 2.5. Write a whole number from 1 to 1,000,000,000."),
        ({"at_once": True}, "The value is true. Write a whole number"),
        ({"pause": 10**5000}, "The value is a number of more than 18 digits. Write a number"),
        ({"pause": "a secret"}, "The value is a text. Write a number"),
        ({"pause": [7]}, "The value is an array. Write a number"),
        ({"pause": 0}, "The value is 0. Write a number above 0 and at most 1,000,000,000."),
        (
            {"pause": 10, "longest_pause": 5},
            "longest_pause is 5 s, shorter than pause, 10 s. Make it at least as long.",
        ),
        (
            {"speed": 3},
            "There is no setting of this name. Remove it; the settings here are: at_once,",
        ),
    ],
)
def test_a_problem_names_the_number_and_what_is_allowed(table: object, sentence: str) -> None:
    """The sentence of a problem names a number, and of a text only that it is one."""
    with pytest.raises(InvalidSettings) as caught:
        read_limits(table, "pace")
    assert [sentence] == [problem.message[: len(sentence)] for problem in caught.value.problems]


def test_a_connection_is_given_its_limits() -> None:
    """The table of limits is beside the adapter's settings, and is not one of them."""
    adapters = Adapters(TwoStepErp())
    made = build_connection("two_step_fake", {"pace": {"at_once": 1}}, {}, adapters)
    assert Limits(at_once=1) == made.limits
    assert "pace" not in made.settings
    assert build_connection("two_step_fake", {}, {}, adapters).limits is None


def test_a_bad_limit_is_reported_with_the_name_of_the_connection() -> None:
    """The path of a problem begins with the connection."""
    with pytest.raises(InvalidSettings) as caught:
        build_connection("two_step_fake", {"pace": {"at_once": 0}}, {}, Adapters(TwoStepErp()))
    assert ["connections.two_step_fake.pace.at_once"] == [
        each.path for each in caught.value.problems
    ]

"""Ratios, their targets and the rows of the report."""

from __future__ import annotations

import itertools

import pytest

from benchmarks.cost import CPU, STEPS, WALL, Cost
from benchmarks.ratio import SHOWN, LineResult, Target, at_least, at_most, contest, state


def _build(
    ours: list[float], theirs: list[float], target: Target, judged: tuple[str, ...] = (CPU,)
) -> LineResult:
    return LineResult(
        line="1a",
        work="a work",
        peer="a peer",
        target=target,
        ours=[Cost({CPU: figure, WALL: 2 * figure}) for figure in ours],
        theirs=[Cost({CPU: figure, WALL: figure}) for figure in theirs],
        judged=judged,
    )


def test_a_speed_is_the_cost_of_the_peer_over_ours() -> None:
    """A target of at least 0.5 is met at half the speed of the peer."""
    result = _build([4, 4, 4], [2, 2, 1], at_least(0.5))
    assert result.list_ratios(CPU) == [0.5, 0.5, 0.25]
    assert result.outcome == "met"


def test_a_cost_is_ours_over_that_of_the_peer() -> None:
    """A target of at most 1.3 is missed at twice the cost."""
    result = _build([4, 4, 4], [2, 2, 1], at_most(1.3))
    assert result.list_ratios(CPU) == [2, 2, 4]
    assert result.outcome == "MISSED by 0.7 (54%)"


@pytest.mark.parametrize(("target", "outcome"), [(at_least(0.5), "MISSED by 0.25 (50%)")])
def test_each_judged_measure_must_reach_the_target(target: Target, outcome: str) -> None:
    """The measure that is farthest from the target decides."""
    assert _build([4], [2], target, (CPU, WALL)).outcome == outcome
    assert _build([4], [2], target, (CPU,)).outcome == "met"


def test_a_row_without_a_target_is_shown() -> None:
    """Nothing is met or missed without a target, and the row has none."""
    result = _build([4], [2], SHOWN)
    assert result.outcome == "shown"
    assert ">=" not in str(result)


def test_a_figure_without_a_peer_is_the_ratio() -> None:
    """A count is compared with its limit, in both directions."""
    assert state("4a", "fsyncs", [1.0], at_most(1.05)).outcome == "met"
    assert state("4e", "slowest worker", [0.4], at_least(0.5)).outcome == "MISSED by 0.1 (20%)"
    assert state("4m", "booked twice", [0], at_most(0)).outcome == "met"


def test_ours_and_the_peers_take_turns() -> None:
    """Each round measures all of them, and the first one is thrown away."""
    turns = itertools.count(1)

    def measure() -> Cost:
        return Cost({STEPS: next(turns)})

    (result,) = contest(
        "4d", "a claim", measure, {"a peer": (measure, at_most(1))}, rounds=2, judged=(STEPS,)
    )
    assert [cost.figures[STEPS] for cost in result.ours] == [3, 5]
    assert [cost.figures[STEPS] for cost in result.theirs] == [4, 6]
    assert result.is_reached


def test_the_report_has_the_median_and_the_spread() -> None:
    """The row of the file has our figures, those of the peer and the ratios, by measure."""
    data = _build([4, 4, 4], [2, 2, 1], at_least(0.5)).as_plain_data()
    assert data["judged"] == [CPU]
    assert data["measures"] == {
        CPU: {"ours": 4, "peer": 2, "ratio_median": 0.5, "ratio_min": 0.25, "ratio_max": 0.5},
        WALL: {"ours": 8, "peer": 2, "ratio_median": 0.25, "ratio_min": 0.125, "ratio_max": 0.25},
    }

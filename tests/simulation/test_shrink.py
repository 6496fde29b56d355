"""Shrunk decisions are few and harmless, and still violate the invariant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .known_bugs import KNOWN_BUGS
from .runs import replay, simulate_number
from .shrink import shrink
from .stores import open_stores

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_only_what_matters_is_left() -> None:
    """Only the decisions that matter are left, in their places."""

    def breaks(decisions: Sequence[int]) -> bool:
        return len(decisions) > 5 and decisions[2] == 4 and decisions[5] > 0

    assert (0, 0, 4, 0, 0, 1) == shrink([3, 1, 4, 1, 5, 9, 2, 6] * 5, breaks)


def test_what_can_be_taken_out_is_taken_out() -> None:
    """Only the order of two decisions matters."""

    def breaks(decisions: Sequence[int]) -> bool:
        return 7 in decisions and 3 in decisions[list(decisions).index(7) :]

    assert (7, 3) == shrink([1, 7, 0, 0, 5, 5, 3, 2], breaks)


def test_number_of_runs_is_limited() -> None:
    """After ten runs the best list so far is returned."""
    tried: list[Sequence[int]] = []

    def breaks(decisions: Sequence[int]) -> bool:
        tried.append(decisions)
        return False

    assert (1,) * 64 == shrink([1] * 64, breaks, tries=10)
    assert 10 == len(tried)


@pytest.mark.soak
def test_known_bug_is_shrunk() -> None:
    """A handful of decisions is enough for an early look-up to book twice."""
    with KNOWN_BUGS["absence-too-early"].applied(), open_stores("memory") as new:
        broken = next(
            one
            for one in (simulate_number(114, number, new) for number in range(500))
            if one.violations
        )
        codes = {violation.code for violation in broken.violations}

        def breaks(decisions: Sequence[int]) -> bool:
            return codes <= {violation.code for violation in replay(decisions, new).violations}

        short = shrink(broken.decisions, breaks, tries=150)
        assert breaks(short)
        assert sum(map(bool, short)) < sum(map(bool, broken.decisions)) / 2

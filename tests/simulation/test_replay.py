"""A history is its decisions: the same ones tell the same, in every process and every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.postgres import fresh_schema

from .program import run_program
from .runs import replay, simulate_number
from .stores import open_stores

if TYPE_CHECKING:
    from collections.abc import Callable

    from .run import RunResult

_NUMBERS = range(40, 52)


def _all(
    simulate_many: Callable[..., RunResult], kind: str, dsn: str | None = None
) -> list[RunResult]:
    with open_stores(kind, dsn) as new:
        return [simulate_many(7, number, new) for number in _NUMBERS]


def test_one_history_is_told_alike_in_every_process() -> None:
    """However Python hashes there, decisions and the seal over all events are the same."""
    first = run_program("--seed", "5", "--run", "17", PYTHONHASHSEED="1")
    second = run_program("--seed", "5", "--run", "17", PYTHONHASHSEED="2")

    assert (0, 0) == (first.returncode, second.returncode)
    assert "seal " in first.stdout
    assert first.stdout == second.stdout


def test_decisions_tell_the_history_again() -> None:
    """What was drawn by chance and what is read from the list lead to the same events."""
    with open_stores("memory") as new:
        for number in _NUMBERS:
            drawn = simulate_number(7, number, new)
            assert drawn == replay(drawn.decisions, new)


def test_sqlite_keeps_what_memory_keeps() -> None:
    """The same history leaves the same events behind, whatever fails in the store."""
    assert _all(simulate_number, "memory") == _all(simulate_number, "sqlite")


def test_postgresql_keeps_what_memory_keeps() -> None:
    """The same history leaves the same events behind, whatever fails in the store."""
    with fresh_schema() as dsn:
        assert _all(simulate_number, "memory") == _all(simulate_number, "postgres", dsn)


def test_decisions_that_are_not_there_are_harmless() -> None:
    """No decision at all: one invoice goes its way into one ERP, and nothing goes wrong."""
    with open_stores("memory") as new:
        one = replay([], new)

    assert ((), 0, 0) == (one.violations, one.counts.total(), one.unknowns)


@pytest.mark.parametrize("decision", [99, -1])
def test_decision_without_an_option_is_the_harmless_one(decision: int) -> None:
    """A list that somebody wrote by hand cannot point beside the menu."""
    with open_stores("memory") as new:
        assert replay([0] * 30, new).seal == replay([decision] * 30, new).seal

"""The same decisions give the same run, in every process and every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.stores.postgres.unit_of_work import PendingWrites
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


def test_a_run_is_the_same_in_every_process() -> None:
    """Decisions and seal are the same whatever seed Python hashes with."""
    first = run_program("--seed", "5", "--run", "17", PYTHONHASHSEED="1")
    second = run_program("--seed", "5", "--run", "17", PYTHONHASHSEED="2")

    assert (0, 0) == (first.returncode, second.returncode)
    assert "seal " in first.stdout
    assert first.stdout == second.stdout


def test_decisions_replay_the_run() -> None:
    """Decisions drawn at random and the same ones read from a list give the same run."""
    with open_stores("memory") as new:
        for number in _NUMBERS:
            drawn = simulate_number(7, number, new)
            assert drawn == replay(drawn.decisions, new)


def test_sqlite_keeps_what_memory_keeps() -> None:
    """The same run leads to the same events, whatever fails in the store."""
    assert _all(simulate_number, "memory") == _all(simulate_number, "sqlite")


def test_postgresql_keeps_what_memory_keeps() -> None:
    """The same run leads to the same events, whatever fails in the store."""
    with fresh_schema() as dsn:
        assert _all(simulate_number, "memory") == _all(simulate_number, "postgres", dsn)


def test_postgresql_creates_new_entries_with_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    """The statement by which PostgreSQL creates the entries of new invoices is simulated, too."""
    built = []
    build = PendingWrites.build_creation

    def count(writes: PendingWrites) -> tuple[object, ...]:
        built.append(writes)
        return build(writes)

    monkeypatch.setattr(PendingWrites, "build_creation", count)
    with fresh_schema() as dsn:
        _all(simulate_number, "postgres", dsn)

    assert len(built) >= len(_NUMBERS)


def test_decisions_that_are_not_there_are_harmless() -> None:
    """Without decisions one invoice is exported to one ERP, and there are no faults."""
    with open_stores("memory") as new:
        one = replay([], new)

    assert ((), 0, 0) == (one.violations, one.counts.total(), one.unknowns)


@pytest.mark.parametrize("decision", [99, -1])
def test_decision_without_an_option_is_the_harmless_one(decision: int) -> None:
    """A number outside of the menu, in a list written by hand, is the harmless option."""
    with open_stores("memory") as new:
        assert replay([0] * 30, new).seal == replay([decision] * 30, new).seal

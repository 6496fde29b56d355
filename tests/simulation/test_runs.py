"""Runs of the simulation in memory and in each real store have no violation."""

from __future__ import annotations

import re

import pytest

from tests.postgres import fresh_schema

from .erp_traits import Row
from .faults import Fault
from .program import run_program

_LINE = re.compile(
    r"(\d+) runs, (\d+) faults of which (\d+) crashes, (\d+) unknowns resolved, violations 0"
)


def _result(*arguments: str) -> list[str]:
    """Return the printed lines, if no invariant was violated."""
    run = run_program(*arguments, "--table")

    assert (0, "") == (run.returncode, run.stderr), run.stdout
    return run.stdout.splitlines()


@pytest.mark.parametrize(
    "runs",
    [pytest.param(2_000, id="quick"), pytest.param(10_000, id="long", marks=pytest.mark.soak)],
)
def test_thousands_of_runs_have_no_violation(runs: int) -> None:
    """Runs in memory inject every kind of fault and reach every row of the promise table."""
    *table, last = _result("--runs", str(runs), "--seed", "1")
    happened = {line.split(maxsplit=1)[1] for line in table if line.split()[0] != "0"}

    figures = _LINE.fullmatch(last)
    assert figures is not None, last
    done, faults, crashes, resolved = map(int, figures.groups())
    assert runs == done
    assert faults > 4 * runs
    assert crashes > runs / 3  # a worker that looks without a transaction has fewer such points
    assert resolved > runs / 2
    assert set() == {fault.value for fault in Fault} - happened
    assert set() == {f"row of the promise table: {row.value}" for row in Row} - happened


@pytest.mark.parametrize(
    "runs", [pytest.param(150, id="quick"), pytest.param(1_000, id="long", marks=pytest.mark.soak)]
)
def test_runs_on_sqlite_have_no_violation(runs: int) -> None:
    """Runs on SQLite files, with a connection for each process, have none."""
    last = _result("--runs", str(runs), "--seed", "2", "--store", "sqlite")[-1]

    assert _LINE.fullmatch(last)


@pytest.mark.parametrize(
    "runs", [pytest.param(100, id="quick"), pytest.param(1_000, id="long", marks=pytest.mark.soak)]
)
def test_runs_on_postgresql_have_no_violation(runs: int) -> None:
    """Runs on PostgreSQL, with a connection for each process, have none."""
    with fresh_schema() as dsn:
        words = ("--runs", str(runs), "--seed", "3", "--store", "postgres", "--dsn", dsn)
        last = _result(*words)[-1]

    assert _LINE.fullmatch(last)

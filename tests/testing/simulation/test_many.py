"""Ten thousand histories in memory, and some hundreds in each real store, break no promise."""

from __future__ import annotations

import re

import pytest

from erp_invoice_core.testing.simulation import Fault, Row
from tests.postgres import fresh_schema

from .running import simulated

_LINE = re.compile(
    r"(\d+) histories, (\d+) faults of which (\d+) crashes, (\d+) unknowns resolved, violations 0"
)


def _told(*arguments: str) -> list[str]:
    """Return the lines of a run that broke nothing."""
    run = simulated(*arguments, "--table")

    assert (0, "") == (run.returncode, run.stderr), run.stdout
    return run.stdout.splitlines()


@pytest.mark.parametrize("first", ["0", "5000"])
def test_ten_thousand_histories_break_no_promise(first: str) -> None:
    """In memory: every kind of fault happens, every row of the promise table is hit."""
    *table, last = _told("--histories", "5000", "--first", first, "--seed", "1")
    happened = {line.split(maxsplit=1)[1] for line in table if line.split()[0] != "0"}

    figures = _LINE.fullmatch(last)
    assert figures is not None, last
    histories, faults, crashes, resolved = map(int, figures.groups())
    assert 5_000 == histories
    assert faults > 10_000
    assert crashes > 1_000
    assert resolved > 1_000
    assert set() == {fault.value for fault in Fault} - happened
    assert set() == {f"row of the promise table: {row.value}" for row in Row} - happened


def test_histories_on_sqlite_break_no_promise() -> None:
    """Three hundred of them on SQLite files: every process has its own connection."""
    last = _told("--histories", "300", "--seed", "2", "--store", "sqlite")[-1]

    assert _LINE.fullmatch(last)


def test_histories_on_postgresql_break_no_promise() -> None:
    """Two hundred of them on a PostgreSQL server: every process has its own connection."""
    with fresh_schema() as dsn:
        last = _told("--histories", "200", "--seed", "3", "--store", "postgres", "--dsn", dsn)[-1]

    assert _LINE.fullmatch(last)

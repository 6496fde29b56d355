"""A worker killed at any point loses nothing and books nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.long_runs import keep_rows
from tests.time_limit import TIME_LIMIT

ROOT = Path(__file__).parents[2]
#: The least number of points at which a worker is killed, by scenario: 411 in all. The
#: fake replaces its file only if something has changed.
KILL_POINTS = {
    "ledger-one": 49,
    "ledger-three": 63,
    "fake-plain": 37,
    "fake-two": 64,
    "fake-create-lost": 28,
    "fake-post-lost": 37,
    "fake-create-dropped": 26,
    "fake-post-refused": 35,
    "fake-boundless": 28,
    "fake-withdraw": 22,
    "fake-withdraw-lost": 22,
}
#: Every run takes a ledger, an ERP of two steps and one without a bound; the long runs take all.
_USUAL = ("ledger-three", "fake-two", "fake-boundless")


def run_forking_module(module: str, *arguments: str) -> Any:  # noqa: ANN401 - whatever JSON it prints
    """Run a module that forks, alone in a new process, and return its output."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.crash.{module}", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("scenario", keep_rows(KILL_POINTS, _USUAL))
def test_a_kill_at_every_point(scenario: str) -> None:
    """After a kill at any point, new workers export each invoice exactly once."""
    found = run_forking_module("kill_runs", scenario)
    print(f"{scenario}: killed at {found['points']} points")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= KILL_POINTS[scenario]


@pytest.mark.parametrize("scenario", ["ledger-three", "fake-two"])
def test_kills_one_after_the_other(scenario: str) -> None:
    """Workers killed one after the other, also during recovery, lose nothing and book once."""
    found = run_forking_module("kill_runs", scenario, "12")
    print(f"{scenario}: {found['points']} kills in 12 rows")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= 20


@pytest.mark.parametrize(
    ("scenario", "stride"),
    keep_rows([("ledger-three", "6"), ("fake-two", "6")], [("ledger-three", "6")]),
)
def test_one_of_two_workers_is_killed(scenario: str, stride: str) -> None:
    """Of two workers one is killed: the other one exports everything, once."""
    found = run_forking_module("concurrent_workers", "race", scenario, stride)
    print(f"{scenario}: {found['points']} kills beside a living worker")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= 3


@pytest.mark.parametrize(
    ("scenario", "points"),
    keep_rows([("ledger-one", 14), ("fake-plain", 18)], [("ledger-one", 14)]),
)
def test_a_stopped_worker_continues_after_its_lease(scenario: str, points: int) -> None:
    """A worker stopped past its lease is replaced; its late answer is recorded."""
    found = run_forking_module("concurrent_workers", "stop", scenario)
    print(f"{scenario}: stopped at {found['points']} points")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= points

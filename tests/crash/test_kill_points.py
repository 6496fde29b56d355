"""A worker killed at any point loses nothing and books nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
#: At how many points a worker is killed at least, by scene: 493 in all.
KILL_POINTS = {
    "ledger-one": 53,
    "ledger-three": 69,
    "fake-plain": 46,
    "fake-two": 79,
    "fake-create-lost": 34,
    "fake-post-lost": 46,
    "fake-create-dropped": 34,
    "fake-post-refused": 44,
    "fake-boundless": 34,
    "fake-withdraw": 27,
    "fake-withdraw-lost": 27,
}


def told(module: str, *arguments: str) -> Any:  # noqa: ANN401 - whatever JSON it prints
    """Run a module that forks, alone in a fresh process, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.crash.{module}", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("scene", KILL_POINTS)
def test_a_kill_at_every_point(scene: str) -> None:
    """Wherever a worker is killed, fresh ones bring each invoice into the ERP exactly once."""
    found = told("kill_runs", scene)
    print(f"{scene}: killed at {found['points']} points")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= KILL_POINTS[scene]


@pytest.mark.parametrize("scene", ["ledger-three", "fake-two"])
def test_kills_one_after_the_other(scene: str) -> None:
    """Workers killed one after the other, whoever recovers too, lose nothing and book once."""
    found = told("kill_runs", scene, "12")
    print(f"{scene}: {found['points']} kills in 12 rows")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= 20


@pytest.mark.parametrize(("scene", "stride"), [("ledger-three", "6"), ("fake-two", "6")])
def test_one_of_two_workers_is_killed(scene: str, stride: str) -> None:
    """Two workers at once, one of them killed: the other one does it all, once."""
    found = told("concurrent_workers", "race", scene, stride)
    print(f"{scene}: {found['points']} kills beside a living worker")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= 3


@pytest.mark.parametrize(("scene", "points"), [("ledger-one", 17), ("fake-plain", 22)])
def test_a_stopped_worker_wakes_after_its_lease(scene: str, points: int) -> None:
    """A worker stopped past its lease is replaced; what it says when it wakes is kept."""
    found = told("concurrent_workers", "stop", scene)
    print(f"{scene}: stopped at {found['points']} points")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= points

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
#: At how many points a worker is killed at least, by scene: 488 in all.
KILL_POINTS = {
    "ledger-one": 50,
    "ledger-three": 70,
    "fake-plain": 48,
    "fake-two": 85,
    "fake-create-lost": 33,
    "fake-post-lost": 45,
    "fake-create-dropped": 30,
    "fake-post-refused": 45,
    "fake-boundless": 30,
    "fake-withdraw": 26,
    "fake-withdraw-lost": 26,
}


def told(module: str, *arguments: str) -> Any:  # noqa: ANN401 - whatever JSON it prints
    """Run a module that forks, alone in a fresh process, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.kills.{module}", *arguments],
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
    found = told("room", scene)
    print(f"{scene}: killed at {found['points']} points")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= KILL_POINTS[scene]


@pytest.mark.parametrize("scene", ["ledger-three", "fake-two"])
def test_kills_one_after_the_other(scene: str) -> None:
    """Workers killed one after the other, whoever recovers too, lose nothing and book once."""
    found = told("room", scene, "12")
    print(f"{scene}: {found['points']} kills in 12 rows")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= 20


@pytest.mark.parametrize(("scene", "stride"), [("ledger-three", "6"), ("fake-two", "6")])
def test_one_of_two_workers_is_killed(scene: str, stride: str) -> None:
    """Two workers at once, one of them killed: the other one does it all, once."""
    found = told("together", "race", scene, stride)
    print(f"{scene}: {found['points']} kills beside a living worker")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= 3


@pytest.mark.parametrize(("scene", "points"), [("ledger-one", 14), ("fake-plain", 20)])
def test_a_stopped_worker_wakes_after_its_lease(scene: str, points: int) -> None:
    """A worker stopped past its lease is replaced; what it says when it wakes is kept."""
    found = told("together", "stop", scene)
    print(f"{scene}: stopped at {found['points']} points")  # noqa: T201 - a figure for the docs
    assert [] == found["problems"]
    assert found["points"] >= points

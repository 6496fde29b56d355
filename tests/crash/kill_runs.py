"""A process that starts workers and kills them; it prints a report as JSON."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crash.clocks import SetClock
from tests.crash.kill_points import Points, watch_files
from tests.crash.scenarios import SCENARIOS, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

_LOST = 70
_ROUNDS = 5


def start_process(act: Callable[[], None]) -> int:
    """Run a function in a new process and return the id of the process."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = _LOST
        try:
            act()
            status = 0
        except BaseException:  # noqa: BLE001 - the child must end here, whatever happened
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return child


def wait_for_process(child: int) -> int:
    """Wait for a process; return its exit status, below zero the signal that ended it."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def has_ended(child: int) -> bool:
    """Return whether a process has ended; it can still be waited for."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def run_forked(act: Callable[[], None]) -> int:
    """Run a function in a new process; return its exit status."""
    return wait_for_process(start_process(act))


def list_points(
    scenario: Scenario, template: Path, folder: Path, *, files: bool = True
) -> list[str]:
    """Return the points that a worker passes if it is not killed."""
    shutil.copytree(template, folder)
    clock = SetClock(folder / "clock")

    def count() -> None:
        points = Points()
        if files:
            watch_files(points, scenario.stride)
        scenario.work(folder, clock, points)
        names = list(points.names)
        (folder / "points.json").write_text(json.dumps(names), encoding="utf-8")

    assert 0 == run_forked(count)
    names: list[str] = json.loads((folder / "points.json").read_text(encoding="utf-8"))
    return names


def kill_at(scenario: Scenario, folder: Path, at: int) -> bool:
    """Kill a worker at a point; return whether it reached the point."""
    clock = SetClock(folder / "clock")

    def die() -> None:
        points = Points(at)
        watch_files(points, scenario.stride)
        scenario.work(folder, clock, points)

    status = run_forked(die)
    assert status in {0, -signal.SIGKILL}, status
    return status == -signal.SIGKILL


def recover(scenario: Scenario, folder: Path) -> list[str]:
    """Have new workers go on, then people; return the problems."""
    clock = SetClock(folder / "clock")
    for _ in range(_ROUNDS):
        if 0 != run_forked(lambda: scenario.work(folder, clock)):
            return ["a worker broke down"]
        if scenario.is_done(scenario.open(folder, clock)):
            break
        clock.sleep(30)
    return scenario.finish(folder, clock)


def kill_at_every_point(name: str, base: Path) -> dict[str, object]:
    """Kill a worker at every point, each time in a fresh copy."""
    scenario = SCENARIOS[name]
    template = prepare_template(scenario, base)
    names = list_points(scenario, template, base / "count")
    problems = []
    for at, point in enumerate(names):
        folder = base / str(at)
        shutil.copytree(template, folder)
        if not kill_at(scenario, folder, at):
            problems.append(f"{at} {point}: was not reached")
        problems += [f"{at} {point}: {each}" for each in recover(scenario, folder)]
        shutil.rmtree(folder)
    return {"points": len(names), "problems": problems}


def kill_repeatedly(name: str, base: Path, seeds: int) -> dict[str, object]:
    """Kill one worker after the other, each at a random point, then let one live."""
    scenario = SCENARIOS[name]
    template = prepare_template(scenario, base)
    most = len(list_points(scenario, template, base / "count"))
    problems, kills = [], 0
    for seed in range(seeds):
        chance = random.Random(seed)
        folder = base / str(seed)
        shutil.copytree(template, folder)
        for _ in range(4):
            kills += kill_at(scenario, folder, chance.randrange(most))
            SetClock(folder / "clock").sleep(chance.choice((0, 2, 90)))
        problems += [f"seed {seed}: {each}" for each in recover(scenario, folder)]
        shutil.rmtree(folder)
    return {"points": kills, "problems": problems}


def prepare_template(scenario: Scenario, base: Path) -> Path:
    """Return a folder with a complete set-up, to be copied."""
    template = base / "template"
    template.mkdir()
    assert 0 == run_forked(lambda: scenario.prepare(template, SetClock(template / "clock")))
    return template


def _main(name: str, *more: str) -> None:
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        often = int(more[0]) if more else 0
        found = kill_repeatedly(name, folder, often) if often else kill_at_every_point(name, folder)
    print(json.dumps(found))  # noqa: T201 - the answer to the test that started it


if __name__ == "__main__":
    _main(*sys.argv[1:])

"""A process with two workers on the same entries: one is killed, or stopped for a while."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from erp_invoice_core import ExportStatus
from tests.crash.clocks import FastClock, SetClock
from tests.crash.kill_points import Points, watch_files
from tests.crash.kill_runs import list_points, prepare_template, start_process, wait_for_process
from tests.crash.scenarios import SCENARIOS, Scenario

_TIMES = 60.0
_AT_ONCE = 6
_HOUR = 3600
_TIME_LIMIT = 100


def race_workers(
    scenario: Scenario, template: Path, folder: Path, at: int
) -> tuple[bool, list[str]]:
    """Run two workers, and kill one at a point; return whether it was killed, and the problems."""
    shutil.copytree(template, folder)
    clock = FastClock(time.monotonic(), _TIMES)

    def die() -> None:
        points = Points(at)
        watch_files(points, scenario.stride)
        scenario.work(folder, clock, points)

    mortal, other = start_process(die), start_process(lambda: scenario.work(folder, clock))
    statuses = wait_for_process(other), wait_for_process(mortal)
    problems = [] if 0 == statuses[0] else ["the other worker broke down"]
    for _ in range(_TIME_LIMIT):
        if scenario.is_done(scenario.open(folder, clock)):
            break
        scenario.work(folder, clock)
        time.sleep(0.05)
    later = SetClock(folder / "clock")
    later.sleep((clock() - later()).total_seconds())
    return statuses[1] == -signal.SIGKILL, [*problems, *scenario.finish(folder, later)]


def run_races(name: str, base: Path, stride: int) -> dict[str, object]:
    """Kill one of two workers at every ``stride``-th point, several races at a time."""
    scenario = SCENARIOS[name]
    template = prepare_template(scenario, base)
    most = len(list_points(scenario, template, base / "count"))
    places = list(range(0, most, stride))

    def run(at: int) -> None:
        results = race_workers(scenario, template, base / str(at), at)
        (base / f"{at}.json").write_text(json.dumps(results), encoding="utf-8")

    for first in range(0, len(places), _AT_ONCE):
        now = places[first : first + _AT_ONCE]
        children = [start_process(lambda at=at: run(at)) for at in now]  # type: ignore[misc]  # bound here
        assert {0} == {wait_for_process(child) for child in children}
    results = {at: json.loads((base / f"{at}.json").read_text(encoding="utf-8")) for at in places}
    problems = [
        f"{at}: {each}" for at, (_, find_problems) in results.items() for each in find_problems
    ]
    return {"points": sum(killed for killed, _ in results.values()), "problems": problems}


def stop_worker(scenario: Scenario, template: Path, folder: Path, at: int) -> list[str]:
    """Stop a worker past its lease, have another take over, and let the first go on."""
    shutil.copytree(template, folder)
    clock = SetClock(folder / "clock")
    sleeper = start_process(lambda: scenario.work(folder, clock, Points(at, signal.SIGSTOP)))
    _, status = os.waitpid(sleeper, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    problems = []
    for _ in range(4):
        clock.sleep(_HOUR)
        if 0 != wait_for_process(start_process(lambda: scenario.work(folder, clock))):
            problems.append("the other worker broke down")
    site = scenario.open(folder, clock)
    problems += scenario.find_problems(site)
    before = [entry.seq for entry in site.entries]
    if any(entry.status is not ExportStatus.SYNCED for entry in site.entries):
        problems.append(f"no worker took over: {scenario.outcomes(site)}")
    os.kill(sleeper, signal.SIGCONT)
    if 0 != wait_for_process(sleeper):
        problems.append("the stopped worker broke down")
    after = [entry.seq for entry in site.entries]
    return [
        *problems,
        *scenario.finish(folder, clock),
        *(["recorded"] if after != before else []),
    ]


def run_stops(name: str, base: Path) -> dict[str, object]:
    """Stop a worker at each point where it holds no lock, one point after the other."""
    scenario = SCENARIOS[name]
    template = prepare_template(scenario, base)
    names = list_points(scenario, template, base / "count", files=False)
    problems, late_answers, points = [], 0, 0
    for at, point in enumerate(names):
        if point == "before commit":
            continue
        points += 1
        for each in stop_worker(scenario, template, base / str(at), at):
            if each == "recorded":
                late_answers += point in {"before write", "after write"}
            else:
                problems.append(f"{at} {point}: {each}")
    writes = sum(point in {"before write", "after write"} for point in names)
    if late_answers != writes:
        problems.append(f"{late_answers} of {writes} interrupted calls were recorded afterwards")
    return {"points": points, "problems": problems}


def _main(how: str, name: str, *more: str) -> None:
    with tempfile.TemporaryDirectory() as base:
        found = (
            run_races(name, Path(base), int(more[0]))
            if how == "race"
            else run_stops(name, Path(base))
        )
    print(json.dumps(found))  # noqa: T201 - the answer to the test that started it


if __name__ == "__main__":
    _main(*sys.argv[1:])

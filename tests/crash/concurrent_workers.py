"""A process that has workers at the same entries at once: one is killed, or stopped for a while."""

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
from tests.crash.kill_runs import begun, ended, prepared, reached
from tests.crash.scenarios import SCENES, Scene

_TIMES = 60.0
_AT_ONCE = 6
_HOUR = 3600
_PATIENCE = 100


def raced(scene: Scene, template: Path, folder: Path, at: int) -> tuple[bool, list[str]]:
    """Have two workers work at once, one killed at a point; whether it was, and what is wrong."""
    shutil.copytree(template, folder)
    clock = FastClock(time.monotonic(), _TIMES)

    def die() -> None:
        points = Points(at)
        watch_files(points, scene.stride)
        scene.work(folder, clock, points)

    mortal, other = begun(die), begun(lambda: scene.work(folder, clock))
    statuses = ended(other), ended(mortal)
    problems = [] if 0 == statuses[0] else ["the other worker broke down"]
    for _ in range(_PATIENCE):
        if scene.is_done(scene.open(folder, clock)):
            break
        scene.work(folder, clock)
        time.sleep(0.05)
    later = SetClock(folder / "clock")
    later.sleep((clock() - later()).total_seconds())
    return statuses[1] == -signal.SIGKILL, [*problems, *scene.finish(folder, later)]


def races(name: str, base: Path, stride: int) -> dict[str, object]:
    """Kill one of two workers at every so manieth point, several races at a time."""
    scene = SCENES[name]
    template = prepared(scene, base)
    most = len(reached(scene, template, base / "count"))
    places = list(range(0, most, stride))

    def run(at: int) -> None:
        told = raced(scene, template, base / str(at), at)
        (base / f"{at}.json").write_text(json.dumps(told), encoding="utf-8")

    for first in range(0, len(places), _AT_ONCE):
        now = places[first : first + _AT_ONCE]
        children = [begun(lambda at=at: run(at)) for at in now]  # type: ignore[misc]  # bound here
        assert {0} == {ended(child) for child in children}
    told = {at: json.loads((base / f"{at}.json").read_text(encoding="utf-8")) for at in places}
    problems = [f"{at}: {each}" for at, (_, wrong) in told.items() for each in wrong]
    return {"points": sum(killed for killed, _ in told.values()), "problems": problems}


def stopped(scene: Scene, template: Path, folder: Path, at: int) -> list[str]:
    """Stop a worker past its lease, have another take over, and let the first go on."""
    shutil.copytree(template, folder)
    clock = SetClock(folder / "clock")
    sleeper = begun(lambda: scene.work(folder, clock, Points(at, signal.SIGSTOP)))
    _, status = os.waitpid(sleeper, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    problems = []
    for _ in range(4):
        clock.sleep(_HOUR)
        if 0 != ended(begun(lambda: scene.work(folder, clock))):
            problems.append("the other worker broke down")
    site = scene.open(folder, clock)
    problems += scene.wrong(site)
    before = [entry.seq for entry in site.entries]
    if any(entry.status is not ExportStatus.SYNCED for entry in site.entries):
        problems.append(f"nobody took over: {scene.outcomes(site)}")
    os.kill(sleeper, signal.SIGCONT)
    if 0 != ended(sleeper):
        problems.append("the stopped worker broke down")
    after = [entry.seq for entry in site.entries]
    return [*problems, *scene.finish(folder, clock), *(["told"] if after != before else [])]


def stops(name: str, base: Path) -> dict[str, object]:
    """Stop a worker wherever it holds no lock, one point after the other."""
    scene = SCENES[name]
    template = prepared(scene, base)
    names = reached(scene, template, base / "count", files=False)
    problems, testimonies, points = [], 0, 0
    for at, point in enumerate(names):
        if point == "before commit":
            continue
        points += 1
        for each in stopped(scene, template, base / str(at), at):
            if each == "told":
                testimonies += point in {"before write", "after write"}
            else:
                problems.append(f"{at} {point}: {each}")
    writes = sum(point in {"before write", "after write"} for point in names)
    if testimonies != writes:
        problems.append(f"{testimonies} of {writes} interrupted calls were told afterwards")
    return {"points": points, "problems": problems}


def _main(how: str, name: str, *more: str) -> None:
    with tempfile.TemporaryDirectory() as base:
        found = races(name, Path(base), int(more[0])) if how == "race" else stops(name, Path(base))
    print(json.dumps(found))  # noqa: T201 - its answer to the test that started it


if __name__ == "__main__":
    _main(*sys.argv[1:])

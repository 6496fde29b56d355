"""Eight worker processes on one SQLite file: nothing twice, nobody starved, nobody kept waiting."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import attrs

from .disk import QUICK, fsync_seconds
from .queue_driver import on_sqlite
from .ratio import Result, Target, build_unpaired_result

__all__ = ["measure"]

PROCESSES = 8
SECONDS = 4.0
JOBS = 6_000
ROUNDS = 3
TRIES = 8


@attrs.frozen(kw_only=True)
class Round:
    """
    What eight processes did in a few seconds.

    Attributes:
        probe: How long an fsync took, before and after: the longer one, in seconds.
        exports: Of each process.
        twice: Exports that more than one process made.
        longest: The longest that anyone waited for a turn, in seconds.
    """

    probe: float
    exports: tuple[int, ...]
    twice: int
    longest: float


def _round(folder: Path) -> Round:
    driver = on_sqlite(folder)
    driver.ready_to_export(range(JOBS))
    driver.store.close()
    before = fsync_seconds(folder)
    command = [sys.executable, "-m", "benchmarks.concurrent_worker", str(folder), str(SECONDS)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    answers = []
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        told, _ = process.communicate(timeout=60)
        answers.append(json.loads(told))
    keys = [key for answer in answers for key in answer["keys"]]
    assert len(keys) < JOBS, "The queue ran dry: fairness cannot be told."
    return Round(
        probe=max(before, fsync_seconds(folder)),
        exports=tuple(len(answer["keys"]) for answer in answers),
        twice=len(keys) - len(set(keys)),
        longest=max(answer["longest"] for answer in answers),
    )


def rounds() -> list[Round]:
    """Return the rounds that count: those with a quick disk, or all where there are none."""
    every: list[Round] = []
    quick: list[Round] = []
    while len(quick) < ROUNDS and len(every) < TRIES:
        with tempfile.TemporaryDirectory() as name:
            every.append(_round(Path(name)))
        quick = [one for one in every if one.probe < QUICK]
    if not quick:
        print("4e: no round had a quick disk; all of them are shown")
    return quick or every


def measure() -> list[Result]:
    """Line 4e."""
    done = rounds()
    return [
        build_unpaired_result(
            "4e exports made twice", tuple(one.twice for one in done), Target(limit=0)
        ),
        build_unpaired_result(
            "4e slowest / fastest worker",
            tuple(min(one.exports) / max(one.exports) for one in done),
            Target(limit=0.5, at_most=False),
        ),
        build_unpaired_result(
            "4e longest wait, ms",
            tuple(one.longest * 1000 for one in done),
            Target(limit=100),
        ),
    ]

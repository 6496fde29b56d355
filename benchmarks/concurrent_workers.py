"""Line 4e: eight worker processes on one SQLite file."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from .disk import QUICK, fsync_seconds
from .queue_driver import on_sqlite
from .ratio import SHOWN, LineResult, at_least, at_most, state

if TYPE_CHECKING:
    from .effort import Effort

PROCESSES = 8
SECONDS = 4.0
JOBS = 6_000
ROUNDS = 3


@attrs.frozen(kw_only=True)
class Round:
    """
    The work of eight processes in a few seconds.

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
        output, _ = process.communicate(timeout=60)
        answers.append(json.loads(output))
    keys = [key for answer in answers for key in answer["keys"]]
    assert len(keys) < JOBS, "The queue ran dry: fairness cannot be measured."
    return Round(
        probe=max(before, fsync_seconds(folder)),
        exports=tuple(len(answer["keys"]) for answer in answers),
        twice=len(keys) - len(set(keys)),
        longest=max(answer["longest"] for answer in answers),
    )


def measure_rounds(wanted: int) -> tuple[list[Round], bool]:
    """Return that number of rounds with a quick disk, and ``True``; or all, if there are none."""
    every: list[Round] = []
    quick: list[Round] = []
    while len(quick) < wanted and len(every) < 2 * wanted:
        with tempfile.TemporaryDirectory() as name:
            every.append(_round(Path(name)))
        quick = [one for one in every if one.probe < QUICK]
    return (quick, True) if quick else (every, False)


def measure(effort: Effort) -> list[LineResult]:
    """Return what eight workers did; how long they waited is judged with a quick disk alone."""
    done, is_quick = measure_rounds(effort.rounds(ROUNDS))
    longest = [one.longest * 1000 for one in done]
    return [
        state("4e", "exports made twice", [one.twice for one in done], at_most(0)),
        state(
            "4e",
            "slowest worker",
            [min(one.exports) / max(one.exports) for one in done],
            at_least(0.5),
            peer="fastest worker",
        ),
        state(
            "4e",
            "longest wait, ms",
            longest,
            at_most(100) if is_quick else SHOWN,
            peer="a quick disk" if is_quick else "a slow disk",
        ),
    ]


LINES = {"4e": measure}

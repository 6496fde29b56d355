"""Line 5c and the last: the command, verb by verb, beside a fixed loop in Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from .cost import CPU, WALL, Cost
from .procore_file import build_file
from .ratio import LineResult, at_most, contest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .effort import Effort

VERBS = ("load", "send", "accept", "work")
#: The seconds of CPU that each verb may take for 1,000 invoices of 50 lines, where the loop below
#: takes one.
LIMITS = {"load": 4, "send": 3, "accept": 2, "work": 8}
#: A loop that takes about a second of CPU on the machine of the targets, where the command of
#: version 0.1 took 0.53 s for an empty list, and 8.8 s to load 1,000 invoices of 50 lines. It has
#: the mixture of a program in Python: calls, texts, dicts and decimals.
LOOP = """\
from decimal import Decimal
def add(found, number):
    key = f"line-{number % 997}"
    found[key] = found.get(key, Decimal(0)) + Decimal(number) / 100
found = {}
for number in range(ROUNDS):
    add(found, number)
assert len(found) == 997
"""
ROUNDS = 1_680_000


def run(command: Sequence[str]) -> Cost:
    """Run a program; return the CPU time of its process, and the wall time."""
    wall = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - wall
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost({CPU: usage.ru_utime + usage.ru_stime, WALL: wall})


def run_loop() -> Cost:
    """Run the fixed loop."""
    return run([sys.executable, "-c", LOOP.replace("ROUNDS", str(ROUNDS))])


def invoke(verb: str, *arguments: str) -> Cost:
    """Run a verb of the command."""
    return run([sys.executable, "-m", "erp_invoice_core.cli", verb, *arguments])


@attrs.frozen
class Project:
    """A folder with a file of invoices, and the database beside it."""

    folder: Path
    invoices: int

    def run_verb(self, verb: str) -> Cost:
        """Run a verb on all invoices."""
        ids = [str(number) for number in range(self.invoices)]
        file = self.folder / "invoices.json"
        arguments = {
            "load": [str(file), "--max-size", str(file.stat().st_size)],
            "send": [*ids, "--as", "pm"],
            "accept": [*ids, "--as", "ap"],
            "work": ["--until-idle"],
        }[verb]
        database = str(self.folder / "erp.db")
        return invoke(verb, "--db", database, *arguments)

    def count_synced(self) -> int:
        """Return how many invoices are in the ledger."""
        command = [sys.executable, "-m", "erp_invoice_core.cli", "list", "--json"]
        answer = subprocess.run(
            [*command, "--db", str(self.folder / "erp.db")], check=True, capture_output=True
        )
        rows = json.loads(answer.stdout)["entries"]
        return sum(row["status"] == "synced" for row in rows)


@contextmanager
def write_project(invoices: int, *, lines: int, siblings: int) -> Iterator[Project]:
    """Write the file of a project."""
    with tempfile.TemporaryDirectory() as name:
        project = Project(Path(name), invoices)
        data = build_file(range(invoices), lines=lines, siblings=siblings)
        (project.folder / "invoices.json").write_text(json.dumps(data))
        yield project


def _list_empty() -> Cost:
    """List an empty database: one record of each kind but no invoice."""
    with tempfile.TemporaryDirectory() as name:
        database = str(Path(name) / "erp.db")
        file = Path(name) / "empty.json"
        file.write_text(json.dumps(build_file(range(0), lines=1)))
        invoke("load", "--db", database, str(file))
        return invoke("list", "--db", database)


def measure_verbs(effort: Effort) -> Iterator[LineResult]:
    """Line 5c; a verb cannot be repeated on a database, therefore each round has its own."""
    yield from contest(
        "5c",
        "list of an empty database",
        _list_empty,
        {"0.3 x the loop": (lambda: _scale(run_loop(), 0.3), at_most(1))},
        rounds=effort.rounds(11),
        judged=(CPU,),
    )
    invoices = 1_000
    taken: dict[str, list[Cost]] = {verb: [] for verb in VERBS}
    loops = []
    for _ in range(effort.choose(3, 1)):
        with write_project(invoices, lines=50, siblings=12) as project:
            for verb in VERBS:
                taken[verb].append(project.run_verb(verb))
            loops.append(run_loop())
            assert project.count_synced() == invoices
    for verb, limit in LIMITS.items():
        yield LineResult(
            line="5c",
            work=f"{verb}, {invoices:,} invoices x 50 lines",
            peer="the loop",
            target=at_most(limit),
            ours=taken[verb],
            theirs=loops,
            judged=(CPU,),
        )


def _scale(cost: Cost, factor: float) -> Cost:
    return Cost({name: figure * factor for name, figure in cost.figures.items()})


def _measure_each(invoices: int, start: Cost) -> dict[str, Cost]:
    """Return the cost of each verb for one of that number of invoices."""
    with write_project(invoices, lines=20, siblings=50) as project:
        costs = {verb: _add([project.run_verb(verb), start]).per(invoices) for verb in VERBS}
        assert project.count_synced() == invoices
    return costs


def measure_growth(effort: Effort) -> Iterator[LineResult]:
    """
    Line 8: load, send, accept and work end to end, each invoice of many over one of few.

    The few are measured before and after the many, so that a machine that becomes slower or faster
    shows as a range. The start of the command is left out: it would flatter the larger number.
    """
    start = _scale(_list_empty(), -1)
    large, small = effort.choose(10_000, 1_000), effort.choose(1_000, 200)
    before, many, after = (_measure_each(size, start) for size in (small, large, small))
    for verb in (*VERBS, "end to end"):
        verbs = VERBS if verb == "end to end" else (verb,)
        yield LineResult(
            line="8",
            work=f"{verb}, {large:,} invoices, each",
            peer=f"of {small:,}",
            target=at_most(1.3),
            ours=[_add(many[name] for name in verbs)] * 2,
            theirs=[_add(few[name] for name in verbs) for few in (before, after)],
            judged=(CPU,),
        )


def _add(costs: Iterable[Cost]) -> Cost:
    """Return the sum of CPU times; wall times with the start left out would say nothing."""
    return Cost({CPU: sum(cost.figures[CPU] for cost in costs)})


LINES = {"5c": measure_verbs, "8": measure_growth}

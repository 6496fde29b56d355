"""Lines 4c and 4m: accepting on SQLite, and a worker with one lane and with eight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cost import COUNT
from .disk import fsyncs
from .persist_queue import THREADS
from .ratio import SHOWN, LineResult, at_least, at_most, contest, state
from .sqlite_send import start

if TYPE_CHECKING:
    from collections.abc import Callable

    from .contestant import Contestant
    from .cost import Cost
    from .effort import Effort
    from .ratio import Target

MODULE = "benchmarks.fsync_program"
OURS = "ours, bundled facts"
#: The lines of an invoice.
SIZES = (1, 10, 50, 500)
USUAL = 10
_TARGETS = {
    "same": at_least(0.6),
    "same, reads invoices": at_least(0.6),
    "persist-queue": at_least(0.6),
    "raw": SHOWN,
}


def _count_jobs(lines: int, effort: Effort) -> int:
    return effort.choose(60, 30) if lines <= USUAL else effort.choose(20, 10)


def _make_ready(contestant: Contestant, jobs: int, lines: int) -> None:
    """Have that number of accepted invoices; a queue without acceptance takes them as they are."""
    contestant.load(jobs, lines=lines)
    contestant.send(jobs)
    if contestant.accepts:
        contestant.accept(jobs, batch=jobs)


def _export(contestant: Contestant, jobs: int, lines: int, **given: int) -> Callable[[], Cost]:
    def measure() -> Cost:
        _make_ready(contestant, jobs, lines)
        return contestant.export(jobs, **given)

    return measure


def _measure_accept(effort: Effort, name: str) -> list[LineResult]:
    """Compare an acceptance with a send, and one of many lines with one of a single line."""
    jobs = _count_jobs(SIZES[-1], effort)
    taken: list[dict[str, Cost]] = []
    with start(name) as started:
        ours = started[name]
        for _ in range(effort.rounds(8) + 1):
            figures = {}
            for lines in SIZES:
                ours.load(jobs, lines=lines)
                figures[f"send {lines}"] = ours.send(jobs)
                figures[f"accept {lines}"] = ours.accept(jobs)
            taken.append(figures)

    def compare(mine: str, peer: str, target: Target) -> LineResult:
        return LineResult(
            line="4c",
            work=f"{mine} lines, {name.removeprefix('ours, ')}",
            peer=f"{peer} lines",
            target=target,
            ours=[figures[mine] for figures in taken[1:]],
            theirs=[figures[peer] for figures in taken[1:]],
            judged=("cpu",),
        )

    return [
        compare(f"accept {USUAL}", f"send {USUAL}", at_most(1.1)),
        *(compare(f"accept {lines}", "accept 1", at_most(1.3)) for lines in SIZES[1:]),
    ]


def measure_export(effort: Effort) -> list[LineResult]:
    """Line 4c."""
    count = effort.choose(400, 100)
    each = (fsyncs(MODULE, "export", str(count)) - fsyncs(MODULE, "accept", str(count))) / count
    results = [state("4c", "fsyncs per one-step job", [each], at_most(1.05))]
    for name in (OURS, "ours, facts at hand"):
        results += _measure_accept(effort, name)
    for lines in SIZES:
        jobs = _count_jobs(lines, effort)
        others = ("persist-queue", "raw") if lines == USUAL else ()
        with start(OURS, "same, reads invoices", *others) as started:
            measured = {name: _export(each, jobs, lines) for name, each in started.items()}
            results += contest(
                "4c",
                f"export, {lines} lines, bundled facts",
                measured.pop(OURS),
                {name: (peer, _TARGETS[name]) for name, peer in measured.items()},
                rounds=effort.rounds(11 if lines == USUAL else 8),
            )
    with start("ours, facts at hand", "same", "persist-queue") as started:
        jobs = _count_jobs(USUAL, effort)
        measured = {name: _export(each, jobs, USUAL) for name, each in started.items()}
        results += contest(
            "4c",
            f"export, {USUAL} lines, facts at hand",
            measured.pop("ours, facts at hand"),
            {name: (peer, _TARGETS[name]) for name, peer in measured.items()},
            rounds=effort.rounds(11),
        )
    return results


def measure_lanes(effort: Effort) -> list[LineResult]:
    """Line 4m."""
    count = effort.choose(400, 160)
    each = (fsyncs(MODULE, "lanes", str(count)) - fsyncs(MODULE, "accept", str(count))) / count
    results = [state("4m", "fsyncs per job, 8 lanes", [each], at_most(0.4))]
    jobs = effort.choose(160, 80)
    for name in (OURS, "ours, facts at hand"):
        way = name.removeprefix("ours, ")
        with start(name, "persist-queue") as started:
            ours, peer = started[name], started["persist-queue"]
            results += contest(
                "4m",
                f"8 lanes, {way}",
                _export(ours, jobs, USUAL, lanes=8),
                {
                    "persist-queue, 8 threads": (
                        _export(peer, jobs, USUAL, threads=THREADS),
                        at_least(1.5),
                    )
                },
                rounds=effort.rounds(8),
                judged=("wall",),
            )
            repeated = ours.worker.do("count_repeated").figures[COUNT]
            results.append(state("4m", f"booked twice, {way}", [repeated], at_most(0)))
    return results


LINES = {"4c": measure_export, "4m": measure_lanes}

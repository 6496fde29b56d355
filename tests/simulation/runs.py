"""Many runs, each from its own seed, and the sums of their results."""

from __future__ import annotations

import gc
import logging
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.adapters.containment import watch_handlers

from .decisions import Decisions
from .erp_traits import Row
from .faults import CRASHES, Fault
from .run import RunResult, simulate
from .stores import open_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .invariants import Violation
    from .stores import NewStore


@attrs.frozen(kw_only=True)
class Failure:
    """A run with violations: its number, the violations, and the decisions that replay it."""

    number: int
    violations: tuple[Violation, ...]
    decisions: tuple[int, ...]


@attrs.define
class Tally:
    """
    The sums of many runs.

    Attributes:
        faults: Number of faults of each kind.
        rows: Number of runs with each row of the promise table.
        excluded: Number of violations that the promise table does not cover, by reason.
        unknowns: Number of exports that became unknown; ``resolved`` of them did not stay so.
    """

    runs: int = 0
    faults: Counter[Fault] = attrs.Factory(Counter)
    rows: Counter[Row] = attrs.Factory(Counter)
    excluded: Counter[str] = attrs.Factory(Counter)
    unknowns: int = 0
    resolved: int = 0
    failures: list[Failure] = attrs.Factory(list)

    def add(self, number: int, result: RunResult) -> None:
        """Add one run."""
        self.runs += 1
        self.faults.update(result.counts)
        self.rows.update(result.rows)
        self.excluded.update(result.excluded)
        self.unknowns += result.unknowns
        self.resolved += result.resolved
        if result.violations:
            failure = Failure(
                number=number, violations=result.violations, decisions=result.decisions
            )
            self.failures.append(failure)

    def merge(self, other: Tally) -> None:
        """Add the sums of another process."""
        self.runs += other.runs
        self.faults.update(other.faults)
        self.rows.update(other.rows)
        self.excluded.update(other.excluded)
        self.unknowns += other.unknowns
        self.resolved += other.resolved
        self.failures.extend(other.failures)

    @property
    def line(self) -> str:
        """All sums in one line."""
        crashes = sum(self.faults[fault] for fault in CRASHES)
        violations = sum(len(failure.violations) for failure in self.failures)
        return (
            f"{self.runs} runs, {self.faults.total()} faults of which {crashes} crashes, "
            f"{self.resolved} unknowns resolved, violations {violations}"
        )

    @property
    def table(self) -> Sequence[str]:
        """The number of faults of each kind, of runs with each row, and of exclusions."""
        return (
            *(f"{self.faults[fault]:>9}  {fault.value}" for fault in Fault),
            *(f"{self.rows[row]:>9}  row of the promise table: {row.value}" for row in Row),
            *(f"{times:>9}  excluded: {why}" for why, times in sorted(self.excluded.items())),
        )


# === Runs, in one process or several.

_CHUNK = 100
_GARBAGE = (50_000, 20, 50)


@contextmanager
def silence_logs() -> Iterator[None]:
    """Keep the log of every fault from the screen: thousands of runs have them."""
    logger = logging.getLogger("erp_invoice_core")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


@cache
def _collect_garbage_seldom() -> None:
    """Let the garbage collector of this process look at the runs alone, and at many at once."""
    gc.collect()
    # The modules live as long as the process; to look at them takes longer than a run.
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


def _derive_seed(seed: int, number: int) -> int:
    return (seed << 32) + number


def simulate_number(seed: int, number: int, new: NewStore) -> RunResult:
    """Simulate the run of that number."""
    return simulate(Decisions(seed=_derive_seed(seed, number)), new())


def replay(decisions: Iterable[int], new: NewStore) -> RunResult:
    """Simulate the run of those decisions."""
    return simulate(Decisions(given=list(decisions)), new())


def _simulate_until(
    seed: int, numbers: range, kind: str, dsn: str | None, until: float | None
) -> Tally:
    """Simulate those runs until the given moment (of the monotonic clock)."""
    tally = Tally()
    _collect_garbage_seldom()
    # Watched once for all runs: else each call of an adapter replaces the handlers of signals.
    with silence_logs(), watch_handlers(), open_stores(kind, dsn) as new:
        for number in numbers:
            if until is not None and time.monotonic() >= until:
                break
            tally.add(number, simulate_number(seed, number, new))
    return tally


def _chunks(first: int, runs: int) -> Iterator[range]:
    for start in range(first, first + runs, _CHUNK):
        yield range(start, min(start + _CHUNK, first + runs))


def simulate_many(
    runs: int,
    seed: int,
    *,
    first: int = 0,
    kind: str = "memory",
    dsn: str | None = None,
    jobs: int = 1,
    seconds: float | None = None,
    step: Callable[[Tally], object] = lambda _tally: None,
) -> Tally:
    """
    Simulate runs and return their sums.

    Args:
        runs: Number of runs.
        seed: Seed of all choices; the run of a number under a seed is always the same.
        first: Number of the first run.
        kind: Kind of store: ``memory``, ``sqlite`` or ``postgres``.
        dsn: The PostgreSQL server.
        jobs: Number of processes.
        seconds: Start no run after this number of seconds.
        step: Called with the sums after each group of runs.
    """
    until = None if seconds is None else time.monotonic() + seconds
    tally = Tally()
    if jobs == 1:
        for numbers in _chunks(first, runs):
            tally.merge(_simulate_until(seed, numbers, kind, dsn, until))
            step(tally)
        return tally
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        parts = [
            pool.submit(_simulate_until, seed, numbers, kind, dsn, until)
            for numbers in _chunks(first, runs)
        ]
        for part in as_completed(parts):
            tally.merge(part.result())
            step(tally)
    tally.failures.sort(key=lambda failure: failure.number)
    return tally

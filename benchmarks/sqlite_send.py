"""Lines 4a and 4b: sending on SQLite, one by one and a hundred at a time."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .contestant import Contestant, Kind
from .disk import per_job
from .ratio import SHOWN, at_least, at_most, contest, state
from .same import has_fast_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .cost import Cost
    from .effort import Effort
    from .ratio import LineResult

BATCH = 100
#: The contestants on SQLite, by the name of the report.
KINDS: Mapping[str, Kind] = {
    "ours, bundled facts": Kind(entry="command_records:CommandRecords"),
    "ours, bundled facts, plain": Kind(entry="command_records:CommandRecords", is_plain=True),
    "ours, facts at hand": Kind(entry="at_hand:AtHand", is_at_hand=True),
    "ours, facts at hand, plain": Kind(entry="at_hand:AtHand", is_at_hand=True, is_plain=True),
    "same": Kind(entry="same_sqlite:SameSqlite"),
    "same, reads invoices": Kind(entry="same_sqlite:ReadingSqlite"),
    "same, msgspec": Kind(entry="same_sqlite:FastSqlite"),
    "raw": Kind(entry="raw_sqlite:RawSqlite"),
    "persist-queue": Kind(entry="persist_queue:PersistQueue", accepts=False),
}


@contextmanager
def start(*names: str) -> Iterator[dict[str, Contestant]]:
    """Start contestants, each over files in a folder of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        started = {}
        for name in names:
            own = folder / name.replace(" ", "_")
            own.mkdir()
            started[name] = stack.enter_context(Contestant(KINDS[name], own))
        yield started


def list_ours() -> list[str]:
    """Return our contestants: each way to find facts, with and without msgspec if it is there."""
    ours = ["ours, bundled facts", "ours, facts at hand"]
    return [*ours, *(f"{name}, plain" for name in ours)] if has_fast_extra() else ours


def name_floor(ours: str) -> str:
    """Return the contestant that stores the same, and finds its invoices in the same way."""
    return "same, reads invoices" if "bundled" in ours else "same"


def _prepare(contestant: Contestant, count: int, batch: int) -> Callable[[], Cost]:
    def measure() -> Cost:
        contestant.load(count)
        return contestant.send(count, batch)

    return measure


def measure_singles(effort: Effort) -> Iterator[LineResult]:
    """Line 4a."""
    jobs = effort.choose(600, 100)
    fsyncs = per_job("benchmarks.fsync_program", "send", jobs)
    yield state("4a", "fsyncs per send", [fsyncs], at_most(1.05))
    count = effort.choose(60, 40)
    for ours in list_ours():
        floor = name_floor(ours)
        targets = {floor: at_least(0.75), "persist-queue": at_least(0.45), "raw": SHOWN}
        with start(ours, *targets) as started:
            yield from contest(
                "4a",
                f"send one, {ours.removeprefix('ours, ')}",
                _prepare(started[ours], count, 1),
                {name: (_prepare(started[name], count, 1), targets[name]) for name in targets},
                rounds=effort.rounds(15),
            )


def measure_batches(effort: Effort) -> Iterator[LineResult]:
    """Line 4b."""
    jobs = effort.choose(12, 4)
    fsyncs = per_job("benchmarks.fsync_program", "batches", jobs)
    yield state("4b", "fsyncs per batch of 100", [fsyncs], at_most(1.05))
    count = effort.choose(3, 2) * BATCH
    for ours in list_ours():
        is_fast = has_fast_extra() and "plain" not in ours
        targets = {name_floor(ours): at_least(0.7 if is_fast else 0.55), "raw": SHOWN}
        if is_fast:
            targets["same, msgspec"] = SHOWN
        with start(ours, *targets) as started:
            yield from contest(
                "4b",
                f"send 100, {ours.removeprefix('ours, ')}",
                _prepare(started[ours], count, BATCH),
                {name: (_prepare(started[name], count, BATCH), targets[name]) for name in targets},
                rounds=effort.rounds(15),
            )


LINES = {"4a": measure_singles, "4b": measure_batches}

"""Lines 4a and 4b: sending on SQLite, one by one and a hundred at a time."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .contestant import Contestant
from .disk import per_job
from .ratio import SHOWN, Target, at_least, at_most, contest, state
from .same import find_fast_encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .cost import Cost
    from .effort import Effort
    from .ratio import Result

BATCH = 100
#: The contestants on SQLite, by the name of the report.
KINDS: Mapping[str, str] = {
    "ours": "bundled:Bundled",
    "ours, facts at hand": "at_hand:AtHand",
    "same": "same_sqlite:SameSqlite",
    "same, reads invoices": "same_sqlite:ReadingSqlite",
    "raw": "raw_sqlite:RawSqlite",
    "persist-queue": "persist_queue:PersistQueue",
}


@contextmanager
def start(*names: str) -> Iterator[dict[str, Contestant]]:
    """Start contestants, each over files in a folder of its own."""
    kinds = dict(KINDS)
    if find_fast_encoder() is not None:
        kinds["same, msgspec"] = "same_sqlite:FastSqlite"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        started = {}
        for name in names:
            if name not in kinds:
                continue
            own = folder / name.replace(" ", "_")
            own.mkdir()
            started[name] = stack.enter_context(Contestant(kinds[name], own))
        yield started


def _prepare(contestant: Contestant, count: int, batch: int) -> Callable[[], Cost]:
    def measure() -> Cost:
        contestant.load(count)
        return contestant.send(count, batch)

    return measure


def _compare(
    line: str,
    work: str,
    targets: Mapping[str, Target],
    *,
    effort: Effort,
    count: int,
    batch: int,
) -> list[Result]:
    """Compare with each peer; ours reads the facts of invoices, and then has them at hand."""
    peers = [name for name in targets if not name.startswith("ours")]
    results = []
    for ours, ways in (
        ("ours", f"{work}, bundled facts"),
        ("ours, facts at hand", f"{work}, facts at hand"),
    ):
        floor = "same, reads invoices" if ours == "ours" else "same"
        others = [name for name in peers if not (name.startswith("same") and name != floor)]
        with start(ours, *others) as started:
            measured = {name: _prepare(each, count, batch) for name, each in started.items()}
            mine = measured.pop(ours)
            rows = {name: (peer, targets[name]) for name, peer in measured.items()}
            results += contest(line, ways, mine, rows, rounds=effort.rounds(15))
    return results


def measure_singles(effort: Effort) -> list[Result]:
    """Line 4a."""
    jobs = effort.choose(600, 100)
    fsyncs = per_job("benchmarks.fsync_program", "send", jobs)
    same = at_least(0.75)
    targets = {
        "same": same,
        "same, reads invoices": same,
        "persist-queue": at_least(0.45),
        "raw": SHOWN,
    }
    return [
        state("4a", "fsyncs per send", [fsyncs], at_most(1.05)),
        *_compare("4a", "send one", targets, effort=effort, count=effort.choose(60, 40), batch=1),
    ]


def measure_batches(effort: Effort) -> list[Result]:
    """Line 4b."""
    jobs = effort.choose(12, 4)
    fsyncs = per_job("benchmarks.fsync_program", "batches", jobs)
    same = at_least(0.55 if find_fast_encoder() is None else 0.7)
    targets = {"same": same, "same, reads invoices": same, "same, msgspec": SHOWN, "raw": SHOWN}
    return [
        state("4b", "fsyncs per batch of 100", [fsyncs], at_most(1.05)),
        *_compare(
            "4b",
            "send 100",
            targets,
            effort=effort,
            count=effort.choose(3, 2) * BATCH,
            batch=BATCH,
        ),
    ]


LINES = {"4a": measure_singles, "4b": measure_batches}

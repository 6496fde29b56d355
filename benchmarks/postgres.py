"""Lines 4f and 4g: sending and exporting on PostgreSQL, beside procrastinate and pgqueuer."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .contestant import Contestant, Kind
from .peer_queues import LANES as LANES_OF_PEERS
from .protocol_trace import read_traffic
from .ratio import SHOWN, LineResult, at_least, contest, state
from .server import schema, server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .cost import Cost
    from .effort import Effort
    from .ratio import Target

BATCH = 100
#: The server does a large part of the work, therefore wall time counts.
JUDGED = ("wall",)
#: The contestants on PostgreSQL, by the name of the report.
KINDS: Mapping[str, Kind] = {
    "ours, bundled facts": Kind(entry="command_records:CommandRecords"),
    "ours, facts at hand": Kind(entry="at_hand:AtHand", is_at_hand=True),
    "same": Kind(entry="same_postgres:SamePostgres"),
    "same, one at a time": Kind(entry="same_postgres:SingleSamePostgres"),
    "raw": Kind(entry="raw_postgres:RawPostgres"),
    "pgqueuer": Kind(entry="peer_queues:Pgqueuer", accepts=False),
    "procrastinate": Kind(entry="peer_queues:Procrastinate", accepts=False),
}
OURS = ("ours, bundled facts", "ours, facts at hand")


@contextmanager
def start(*names: str, traces: Path | None = None) -> Iterator[dict[str, Contestant]]:
    """Start contestants, each in an empty schema of its own."""
    with ExitStack() as stack:
        dsn = stack.enter_context(server())
        started = {}
        for name in names:
            where = stack.enter_context(schema(dsn))
            started[name] = stack.enter_context(Contestant(KINDS[name], where, traces))
        yield started


def _send(contestant: Contestant, count: int, batch: int) -> Callable[[], Cost]:
    def measure() -> Cost:
        contestant.load(count)
        cost = contestant.send(count, batch)
        if not contestant.accepts:
            contestant.export(count)  # else the next rounds would find a longer queue
        return cost

    return measure


def _make_ready(contestant: Contestant, jobs: int) -> None:
    contestant.load(jobs)
    contestant.send(jobs, BATCH if contestant.accepts else 1)
    if contestant.accepts:
        contestant.accept(jobs, BATCH)


def _export(contestant: Contestant, jobs: int, **given: int) -> Callable[[], Cost]:
    def measure() -> Cost:
        _make_ready(contestant, jobs)
        return contestant.export(jobs, **given)

    return measure


def _compare(
    started: dict[str, Contestant],
    *,
    line: str,
    work: str,
    targets: Mapping[str, Target],
    measure: Callable[[Contestant], Callable[[], Cost]],
    rounds: int,
) -> Iterator[LineResult]:
    for ours in OURS:
        yield from contest(
            line,
            f"{work}, {ours.removeprefix('ours, ')}",
            measure(started[ours]),
            {name: (measure(started[name]), target) for name, target in targets.items()},
            rounds=rounds,
            judged=JUDGED,
        )


def measure_send(effort: Effort) -> Iterator[LineResult]:
    """Line 4f."""
    singles, rounds = effort.choose(40, 30), effort.rounds(11)
    with start(*OURS, "same", "raw", "pgqueuer", "procrastinate") as started:
        targets = {"pgqueuer": at_least(0.8), "procrastinate": at_least(4), "same": SHOWN}
        yield from _compare(
            started,
            line="4f",
            work="send one",
            targets=targets,
            measure=lambda each: _send(each, singles, 1),
            rounds=rounds,
        )
        targets = {"raw": at_least(0.7), "same": SHOWN}
        yield from _compare(
            started,
            line="4f",
            work="send 100",
            targets=targets,
            measure=lambda each: _send(each, BATCH, BATCH),
            rounds=rounds,
        )


def measure_export(effort: Effort) -> Iterator[LineResult]:
    """Line 4g."""
    jobs, rounds = effort.choose(100, 40), effort.rounds(11)
    with start(*OURS, "same", "same, one at a time", "pgqueuer", "procrastinate") as started:
        targets = {
            "procrastinate": at_least(1.2),
            "pgqueuer": at_least(0.8),
            "same": at_least(0.6),
            "same, one at a time": SHOWN,
        }
        yield from _compare(
            started,
            line="4g",
            work="export",
            targets=targets,
            measure=lambda each: _export(each, jobs),
            rounds=rounds,
        )
        targets = {"procrastinate": at_least(1.6), "pgqueuer": at_least(1.05)}
        yield from _compare(
            started,
            line="4g",
            work=f"{LANES_OF_PEERS} lanes",
            targets=targets,
            measure=lambda each: _export(each, jobs, lanes=LANES_OF_PEERS),
            rounds=rounds,
        )
    yield from _count_statements(jobs)


def _count_statements(jobs: int) -> Iterator[LineResult]:
    """Show the statements and the round trips of each job; their target is to be few."""
    for name in (*OURS, "same", "pgqueuer", "procrastinate"):
        with tempfile.TemporaryDirectory() as folder:
            traces = Path(folder)
            with start(name, traces=traces) as started:
                contestant = started[name]
                _export(contestant, jobs)()
                contestant.load(jobs)
                before = read_traffic(traces / "sender")
                contestant.send(jobs)
                sent = read_traffic(traces / "sender") - before
                if contestant.accepts:
                    contestant.accept(jobs, BATCH)
                before = read_traffic(traces / "worker")
                contestant.export(jobs)
                exported = read_traffic(traces / "worker") - before
        yield state("4f", f"statements per send: {name}", [sent.statements / jobs], SHOWN)
        yield state("4f", f"round trips per send: {name}", [sent.trips / jobs], SHOWN)
        yield state("4g", f"statements per export: {name}", [exported.statements / jobs], SHOWN)
        yield state("4g", f"round trips per export: {name}", [exported.trips / jobs], SHOWN)


LINES = {"4f": measure_send, "4g": measure_export}

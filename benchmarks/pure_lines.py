"""Lines 1, 2a, 2c, 3 and 6: the pure works, beside those of the peers."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from .contestant import Actor, Kind
from .cost import CPU, INSTRUCTIONS, Cost
from .instructions import count_instructions
from .ratio import SHOWN, LineResult, at_least, at_most, contest
from .same import has_fast_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .effort import Effort
    from .same import has_fast_extra
from .ratio import Target

#: Nothing waits here, so that CPU time is judged.
JUDGED = (CPU,)
PURE = "pure_works:PureContestant"
#: Peers whose instructions are not counted: what they import takes minutes under valgrind.
HEAVY = frozenset({"django-fsm-2", "python-statemachine"})


def list_ways() -> list[str]:
    """Return how JSON is encoded: by msgspec if it is there, and by the standard library."""
    return ["msgspec", "standard library"] if has_fast_extra() else ["standard library"]


@contextmanager
def start(line: str, peer: str, *, is_plain: bool = False) -> Iterator[Actor]:
    """Start a pure work in a process of its own."""
    actor = Actor(Kind(entry=PURE, is_plain=is_plain), f"{line}/{peer}")
    try:
        yield actor
    finally:
        actor.close()


def _measure(actor: Actor, count: int, instructions: float | None) -> Callable[[], Cost]:
    counted = {} if instructions is None else {INSTRUCTIONS: instructions}
    return lambda: Cost(actor.do("run", count=count).figures | counted)


def _compare(
    line: str,
    work: str,
    targets: Mapping[str, Target],
    *,
    count: int,
    counted: int,
    rounds: int,
    few: Mapping[str, int] | None = None,
    is_plain: bool = False,
) -> list[LineResult]:
    """
    Compare ours with the peers, each in a process of its own.

    Args:
        line: The number of the line.
        work: The work.
        targets: The targets by the name of the peer.
        count: The number of things in a round; ``few`` has that of peers which do fewer.
        counted: The number of things whose instructions are counted; 0 for no count.
        rounds: The number of rounds.
        few: The number of things by the name of the peer.
        is_plain: True if msgspec counts as not installed.
    """
    fewer = few or {}
    with ExitStack() as stack:
        measured = {}
        for peer in ("ours", *targets):
            instructions = None
            if counted and peer not in HEAVY:
                instructions = count_instructions(line, peer, counted, is_plain=is_plain)
            actor = stack.enter_context(start(line, peer, is_plain=is_plain))
            measured[peer] = _measure(actor, fewer.get(peer, count), instructions)
        return contest(
            line,
            work,
            measured["ours"],
            {peer: (measured[peer], target) for peer, target in targets.items()},
            rounds=rounds,
            judged=JUDGED,
        )


def measure_transition(effort: Effort) -> list[LineResult]:
    """Line 1a."""
    targets = {
        "django-fsm-2": at_least(1),
        "transitions": at_least(2),
        "python-statemachine": SHOWN,
        "by hand": at_least(0.4),
    }
    return _compare(
        "1a",
        "one transition",
        targets,
        count=2_000,
        counted=effort.has_instructions * 100,
        rounds=effort.rounds(15),
        few={"python-statemachine": 100},
    )


def measure_eligibility(effort: Effort) -> list[LineResult]:
    """
    Line 1b: the same facts again and again, as for several buttons of an invoice.

    The line *new facts* shows how much of a decision on facts that were never judged this takes.
    """
    targets = {
        "django-fsm-2": at_least(2),
        "transitions": at_least(5),
        "by hand": at_least(0.15),
        "new facts": SHOWN,
    }
    return _compare(
        "1b",
        "eligibility",
        targets,
        count=2_000,
        counted=effort.has_instructions * 200,
        rounds=effort.rounds(15),
    )


def measure_many(effort: Effort) -> list[LineResult]:
    """Line 1c: the machines are fewer, as each takes longer the more there are."""
    many = effort.choose(100_000, 20_000)
    targets = {"django-fsm-2": at_least(0.6), "transitions": at_least(5), "by hand": at_least(0.2)}
    work, rounds = f"{many:,} invoices, 80 % eligible", effort.rounds(5)
    few = {"transitions": effort.choose(10_000, 4_000)}
    with start("1c", "ours") as actor:
        growth = contest(
            "1c",
            work,
            _measure(actor, many, None),
            {f"{many // 10:,} of them": (_measure(actor, many // 10, None), at_most(1.1))},
            rounds=rounds,
            judged=JUDGED,
        )
    return growth + _compare("1c", work, targets, count=many, counted=0, rounds=rounds, few=few)


def measure_read(effort: Effort) -> Iterator[LineResult]:
    """Line 2a."""
    for way in list_ways():
        yield from _compare(
            "2a",
            f"bytes to a document of 50 lines, {way}",
            {"pydantic": at_least(1.1 if way == "msgspec" else 0.6)},
            count=100,
            counted=effort.has_instructions * 5,
            rounds=effort.rounds(15),
            is_plain=way != "msgspec",
        )


def measure_write(effort: Effort) -> Iterator[LineResult]:
    """Line 2c, and the canonical JSON beside a plain ``json.dumps``."""
    for way in list_ways():
        sizes = (
            ("2c", "document of 50 lines to bytes", "pydantic", 5),
            ("2e", "canonical JSON of 10 lines", "json.dumps", 20),
        )
        for line, work, peer, counted in sizes:
            target = at_least(1.6 if way == "msgspec" else 0.4)
            yield from _compare(
                line,
                f"{work}, {way}",
                {peer: target if line == "2c" else SHOWN},
                count=20 * counted,
                counted=effort.has_instructions * counted,
                rounds=effort.rounds(15),
                is_plain=way != "msgspec",
            )


def measure_billing(effort: Effort) -> list[LineResult]:
    """Line 3."""
    return _compare(
        "3",
        "G703 of 1,000 lines and G702",
        {"decimals on tuples": at_least(0.6)},
        count=20,
        counted=effort.has_instructions * 2,
        rounds=effort.rounds(15),
    )


def measure_check(effort: Effort) -> list[LineResult]:
    """Line 6."""
    return _compare(
        "6",
        "one transition, adapter without a check",
        {"without an adapter": at_most(1.05)},
        count=5_000,
        counted=effort.has_instructions * 100,
        rounds=effort.rounds(15),
    )


LINES = {
    "1a": measure_transition,
    "1b": measure_eligibility,
    "1c": measure_many,
    "2a": measure_read,
    "2c": measure_write,
    "3": measure_billing,
    "6": measure_check,
}

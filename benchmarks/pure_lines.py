"""Lines 1, 2a, 2c, 3 and 6: the pure works, beside those of the peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cost import CPU, INSTRUCTIONS, Cost, time_work
from .instructions import count_instructions, is_available
from .pure_works import WORKS
from .ratio import SHOWN, Result, at_least, at_most, contest
from .same import has_fast_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .effort import Effort
    from .same import has_fast_extra
from .ratio import Target

#: Nothing waits here, so that CPU time is judged.
JUDGED = (CPU,)
#: Peers whose instructions are not counted: what they import takes minutes under valgrind.
HEAVY = frozenset({"django-fsm-2", "python-statemachine"})


def _name_json() -> str:
    return "msgspec" if has_fast_extra() else "standard library"


def _measure(line: str, peer: str, count: int, counted: int) -> Callable[[], Cost]:
    """Return what times the work on so many things, with the instructions of some of them."""
    work = WORKS[line, peer]()
    instructions = {}
    if counted and peer not in HEAVY and is_available():
        instructions[INSTRUCTIONS] = count_instructions(line, peer, counted)

    def measure() -> Cost:
        things = work.make(count)

        def do_all() -> None:
            work.begin(things)
            do = work.do
            for thing in things:
                do(thing)

        return Cost(time_work(do_all, count).figures | instructions)

    return measure


def _compare(
    line: str,
    work: str,
    targets: Mapping[str, Target],
    *,
    count: int,
    counted: int,
    rounds: int,
    few: Mapping[str, int] | None = None,
) -> list[Result]:
    """Compare ours with the peers; some of them do the work on fewer things."""
    fewer = few or {}
    return contest(
        line,
        work,
        _measure(line, "ours", count, counted),
        {
            peer: (_measure(line, peer, fewer.get(peer, count), counted), target)
            for peer, target in targets.items()
        },
        rounds=rounds,
        judged=JUDGED,
    )


def measure_transition(effort: Effort) -> list[Result]:
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
        counted=100,
        rounds=effort.rounds(15),
        few={"python-statemachine": 100},
    )


def measure_eligibility(effort: Effort) -> list[Result]:
    """Line 1b."""
    targets = {"django-fsm-2": at_least(2), "transitions": at_least(5), "by hand": at_least(0.15)}
    return _compare(
        "1b", "eligibility", targets, count=2_000, counted=200, rounds=effort.rounds(15)
    )


def measure_many(effort: Effort) -> list[Result]:
    """Line 1c: the machines are fewer, as each takes longer the more there are."""
    many = effort.choose(100_000, 20_000)
    targets = {"django-fsm-2": at_least(0.6), "transitions": at_least(5), "by hand": at_least(0.2)}
    work, rounds = f"{many:,} invoices, 80 % eligible", effort.rounds(5)
    few = {"transitions": effort.choose(10_000, 4_000)}
    growth = contest(
        "1c",
        work,
        _measure("1c", "ours", many, 0),
        {f"{many // 10:,} of them": (_measure("1c", "ours", many // 10, 0), at_most(1.1))},
        rounds=rounds,
        judged=JUDGED,
    )
    return growth + _compare("1c", work, targets, count=many, counted=0, rounds=rounds, few=few)


def measure_read(effort: Effort) -> list[Result]:
    """Line 2a."""
    target = at_least(1.1 if has_fast_extra() else 0.6)
    return _compare(
        "2a",
        f"bytes to a document of 50 lines, {_name_json()}",
        {"pydantic": target},
        count=100,
        counted=5,
        rounds=effort.rounds(15),
    )


def measure_write(effort: Effort) -> list[Result]:
    """Line 2c, and the canonical JSON beside a plain ``json.dumps``."""
    target = at_least(1.6 if has_fast_extra() else 0.4)
    rounds = effort.rounds(15)
    return [
        *_compare(
            "2c",
            f"document of 50 lines to bytes, {_name_json()}",
            {"pydantic": target},
            count=100,
            counted=5,
            rounds=rounds,
        ),
        *_compare(
            "2e",
            f"canonical JSON of 10 lines, {_name_json()}",
            {"json.dumps": SHOWN},
            count=300,
            counted=20,
            rounds=rounds,
        ),
    ]


def measure_billing(effort: Effort) -> list[Result]:
    """Line 3."""
    return _compare(
        "3",
        "G703 of 1,000 lines and G702",
        {"decimals on tuples": at_least(0.6)},
        count=20,
        counted=2,
        rounds=effort.rounds(15),
    )


def measure_check(effort: Effort) -> list[Result]:
    """Line 6."""
    return _compare(
        "6",
        "one transition, adapter without a check",
        {"without an adapter": at_most(1.05)},
        count=5_000,
        counted=100,
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

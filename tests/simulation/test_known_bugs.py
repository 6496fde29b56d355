"""The simulation finds every known bug of other projects."""

from __future__ import annotations

import json
import re
from pathlib import Path
from statistics import median

import pytest

from tests.long_runs import keep_rows

from .known_bugs import KNOWN_BUGS
from .mutant import find_bug
from .runs import silence_logs

_BUILD = Path(__file__).parents[2] / "build" / "known_bugs.json"
#: Seeds with which a bug is found soon; with others it takes more runs.
_SEEDS = {
    "absence-too-early": 71,
    "another-ones-bill": 4,
    "command-forgotten": 7,
    "draft-left": 48,
    "error-body-as-id": 7,
    "evidence-pruned": 27,
    "heartbeat-too-slow": 89,
    "ids-not-kept": 4,
    "key-for-other-content": 2,
    "late-answer-skipped": 199,
    "lost-commit-is-failure": 3,
    "no-fencing": 199,
    "one-answer-for-all": 37,
    "retried-for-ever": 10,
    "retry-without-looking": 11,
    "shown-late": 103,
    "slot-freed-on-failure": 25,
    "slot-freed-with-lease": 59,
    "stale-receipt-dropped": 117,
    "stuck-for-an-hour": 23,
    "wall-clock": 53,
    "worker-name-reused": 199,
}
_MOST = 1_000
#: Bugs that take thousands of runs to find; only the long runs look for them.
_RARE = {"draft-left", "lost-commit-is-failure"}
#: The rarest bug is found in one of 1,500 runs: 20,000 runs miss it once in 600,000 times.
_MOST_OF_A_SEED = 20_000
_SEVEN = range(1, 8)
_THREAD = re.compile(r"[\w.-]+/[\w.-]+(#\d+|, [\w/.]+\.py)")


@pytest.mark.parametrize("name", keep_rows(KNOWN_BUGS, set(KNOWN_BUGS) - _RARE))
def test_known_bug_is_found(name: str) -> None:
    """Within a thousand runs at least one violates an invariant."""
    with silence_logs():
        found = find_bug(KNOWN_BUGS[name], _MOST, _SEEDS.get(name, 1))

    assert found is not None
    assert () != found.violations


def test_every_bug_says_where_it_happened_and_how_it_was_rebuilt() -> None:
    """There are at least twenty bugs, each with a public source and two sentences."""
    assert 20 <= len(KNOWN_BUGS)
    for bug in KNOWN_BUGS.values():
        assert bug.sources
        assert [] == [source for source in bug.sources if not _THREAD.fullmatch(source)]
        assert all(text.endswith(".") for text in (bug.happened, bug.rebuilt))


def test_the_best_known_mistakes_are_there() -> None:
    """The bugs include the usual ones of queues: retries, keys, absence, leases, batches."""
    assert set(KNOWN_BUGS) >= {
        "error-body-as-id",
        "retry-without-looking",
        "stuck-for-an-hour",
        "key-after-deletion",
        "key-for-other-content",
        "absence-too-early",
        "worker-name-reused",
        "evidence-pruned",
        "rescued-by-elapsed-time",
        "heartbeat-too-slow",
        "slot-freed-with-lease",
        "stale-receipt-dropped",
        "one-bad-row",
        "all-green",
        "draft-left",
        "another-ones-bill",
    }


@pytest.mark.soak
def test_figures_of_seven_seeds_are_written() -> None:
    """The numbers of runs until each bug is found are the figures of the generated report."""
    simulate_number = {}
    for name, bug in KNOWN_BUGS.items():
        counts = [found.runs for seed in _SEVEN if (found := find_bug(bug, _MOST_OF_A_SEED, seed))]
        assert len(_SEVEN) == len(counts), name
        simulate_number[name] = {
            "median": median(counts),
            "fewest": min(counts),
            "most": max(counts),
        }
    _BUILD.parent.mkdir(exist_ok=True)
    _BUILD.write_text(json.dumps(simulate_number, indent=2) + "\n", encoding="utf-8")

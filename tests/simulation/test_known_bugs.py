"""Every bug of the museum is noticed: our histories would have caught what happened elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from statistics import median

import pytest

from .known_bugs import KNOWN_BUGS
from .mutant import find_bug
from .program import run_program

_BUILD = Path(__file__).parents[2] / "build" / "known_bugs.json"
#: Histories differ by seed: with these a bug is noticed soon, with the others after more of them.
_SEEDS = {
    "another-ones-bill": 4,
    "heartbeat-too-slow": 89,
    "late-answer-skipped": 458,
    "one-answer-for-all": 2,
    "retried-for-ever": 5,
    "slot-freed-with-lease": 7,
    "stale-receipt-dropped": 6,
}
_MOST = 1_000
_SEVEN = range(1, 8)
_THREAD = re.compile(r"[\w.-]+/[\w.-]+(#\d+|, [\w/.]+\.py)")


@pytest.mark.parametrize("name", KNOWN_BUGS)
def test_known_bug_is_found(name: str) -> None:
    """A handful of histories, or some hundreds, break a promise."""
    run = run_program("--mutant", name, "--runs", str(_MOST), "--seed", str(_SEEDS.get(name, 1)))

    last = run.stdout.splitlines()[-1]
    print(f"{name}: {last}")  # noqa: T201 - a figure for the docs
    assert (1, "") == (run.returncode, run.stderr)
    assert last.startswith("found after ")


def test_every_bug_says_where_it_happened_and_how_it_was_rebuilt() -> None:
    """At least twenty of them, each with a public thread or file, and two sentences."""
    assert 20 <= len(KNOWN_BUGS)
    for bug in KNOWN_BUGS.values():
        assert bug.sources
        assert [] == [source for source in bug.sources if not _THREAD.fullmatch(source)]
        assert all(text.endswith(".") for text in (bug.happened, bug.rebuilt))


def test_the_best_known_mistakes_are_there() -> None:
    """Retries, keys, absence, leases, batches: what queues are known to get wrong."""
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
def test_median_of_seven_seeds_is_told() -> None:
    """How many histories it takes: the figures of the page about reliability."""
    simulate_number = {}
    for name, bug in KNOWN_BUGS.items():
        counts = [found.runs for seed in _SEVEN if (found := find_bug(bug, 5_000, seed))]
        assert len(_SEVEN) == len(counts), name
        simulate_number[name] = {
            "median": median(counts),
            "fewest": min(counts),
            "most": max(counts),
        }
    _BUILD.parent.mkdir(exist_ok=True)
    _BUILD.write_text(json.dumps(simulate_number, indent=2) + "\n", encoding="utf-8")

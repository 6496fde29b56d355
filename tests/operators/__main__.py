"""
Lists the mutants of the code that no test notices.

``python -m tests.operators --paths flow billing/sheet.py --seed 7 --limit 100``.

A survivor that ``equivalents.toml`` lists is shown with its reason, and does not count. The exit
code is 1 if any other mutant survives, and 0 if none does.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from .equivalents import find_equivalent, find_gone, read_equivalents
from .runs import PACKAGE, places, try_places

_EQUIVALENTS = Path(__file__).with_name("equivalents.toml")
_FOLDERS = ("flow", "queue", "billing", "wire")


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.operators", description=__doc__)
    parser.add_argument("--paths", nargs="+", default=_FOLDERS, help="modules or folders of them")
    parser.add_argument("--seed", type=int, default=1, help="which mutants, if not all are tried")
    parser.add_argument("--limit", type=int, help="how many are tried; without it, all")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each with its own copy")
    return parser.parse_args()


def _show(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Try the mutants, print each that survives, and return the exit code."""
    wanted, project = _parse_arguments(), Path(__file__).parents[2]
    equivalents = read_equivalents(_EQUIVALENTS)
    for gone in find_gone(equivalents, project / PACKAGE):
        _show(f"{gone}\nlisted as equivalent, but not in the code; remove it from the list\n")
    known = list(places(project / PACKAGE, wanted.paths))
    tried = known
    if wanted.limit is not None and wanted.limit < len(known):
        chosen = random.Random(wanted.seed).sample(range(len(known)), wanted.limit)
        tried = [known[number] for number in sorted(chosen)]
    survivors = accepted = 0
    for place, survives in try_places(project, tried, jobs=wanted.jobs):
        if not survives:
            continue
        if equivalent := find_equivalent(equivalents, place):
            accepted += 1
            _show(f"{place}\nequivalent: {equivalent.reason}\n")
        else:
            survivors += 1
            _show(f"{place}\n")
    _show(
        f"{len(tried)} of {len(known)} mutants tried, {survivors} not noticed,"
        f" {accepted} equivalent"
    )
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())

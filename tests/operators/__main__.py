"""
Lists the mutants of the code that no test notices.

``python -m tests.operators --paths flow billing/sheet.py --seed 7 --limit 100``.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .runs import PACKAGE, Copy, places

_ROOMS = ("flow", "queue", "billing", "wire")


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.operators", description=__doc__)
    parser.add_argument("--paths", nargs="+", default=_ROOMS, help="modules or folders of them")
    parser.add_argument("--seed", type=int, default=1, help="which mutants, if not all are tried")
    parser.add_argument("--limit", type=int, help="how many are tried; without it, all")
    return parser.parse_args()


def main() -> None:
    """Try the mutants one after the other, and print each that survives."""
    wanted, project = _wanted(), Path(__file__).parents[2]
    known = list(places(project / PACKAGE, wanted.paths))
    tried = known
    if wanted.limit is not None and wanted.limit < len(known):
        chosen = random.Random(wanted.seed).sample(range(len(known)), wanted.limit)
        tried = [known[number] for number in sorted(chosen)]
    with TemporaryDirectory(prefix="mutants-") as folder:
        copy, survivors = Copy.of(project, Path(folder)), 0
        for place in tried:
            if copy.survives(place):
                survivors += 1
                sys.stdout.write(f"{place}\n\n")
                sys.stdout.flush()
    sys.stdout.write(f"{len(tried)} of {len(known)} mutants tried, {survivors} not noticed\n")


if __name__ == "__main__":
    main()

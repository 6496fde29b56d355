"""
The instructions of a pure work, which are the same whatever else the machine does.

Run it with ``python -m benchmarks.instructions LINE PEER THINGS DONE`` under callgrind: it makes a
number of things and does the work on some of them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from shutil import which

from .contestant_process import PLAIN, hide_msgspec

_ROOT = Path(__file__).parents[1]
_COLLECTED = re.compile(r"Collected : (\d+)")
#: The first works of a process fill its caches.
_WARM = 3


def is_available() -> bool:
    """Return whether valgrind is installed."""
    return which("valgrind") is not None


@cache
def count_instructions(line: str, peer: str, things: int, *, is_plain: bool = False) -> float:
    """
    Return the instructions of a work on one thing, as the mean of that number.

    Raises:
        RuntimeError: The work cannot be done under valgrind.
    """
    total = _WARM + things
    # The first run of a new clone compiles the modules, which is no part of the work.
    _run(line, peer, _WARM, _WARM, is_plain=is_plain)
    few, many = (_run(line, peer, total, done, is_plain=is_plain) for done in (_WARM, total))
    return (many - few) / things


def _run(line: str, peer: str, things: int, done: int, *, is_plain: bool) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable]
    asked = ["-m", "benchmarks.instructions", line, peer, str(things), str(done)]
    # The order of a set depends on the seed of its hashes.
    environment = {**os.environ, "PYTHONHASHSEED": "0"} | ({PLAIN: "1"} if is_plain else {})
    ended = subprocess.run(
        [*command, *asked], cwd=_ROOT, env=environment, check=False, capture_output=True, text=True
    )
    found = _COLLECTED.search(ended.stderr)
    if ended.returncode or found is None:
        raise RuntimeError(ended.stderr)
    return int(found[1])


def main(line: str, peer: str, things: int, done: int) -> None:
    """Do a work."""
    if PLAIN in os.environ:
        hide_msgspec()
    from .pure_works import WORKS  # noqa: PLC0415 - after msgspec is hidden

    work = WORKS[line, peer]()
    for thing in work.make(things)[:done]:
        work.do(thing)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

"""
Run the benchmarks, print a row for each ratio, and write them to build/bench.json.

``python -m benchmarks.run 4a 4i`` runs those lines alone, and ``--short`` fewer rounds on smaller
sizes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from .disk import QUICK, fsync_seconds
from .effort import Effort
from .instructions import is_available

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .ratio import LineResult

REPORT = Path(__file__).parents[1] / "build" / "bench.json"

#: The module that measures each line. It is imported when its turn comes, because what one peer
#: needs should not disturb the others.
MODULES = {
    "1a": "pure_lines",
    "1b": "pure_lines",
    "1c": "pure_lines",
    "2a": "pure_lines",
    "2c": "pure_lines",
    "2d": "memory",
    "3": "pure_lines",
    "4a": "sqlite_send",
    "4b": "sqlite_send",
    "4c": "sqlite_export",
    "4m": "sqlite_export",
    "4d": "depth",
    "4e": "concurrent_workers",
    "4f": "postgres",
    "4g": "postgres",
    "4h": "worker_kills",
    "4i": "growth",
    "4j": "ledger_growth",
    "4k": "growth",
    "4l": "entry_growth",
    "5": "import_time",
    "5b": "installed_size",
    "5c": "command",
    "6": "pure_lines",
    "7": "full_export",
    "8": "command",
}


def measure(line: str, effort: Effort) -> Iterable[LineResult]:
    """Return the rows of a line; they may come one by one."""
    lines: dict[str, Callable[[Effort], Iterable[LineResult]]]
    lines = import_module(f"benchmarks.{MODULES[line]}").LINES
    return lines[line](effort)


def describe_machine() -> dict[str, str]:
    """Return what a reader of the figures must know of the machine."""
    with tempfile.TemporaryDirectory() as folder:
        probe = fsync_seconds(Path(folder))
    load, *_ = os.getloadavg()
    return {
        "python": platform.python_version(),
        "processors": str(os.cpu_count()),
        "load": f"{load:.1f}",
        "valgrind": "counts instructions" if is_available() else "is not installed",
        "fsync": f"{probe * 1000:.2f} ms, {'quick' if probe < QUICK else 'slow'}",
    }


def main(arguments: Sequence[str]) -> int:
    """Run the lines one after the other, never beside each other; return 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("lines", nargs="*", metavar="LINE", help="all by default")
    parser.add_argument("--short", action="store_true", help="fewer rounds on smaller sizes")
    parser.add_argument(
        "--instructions", action="store_true", help="count instructions in a short run, too"
    )
    parser.add_argument("--output", type=Path, default=REPORT, help="the file of the results")
    given = parser.parse_args(arguments)
    unknown = [line for line in given.lines if line not in MODULES]
    if unknown:
        parser.error(f"There is no line {', '.join(unknown)}. Name some of: {', '.join(MODULES)}.")
    has_instructions = is_available() and (given.instructions or not given.short)
    effort = Effort(is_short=given.short, has_instructions=has_instructions)
    report = {"machine": describe_machine(), "short": given.short, "rows": [], "failed": {}}
    print(", ".join(f"{name} {value}" for name, value in report["machine"].items()))
    for line in given.lines or MODULES:
        try:
            for result in measure(line, effort):
                print(result, flush=True)
                report["rows"].append(result.as_plain_data())
        except Exception as error:  # noqa: BLE001 - the other lines are measured all the same
            traceback.print_exc()
            print(f"{line:<4}NOT MEASURED: {error}", flush=True)
            report["failed"][line] = str(error)
        given.output.parent.mkdir(parents=True, exist_ok=True)
        given.output.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return bool(report["failed"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

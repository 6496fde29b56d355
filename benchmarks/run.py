"""
Run every benchmark, print its ratios and write them to build/bench.json.

``python -m benchmarks.run sqlite_send depth`` runs those alone and writes nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from . import (
    concurrent_workers,
    depth,
    full_export,
    import_time,
    installed_size,
    postgres,
    rule_decisions,
    sqlite_export,
    sqlite_send,
    worker_kills,
)

REPORT = Path(__file__).parents[1] / "build" / "bench.json"

BENCHMARKS = {
    module.__name__.rpartition(".")[2]: module.measure
    for module in (
        rule_decisions,
        sqlite_send,
        sqlite_export,
        depth,
        concurrent_workers,
        postgres,
        worker_kills,
        import_time,
        installed_size,
        full_export,
    )
}


def main(chosen: list[str]) -> None:
    """Run them one after the other, never beside each other."""
    report = []
    print("benchmark                        ratio (min to max)      target")
    for name in chosen or BENCHMARKS:
        for result in BENCHMARKS[name]():
            print(result, flush=True)
            report.append(result.as_plain_data())
    if not chosen:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Run every benchmark, print its ratios and write them to build/bench.json."""

from __future__ import annotations

import json
from pathlib import Path

from . import import_time, installed_size

REPORT = Path(__file__).parents[1] / "build" / "bench.json"

BENCHMARKS = (
    import_time.measure,
    installed_size.measure,
)


def main() -> None:
    """Run them one after the other, never beside each other."""
    report = []
    print("benchmark                     ratio (min to max)      target")
    for measure in BENCHMARKS:
        for result in measure():
            print(result, flush=True)
            report.append(result.as_plain_data())
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""
Run every benchmark, print its ratios and write them to build/bench.json.

``python -m benchmarks.run sending depth`` runs those alone and writes nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from . import (
    deciding,
    depth,
    import_time,
    installed_size,
    killing,
    postgres,
    sending,
    sharing,
    whole,
    working,
)

REPORT = Path(__file__).parents[1] / "build" / "bench.json"

BENCHMARKS = {
    module.__name__.rpartition(".")[2]: module.measure
    for module in (
        deciding,
        sending,
        working,
        depth,
        sharing,
        postgres,
        killing,
        import_time,
        installed_size,
        whole,
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

"""The program whose fsyncs are counted: ``python -m benchmarks.traced DEED JOBS FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from .desk import on_sqlite

BATCH = 100


def main(deed: str, jobs: int, folder: Path) -> None:
    """Send invoices one by one, in batches of a hundred, or export them."""
    folder.mkdir()
    desk = on_sqlite(folder)
    if deed == "send":
        for key in desk.host.prepare(range(jobs)):
            desk.send([key])
    elif deed == "batches":
        ids = desk.host.prepare(range(jobs * BATCH))
        for begin in range(0, len(ids), BATCH):
            desk.send(ids[begin : begin + BATCH])
    else:
        desk.ready_to_export(range(jobs))
        if deed == "export":
            desk.export(jobs)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))

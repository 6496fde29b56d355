"""The program whose fsyncs are counted: ``python -m benchmarks.fsync_program DEED JOBS FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from .queue_driver import on_sqlite

BATCH = 100


def main(deed: str, jobs: int, folder: Path) -> None:
    """Send invoices one by one, in batches of a hundred, or export them in one lane or eight."""
    folder.mkdir()
    driver = on_sqlite(folder)
    if deed == "send":
        for key in driver.host.prepare(range(jobs)):
            driver.send([key])
    elif deed == "batches":
        ids = driver.host.prepare(range(jobs * BATCH))
        for begin in range(0, len(ids), BATCH):
            driver.send(ids[begin : begin + BATCH])
    else:
        driver.ready_to_export(range(jobs))
        if deed == "export":
            driver.export(jobs)
        elif deed == "lanes":
            driver.lanes.run_until_idle(patient=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))

"""
One of several workers on a SQLite file.

Run it with ``python -m benchmarks.concurrent_worker FOLDER SECONDS``.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from erp_invoice_core import SqliteStore

from .queue_driver import QueueDriver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.stores import WorkTransaction


class Timed(SqliteStore):
    """A store that notes how long each worker's transaction has to wait for its turn."""

    longest = 0.0

    @contextmanager
    def work(self) -> Iterator[WorkTransaction]:
        """Open the worker's port, and note the wait."""
        began = time.perf_counter()
        with super().work() as transaction:
            self.longest = max(self.longest, time.perf_counter() - began)
            yield transaction


def main(folder: Path, seconds: float) -> None:
    """Wait for a line, export what is due for that number of seconds, then print the result."""
    store = Timed(folder / "ours.db")
    driver = QueueDriver(store)
    print("ready", flush=True)
    sys.stdin.readline()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        driver.worker.run_once(limit=1)
    print(json.dumps({"keys": list(driver.erp.bills), "longest": store.longest}))
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))

"""persist-queue as a queue of invoices: no status, no audit record, no key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from persistqueue import SQLiteAckQueue

from .samples import LINES, invoice_of

THREADS = 8


class PersistQueue:
    """A queue in a file; what is taken is acknowledged after the call."""

    def __init__(self, where: str) -> None:
        """Open the file in a folder."""
        self._queue = SQLiteAckQueue(str(Path(where) / "persisted"), multithreading=True)
        self._invoices: dict[int, dict[str, Any]] = {}

    def load(self, first: int, count: int, lines: int = LINES) -> None:
        """Have these invoices at hand, and remove what is done, which it would walk over."""
        self._queue.clear_acked_data(max_delete=1_000_000, keep_latest=0)
        self._invoices = {n: invoice_of(n, lines) for n in range(first, first + count)}

    def send(self, first: int, count: int, batch: int) -> None:
        """Put these one by one; it has no batches."""
        assert batch == 1
        for number in range(first, first + count):
            self._queue.put(self._invoices[number])

    def export(self, jobs: int, threads: int = 1) -> None:
        """Take that number and acknowledge each, with several threads that share the queue."""
        if threads == 1:
            self._take(jobs)
            return
        assert threads == THREADS
        share = [jobs // threads + (place < jobs % threads) for place in range(threads)]
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self._take, share))

    def _take(self, jobs: int) -> None:
        for _ in range(jobs):
            self._queue.ack(self._queue.get(timeout=10))

    def close(self) -> None:
        """Close the file."""
        self._queue.close()

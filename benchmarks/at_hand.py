"""Our side with facts that the host has at hand, without any records in the database."""

from __future__ import annotations

from pathlib import Path

from erp_invoice_core import SqliteStore
from erp_invoice_core.stores import PostgresStore

from .cost import Cost, build_count
from .queue_driver import QueueDriver
from .samples import LINES


class AtHand:
    """A queue whose host makes the case of an invoice before it is asked for it."""

    lines = LINES

    def __init__(self, where: str) -> None:
        """Open the database; ``where`` is a folder, or the URL of a schema on a server."""
        is_url = where.startswith("postgresql:")
        store = PostgresStore(where) if is_url else SqliteStore(Path(where) / "ours.db")
        self.driver = QueueDriver(store, concurrency=8)

    def load(self, first: int, count: int, lines: int | None = None) -> None:
        """Have these invoices."""
        self.driver.host.prepare(range(first, first + count), lines or self.lines)

    def send(self, first: int, count: int, batch: int) -> None:
        """Send these in batches."""
        ids = [str(number) for number in range(first, first + count)]
        for begin in range(0, count, batch):
            self.driver.send(ids[begin : begin + batch])

    def accept(self, first: int, count: int, batch: int) -> None:
        """Accept these in batches."""
        ids = [str(number) for number in range(first, first + count)]
        for begin in range(0, count, batch):
            self.driver.accept(ids[begin : begin + batch])

    def export(self, jobs: int, lanes: int = 1) -> None:
        """Export that number one after the other, or all that are due with several lanes."""
        if lanes == 1:
            self.driver.export(jobs)
        else:
            results = self.driver.lanes.run_until_idle(patient=False)
            assert len(results) == jobs, len(results)

    def count_repeated(self) -> Cost:
        """Return how many calls of this process came a second time."""
        return build_count(self.driver.erp.repeated)

    def close(self) -> None:
        """Close the database."""
        self.driver.store.close()

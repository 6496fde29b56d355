"""Our side of every durable benchmark: a queue over a store, with invoices to send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core import ExportQueue, SqliteStore, Worker

from .samples import APPROVER, SENDER, Host, OneStepErp, connections

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from erp_invoice_core.stores import Store

__all__ = ["QueueDriver", "on_sqlite"]


class QueueDriver:
    """A queue, the host whose invoices it sends, and the ERP behind it."""

    def __init__(
        self, store: Store, *, concurrency: int = 8, erp: OneStepErp | None = None
    ) -> None:
        """Set up a worker that does one job after the other, and one with several lanes."""
        self.store = store
        self.host = Host()
        self.erp = erp or OneStepErp()
        self.queue = ExportQueue(store, connections(self.erp), self.host)
        self.worker = Worker(self.queue)
        self.lanes = Worker(self.queue, concurrency=concurrency)

    def send(self, ids: Sequence[str]) -> None:
        """Send these in one transaction; every one of them is allowed."""
        results = self.queue.send(ids, SENDER, connection="erp")
        assert all(result.verdict for result in results)

    def accept(self, ids: Sequence[str]) -> None:
        """Accept these in one transaction; every one of them is allowed."""
        results = self.queue.accept(ids, APPROVER)
        assert all(result.verdict for result in results)

    def ready_to_export(self, numbers: Sequence[int]) -> None:
        """Have these invoices accepted, for a worker to take."""
        ids = self.host.prepare(numbers)
        for begin in range(0, len(ids), 500):
            batch = ids[begin : begin + 500]
            self.send(batch)
            self.accept(batch)

    def export(self, jobs: int) -> None:
        """Have the worker export that number, one after the other."""
        results = self.worker.run_once(limit=jobs)
        assert len(results) == jobs


def on_sqlite(folder: Path) -> QueueDriver:
    """Return a queue over a new file in the folder."""
    return QueueDriver(SqliteStore(folder / "ours.db"))

"""A SQLite file on a disk that is full for a while."""

from __future__ import annotations

import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import SqliteStore
from tests.crash.deployment import Deployment

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from erp_invoice_core import ExportQueue


@contextmanager
def fill_disk() -> Iterator[None]:
    """Have every write and every growth of a file of this process fail."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


class FullDiskStore(SqliteStore):
    """
    A store whose disk is full for some write transactions.

    Attributes:
        met: How many transactions met the full disk since the last call of ``fill``.
    """

    def __init__(self, path: str) -> None:
        self.turn = self.met = self.full_for = 0
        self.full_at = -1
        super().__init__(path)

    def fill(self, at: int, times: int) -> None:
        """Fill the disk from transaction ``at`` on (from now, counted from 0)."""
        self.turn = self.met = 0
        self.full_at, self.full_for = at, times

    def relax(self) -> None:
        """Free the disk."""
        self.full_at = -1

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction, on a full disk or not."""
        is_full = 0 <= self.turn - self.full_at < self.full_for and self.full_at >= 0
        self.turn += 1
        self.met += is_full
        if not is_full:
            with super().transaction() as db:
                yield db
            return
        with fill_disk(), super().transaction() as db:
            yield db


@attrs.frozen
class FullDiskDeployment(Deployment):
    """A deployment that opens its database on such a disk."""

    def open_store(self) -> FullDiskStore:
        """Open the database."""
        return FullDiskStore(self.store)

    @contextmanager
    def open_full_disk(self) -> Iterator[tuple[ExportQueue, FullDiskStore]]:
        """Open the queue, with its store."""
        with self.open_queue() as queue:
            assert isinstance(queue.store, FullDiskStore)
            yield queue, queue.store

"""A SQLite file on a disk that is full for a while."""

from __future__ import annotations

import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import SqliteStore
from tests.crash.deployment import Firm

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from erp_invoice_core import ExportQueue


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file of this process grow, nor be written at all."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


class CrampedStore(SqliteStore):
    """
    A store whose disk is full from one write transaction on, for so many of them.

    Attributes:
        met: How many transactions met the full disk, since it was said when it is to be full.
    """

    def __init__(self, path: str) -> None:
        self.turn = self.met = self.full_for = 0
        self.full_at = -1
        super().__init__(path)

    def cramp(self, at: int, times: int) -> None:
        """Be full from the so manieth transaction on (from now, counted from 0)."""
        self.turn = self.met = 0
        self.full_at, self.full_for = at, times

    def relax(self) -> None:
        """Have room again."""
        self.full_at = -1

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction, with room on the disk or without."""
        is_full = 0 <= self.turn - self.full_at < self.full_for and self.full_at >= 0
        self.turn += 1
        self.met += is_full
        if not is_full:
            with super().transaction() as connection:
                yield connection
            return
        with no_room(), super().transaction() as connection:
            yield connection


@attrs.frozen
class Cramped(Firm):
    """A firm that opens its database on such a disk."""

    def opened_store(self) -> CrampedStore:
        """Open the database."""
        return CrampedStore(self.store)

    @contextmanager
    def cramped(self) -> Iterator[tuple[ExportQueue, CrampedStore]]:
        """Open the queue, with its store."""
        with self.opened() as queue:
            assert isinstance(queue.store, CrampedStore)
            yield queue, queue.store

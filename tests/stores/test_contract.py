"""The stores that ship keep the contract of stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.stores import MemoryStore, SqliteStore, Store
from erp_invoice_core.testing import StoreContract

if TYPE_CHECKING:
    from pathlib import Path


class TestMemoryStore(StoreContract):
    """The queue in memory."""

    def make_store(self, folder: Path) -> Store:
        """Return a queue in memory."""
        return MemoryStore()


class TestSqliteStore(StoreContract):
    """The queue in a SQLite file."""

    def make_store(self, folder: Path) -> Store:
        """Return a queue in a file of the test's own."""
        return SqliteStore(folder / "queue.db")

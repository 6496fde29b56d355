"""The stores of the library pass the store contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.stores import MemoryStore, PostgresStore, SqliteStore, Store
from erp_invoice_core.testing import StoreContract
from tests.postgres import fresh_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
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


class TestPostgresStore(StoreContract):
    """The queue in a PostgreSQL database."""

    @pytest.fixture(autouse=True)
    def schema(self) -> Iterator[None]:
        """Use a schema of the test's own."""
        with fresh_schema() as self.dsn:
            yield

    def make_store(self, folder: Path) -> Store:
        """Return a queue in a schema of the test's own."""
        return PostgresStore(self.dsn)

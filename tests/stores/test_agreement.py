"""All stores agree, whatever they are told, and whoever's connection tells them."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

from erp_invoice_core.stores import MemoryStore, SqliteStore
from erp_invoice_core.testing import StoresAgree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.stores import PeopleTransaction


class HostedStore(SqliteStore):
    """A SQLite queue whose people's verbs all run on a connection of the host's."""

    @contextmanager
    def people(self, connection: object | None = None) -> Iterator[PeopleTransaction]:
        """Open people's port inside a transaction that the host begins and commits."""
        host = sqlite3.connect(self.path, isolation_level=None)
        host.row_factory = sqlite3.Row
        with closing(host):
            host.execute("BEGIN")
            with super().people(host) as transaction:
                yield transaction
            host.execute("COMMIT")


class BuiltInStoresAgree(StoresAgree):
    """The stores that ship, SQLite on its own connection and on a host's."""

    makers = {  # noqa: RUF012 - as the class above declares it
        "memory": lambda _folder: MemoryStore(),
        "sqlite": lambda folder: SqliteStore(folder / "queue.db"),
        "hosted": lambda folder: HostedStore(folder / "queue.db"),
    }


TestBuiltInStoresAgree = BuiltInStoresAgree.TestCase
TestBuiltInStoresAgree.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

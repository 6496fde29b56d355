"""A process that exports invoices, to be watched from outside: does it sync before it calls?"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import SqliteStore
from tests.crash.deployment import Firm

if TYPE_CHECKING:
    import sqlite3

    from erp_invoice_core.stores import PostgresStore

_IDS = ("5000", "5001", "5002")


class _SloppyStore(SqliteStore):
    """A store that leaves it to the machine when to sync: a mistake, to be noticed."""

    def _connection(self) -> sqlite3.Connection:
        connection = super()._connection()
        if not connection.in_transaction:  # there it cannot be changed any more
            connection.execute("PRAGMA synchronous=OFF")
        return connection


@attrs.frozen
class Durable(Firm):
    """A firm whose SQLite store syncs, or, told so, does not."""

    is_sloppy: bool = attrs.field(default=False, kw_only=True)

    def opened_store(self) -> SqliteStore | PostgresStore:
        """Open the database."""
        return _SloppyStore(self.store) if self.is_sloppy else super().opened_store()


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    firm = Durable(**attrs.asdict(Firm.told(asked["firm"])), is_sloppy=asked["is_sloppy"])
    with firm.opened() as queue:
        firm.accept(queue, _IDS)
        results = firm.worker(queue).run_once()
    print(json.dumps([each.entry.status.value for each in results]))  # noqa: T201 - its answer

"""A process that exports invoices and is traced: its syncs must come before its calls."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import SqliteStore
from tests.crash.deployment import Deployment

if TYPE_CHECKING:
    import sqlite3

    from erp_invoice_core.stores import PostgresStore

_IDS = ("5000", "5001", "5002")


class _SloppyStore(SqliteStore):
    """A store that never syncs: a mistake that must be noticed."""

    def _connection(self) -> sqlite3.Connection:
        db = super()._connection()
        if not db.in_transaction:  # at that point it cannot be changed any more
            db.execute("PRAGMA synchronous=OFF")
        return db


@attrs.frozen
class SyncOrderDeployment(Deployment):
    """A deployment whose SQLite store syncs, or does not (``is_sloppy``)."""

    is_sloppy: bool = attrs.field(default=False, kw_only=True)

    def open_store(self) -> SqliteStore | PostgresStore:
        """Open the database."""
        return _SloppyStore(self.store) if self.is_sloppy else super().open_store()


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    deployment = SyncOrderDeployment(
        **attrs.asdict(Deployment.from_json(asked["deployment"])), is_sloppy=asked["is_sloppy"]
    )
    with deployment.open_queue() as queue:
        deployment.accept(queue, _IDS)
        results = deployment.worker(queue).run_once()
    print(json.dumps([each.entry.status.value for each in results]))  # noqa: T201 - its answer

"""The company's ERPs, and the queue; the bills are those of ``sqlite3_host``."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from erp_invoice_core import Adapters, Connection, Connections, ExportQueue, SqliteStore

from ..sqlite3_host.billing import queue_for_workers

__all__ = ["CONNECTIONS", "FOLDER", "queue"]

FOLDER = Path(os.environ.get("HOST_FOLDER", "build/celery_worker")).absolute()

CONNECTIONS = {
    "books": Connection("books", "beancount", {"path": str(FOLDER / "books.beancount")}),
    "annex": Connection("annex", "beancount", {"path": str(FOLDER / "annex.beancount")}),
}


@cache
def queue() -> ExportQueue:
    """Return the queue, opened by the first task; each process of Celery has its own."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    return queue_for_workers(SqliteStore(FOLDER / "app.db"), connections())


def connections() -> Connections:
    """Return every connection, also those that the task does not serve."""
    return Connections(Adapters.installed(), CONNECTIONS.values())

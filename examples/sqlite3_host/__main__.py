"""Send, accept and export in a new database: ``python -m examples.sqlite3_host [FOLDER]``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from erp_invoice_core import SqliteStore, Worker

from ..harbor_point import AP, PM, books
from .billing import queue_for_workers, queue_on, send
from .database import connect, create, run_with_retry


def main(folder: Path) -> None:
    """Make ``app.db`` and ``books.beancount`` in the folder, and print the answers."""
    folder.mkdir(parents=True, exist_ok=True)
    connections = books(str(folder / "books.beancount"))
    store = SqliteStore(folder / "app.db")
    with closing(store), closing(connect(str(store.path))) as database:
        create(database)
        queue = queue_on(database, store, connections)
        for answer in run_with_retry(lambda: send(database, queue, ["B-1", "B-2", "B-3"], PM)):
            why = "; ".join(denial.message for denial in answer.verdict.denials)
            print(answer.id, answer.entry.status.value, why)
        queue.accept(["B-1", "B-3"], AP)
        for result in Worker(queue_for_workers(store, connections)).run_once():
            print(result.id, result.entry.status.value)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/sqlite3_host"))

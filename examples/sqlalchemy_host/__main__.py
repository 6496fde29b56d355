"""Send, accept and export in a new database: ``python -m examples.sqlalchemy_host [FOLDER]``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from erp_invoice_core import SqliteStore, Worker

from ..harbor_point import AP, PM, books
from .billing import Billing
from .database import create, engine_at, run_with_retry


def main(folder: Path) -> None:
    """Make ``app.db`` and ``books.beancount`` in the folder, and print the answers."""
    folder.mkdir(parents=True, exist_ok=True)
    connections = books(str(folder / "books.beancount"))
    engine = engine_at(f"sqlite:///{folder / 'app.db'}")
    create(engine)
    with closing(SqliteStore(folder / "app.db")) as store:
        billing = Billing(engine=engine, store=store, connections=connections)
        for answer in run_with_retry(lambda: billing.send(["B-1", "B-2", "B-3"], PM)):
            why = "; ".join(denial.message for denial in answer.verdict.denials)
            print(answer.id, answer.entry.status.value, why)
        queue = billing.queue_for_workers()
        queue.accept(["B-1", "B-3"], AP)
        for result in Worker(queue).run_once():
            print(result.id, result.entry.status.value)
    engine.dispose()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/sqlalchemy_host"))

"""Send and export in an empty database: ``python -m examples.psycopg_host DSN [LEDGER]``."""

from __future__ import annotations

import sys
from contextlib import closing

from erp_invoice_core import PostgresStore, Worker

from ..harbor_point import AP, PM, books
from .billing import queue_for_workers, queue_on, send
from .database import connect, create, run_with_retry


def main(dsn: str, ledger: str = "books.beancount") -> None:
    """Make the tables, and print the answers."""
    connections = books(ledger)
    with closing(PostgresStore(dsn)) as store, connect(dsn) as database:
        create(database)
        queue = queue_on(database, store, connections)
        for answer in run_with_retry(lambda: send(database, queue, ["B-1", "B-2", "B-3"], PM)):
            why = "; ".join(denial.message for denial in answer.verdict.denials)
            print(answer.id, answer.entry.status.value, why)
        queue.accept(["B-1", "B-3"], AP)
        for result in Worker(queue_for_workers(dsn, store, connections)).run_once():
            print(result.id, result.entry.status.value)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The Celery app: one task for each connection, every half minute."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache

from celery import Celery

from erp_invoice_core import Worker

from .erp import CONNECTIONS, FOLDER, queue

__all__ = ["app", "export"]

EVERY = float(os.environ.get("HOST_EVERY", "30"))
LEASE = timedelta(seconds=60)
#: A file for trials; in production use a broker that is meant for it.
BROKER = os.environ.get("HOST_BROKER", f"sqla+sqlite:///{FOLDER / 'messages.db'}")

app = Celery("celery_worker", broker=BROKER)
app.conf.update(
    task_ignore_result=True,  # the results are in the queue
    task_time_limit=120,  # longer than the budget and the steps of one bill
    beat_schedule_filename=str(FOLDER / "beat"),
    worker_prefetch_multiplier=1,  # one slow ERP must not sit on the tasks of the others
    beat_schedule={
        f"export-{name}": {
            "task": "export",
            "args": [name],
            "schedule": EVERY,
            "options": {"expires": 60},  # after a pause not all of them run at once
        }
        for name in CONNECTIONS
    },
)


@cache
def worker() -> Worker:
    """Return this process's worker: it remembers from task to task which ERP is down."""
    return Worker(queue(), lease=LEASE)


@app.task(name="export")
def export(connection: str) -> None:
    """Work on the due entries of one connection; the next task does the rest."""
    worker().run_once(limit=100, budget=20.0, connections=[connection])

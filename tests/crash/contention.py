"""A process with eight workers, a sender and readers on one file; it prints a report."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import ExportStatus, SqliteStore
from erp_invoice_core.stores import EntryChanged, StoreBusy
from erp_invoice_core.stores.sqlite import store as sqlite_store
from erp_invoice_core.stores.sqlite.file_lock import SideLock
from erp_invoice_core.testing.fake_erp import fetch_report
from tests.crash.checks import find_problems
from tests.crash.deployment import Deployment
from tests.crash.kill_runs import has_ended, start_process, wait_for_process
from tests.crash.worker_pool import WorkerPool, run_and_read, stop_on_signal
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from typing import Self


class _RecordingStore(SqliteStore):
    """A store that writes a line beside its file whenever it was too busy."""

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction of our own."""
        try:
            with super().transaction() as db:
                yield db
        except EntryChanged:  # it waited for no lock
            raise
        except StoreBusy as busy:
            with Path(f"{self.path}.busy").open("a", encoding="utf-8") as file:
                file.write(f"{busy}\n")
            raise


class _NoLock(SideLock):
    """A side lock that locks nothing."""

    def hold(self, wait: float) -> Self:
        """Lock nothing."""
        return self

    def release(self) -> None:
        """Release nothing."""


@attrs.frozen
class ContentionDeployment(Deployment):
    """
    A deployment that records whenever its database was too busy.

    Attributes:
        is_rude: True if its writers neither queue nor wait: a mistake that must be noticed.
    """

    is_rude: bool = attrs.field(default=False, kw_only=True)

    def open_store(self) -> SqliteStore:
        """Open the database."""
        if not self.is_rude:
            return _RecordingStore(self.store)
        # A name that does not exist would leave the lock in place, without an error.
        assert vars(sqlite_store)["SideLock"] is SideLock
        vars(sqlite_store)["SideLock"] = _NoLock
        return _RecordingStore(self.store, wait=0.0)


def _read(deployment: Deployment) -> None:
    """Read all data, again and again, until asked to stop."""
    stop = stop_on_signal()
    with deployment.open_queue() as queue:
        while not stop.is_set():
            assert () == queue.verify().problems
            list(queue.changes(0, 1000))
            queue.entries()


def run_contention(
    deployment: Deployment, folder: Path, *, workers: int, seconds: float
) -> dict[str, Any]:
    """Run workers beside a sender and readers; return a report."""
    pool = WorkerPool(deployment=deployment, folder=folder, backlog=60)
    assert 0 == wait_for_process(start_process(lambda: deployment.open_store().close()))
    pool.start_sender()
    reader = start_process(lambda: _read(deployment))
    for _ in range(workers):
        pool.start_worker()
    time.sleep(seconds)
    _wait_for_all(pool)
    sent = pool.stop_sending()
    pool.settle()
    os.kill(reader, signal.SIGTERM)
    assert 0 == wait_for_process(reader), "the reader broke down"
    pool.stop_workers()
    heard = fetch_report(deployment.url)
    creating = [each for each in heard.requests if each.kind == "create"]
    dead = [each for each in heard.requests if each.fault == "dead"]
    busy = Path(f"{deployment.store}.busy")
    return {
        "sent": len(sent),
        "created": len(heard.bills),
        "carried_out": sum(each.fault != "dead" for each in creating),
        "dead": len(dead),
        "workers": sorted(_callers(deployment).values()),
        "busy": busy.read_text(encoding="utf-8").splitlines() if busy.exists() else [],
        **run_and_read(lambda: _stands(deployment, sent), folder / "stands.json"),
    }


def _callers(deployment: Deployment) -> Counter[str]:
    """Return how often each worker has created a bill in the ERP."""
    return Counter(
        each.caller for each in fetch_report(deployment.url).requests if each.kind == "create"
    )


def _wait_for_all(pool: WorkerPool) -> None:
    """Have the sender go on until each worker had an entry, unless one failed; with a bound."""
    until, workers = time.monotonic() + TIME_LIMIT, pool.workers
    while len(_callers(pool.deployment)) < len(workers) and not any(map(has_ended, workers)):
        if time.monotonic() > until:
            return
        time.sleep(0.1)


def _stands(deployment: Deployment, sent: list[str]) -> dict[str, Any]:
    """Return how many entries are not yet synced, and the problems."""
    with deployment.open_queue() as queue:
        open_ = sum(entry.status is not ExportStatus.SYNCED for entry in queue.entries())
        return {"open": open_, "problems": find_problems(queue, fetch_report(deployment.url), sent)}


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    plain = attrs.asdict(Deployment.from_json(asked.pop("deployment")))
    told_of = ContentionDeployment(**plain, is_rude=asked.pop("is_rude"))
    print(json.dumps(run_contention(told_of, Path(asked.pop("folder")), **asked)))  # noqa: T201 - its answer

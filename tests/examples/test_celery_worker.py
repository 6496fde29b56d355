"""The Celery example, with a worker and a beat that are processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import Adapters, SqliteStore
from erp_invoice_core.adapters import Connection, Connections
from erp_invoice_core.testing import FakeLedger, TwoStepErp
from examples.harbor_point import AP, PM
from examples.sqlite3_host import billing, database

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).parents[2]
_BOUND = 45.0
_GRACE = 5.0
_WITH_A_FAKE = "tests.examples.celery_with_a_fake"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """The queue, with the bills of the host in the same file."""
    with closing(SqliteStore(tmp_path / "app.db")) as made:
        with closing(database.connect(str(made.path))) as own:
            database.create(own)
        yield made


def _accept(store: SqliteStore, adapter: str, where: dict[str, str]) -> None:
    """Send each bill to the connection that is named for it, and accept it."""
    # The host only asks this ledger whether it takes the bills; the workers have ledgers of theirs.
    ledger = {"path": str(store.path.parent / "asked by the host")}
    connections = Connections(
        Adapters(TwoStepErp()) if adapter == "two_step_fake" else Adapters.installed(),
        [Connection(name, adapter, ledger) for name in set(where.values())],
    )
    queue = billing.queue_for_workers(store, connections)
    for bill_id, connection in where.items():
        for answer in (
            *queue.send([bill_id], PM, connection=connection),
            *queue.accept([bill_id], AP),
        ):
            answer.verdict.require()


@contextmanager
def _celery(app: str, folder: Path) -> Iterator[None]:
    """Run a worker with two processes, and beat in it, until the block ends."""
    environ = {**os.environ, "HOST_FOLDER": str(folder), "HOST_EVERY": "1"}
    command = [sys.executable, "-m", "celery", "-A", app, "worker", "--beat", "-c", "2"]
    with (folder / "celery.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=_ROOT, env=environ, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield
        finally:
            process.terminate()
            # After it has killed one of its processes it does not always end.
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _until(store: SqliteStore, wanted: dict[str, str], log: Path) -> float:
    """Wait until the entries have these statuses; return how many seconds that took."""
    begun = time.monotonic()
    while True:
        found = {entry.id: entry.status.value for entry in store.entries(list(wanted))}
        if found == wanted:
            return time.monotonic() - begun
        if time.monotonic() - begun > _BOUND:
            assert wanted == found, log.read_text("utf-8")
        time.sleep(0.1)


def _wait_for_log(log: Path, words: str) -> None:
    """Wait until Celery has logged this."""
    ends = time.monotonic() + _BOUND
    while words not in log.read_text("utf-8"):
        assert time.monotonic() < ends, log.read_text("utf-8")
        time.sleep(0.1)


def test_each_connection_is_exported_by_its_own_task(store: SqliteStore, tmp_path: Path) -> None:
    """Beat exports the accepted bills of two ledgers, each bill to its own ledger, once."""
    _accept(store, "beancount", {"B-1": "books", "B-3": "annex"})

    with _celery("examples.celery_worker", tmp_path):
        _until(store, {"B-1": "synced", "B-3": "synced"}, tmp_path / "celery.log")

    keys = {
        name: [line for line in (tmp_path / name).read_text("utf-8").splitlines() if "key:" in line]
        for name in ("books.beancount", "annex.beancount")
    }
    assert ['  key: "B-1/1/1/bill"'] == keys["books.beancount"]
    assert ['  key: "B-3/1/1/bill"'] == keys["annex.beancount"]


def test_a_task_that_is_killed_is_covered_by_its_lease(store: SqliteStore, tmp_path: Path) -> None:
    """Celery's hard limit kills a hanging export; the next worker looks it up and books it once."""
    _accept(store, "two_step_fake", {"B-1": "books", "B-3": "annex"})
    books, log = FakeLedger(tmp_path / "books.json"), tmp_path / "celery.log"
    books.inject("create", "hang", seconds=600.0)

    with _celery(_WITH_A_FAKE, tmp_path):
        _until(store, {"B-1": "exporting", "B-3": "synced"}, log)
        _wait_for_log(log, "Hard time limit (2s) exceeded")
    assert [] == books.list_bills()
    with _celery(_WITH_A_FAKE, tmp_path):
        _until(store, {"B-1": "synced"}, log)

    assert ["posted"] == [bill.state for bill in books.list_bills()]
    assert "unknown" in {event.after.value for event in store.events("B-1")}
    assert 2 == books.count_requests("create")

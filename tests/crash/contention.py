"""A process that puts eight workers, a sender and readers at one file; it prints what happened."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import ExportStatus, SqliteStore
from erp_invoice_core.stores import StoreBusy
from erp_invoice_core.stores.sqlite import store as sqlite_store
from erp_invoice_core.testing.fake_erp import told
from tests.crash.checks import wrong
from tests.crash.deployment import Firm
from tests.crash.kill_runs import begun, ended, is_over
from tests.crash.worker_pool import Gang, left, stopped_by_signal

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_PATIENCE = 20.0


class _TellingStore(SqliteStore):
    """A store that leaves a line beside its file whenever it was too busy."""

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction of our own."""
        try:
            with super().transaction() as connection:
                yield connection
        except StoreBusy as busy:
            with Path(f"{self.path}.busy").open("a", encoding="utf-8") as file:
                file.write(f"{busy}\n")
            raise


@attrs.frozen
class Crowded(Firm):
    """
    A firm that notes whenever its database was too busy.

    Attributes:
        is_rude: True if its writers do not queue, nor wait: a mistake, to be noticed.
    """

    is_rude: bool = attrs.field(default=False, kw_only=True)

    def opened_store(self) -> SqliteStore:
        """Open the database."""
        if not self.is_rude:
            return _TellingStore(self.store)
        vars(sqlite_store)["side_lock"] = lambda *_: nullcontext()
        return _TellingStore(self.store, wait=0.0)


def _read(firm: Firm) -> None:
    """Read everything, again and again, until asked to stop."""
    stop = stopped_by_signal()
    with firm.opened() as queue:
        while not stop.is_set():
            assert () == queue.verify().problems
            list(queue.changes(0, 1000))
            queue.entries()


def crowded(firm: Firm, folder: Path, *, workers: int, seconds: float) -> dict[str, Any]:
    """Have so many workers work while others send and read; return what there is to tell."""
    gang = Gang(firm=firm, folder=folder, backlog=60)
    assert 0 == ended(begun(lambda: firm.opened_store().close()))
    gang.begin_sending()
    reader = begun(lambda: _read(firm))
    for _ in range(workers):
        gang.hire()
    time.sleep(seconds)
    _wait_for_all(gang)
    sent = gang.stop_sending()
    gang.settle()
    os.kill(reader, signal.SIGTERM)
    assert 0 == ended(reader), "the reader broke down"
    gang.dismiss()
    heard = told(firm.url)
    creating = [each for each in heard.requests if each.kind == "create"]
    dead = [each for each in heard.requests if each.fate == "dead"]
    busy = Path(f"{firm.store}.busy")
    return {
        "sent": len(sent),
        "created": len(heard.bills),
        "carried_out": sum(each.fate != "dead" for each in creating),
        "dead": len(dead),
        "workers": sorted(_callers(firm).values()),
        "busy": busy.read_text(encoding="utf-8").splitlines() if busy.exists() else [],
        **left(lambda: _stands(firm, sent), folder / "stands.json"),
    }


def _callers(firm: Firm) -> Counter[str]:
    """Return how often each worker has told the ERP to make a bill."""
    return Counter(each.caller for each in told(firm.url).requests if each.kind == "create")


def _wait_for_all(gang: Gang) -> None:
    """Have the office go on until each worker got a turn, unless one broke down; with a bound."""
    until, workers = time.monotonic() + _PATIENCE, gang.workers
    while len(_callers(gang.firm)) < len(workers) and not any(map(is_over, workers)):
        if time.monotonic() > until:
            return
        time.sleep(0.1)


def _stands(firm: Firm, sent: list[str]) -> dict[str, Any]:
    """Return how many entries are not yet synced, and what is wrong."""
    with firm.opened() as queue:
        open_ = sum(entry.status is not ExportStatus.SYNCED for entry in queue.entries())
        return {"open": open_, "problems": wrong(queue, told(firm.url), sent)}


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    plain = attrs.asdict(Firm.told(asked.pop("firm")))
    told_of = Crowded(**plain, is_rude=asked.pop("is_rude"))
    print(json.dumps(crowded(told_of, Path(asked.pop("folder")), **asked)))  # noqa: T201 - its answer

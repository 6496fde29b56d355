"""A process whose disk is full for a while; it prints a report as JSON."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import Action
from erp_invoice_core.stores import StoreFault
from erp_invoice_core.testing.fake_erp import fetch_report
from tests.crash.checks import get_invoice_id
from tests.crash.deployment import Deployment
from tests.crash.full_disk_store import FullDiskDeployment
from tests.crash.recovery import finish
from tests.time_limit import TIME_LIMIT
from tests.worker.harness import APPROVER, check_allowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core import ExportQueue
    from erp_invoice_core.testing.fake_erp.ledger import ErpDocument
    from tests.crash.full_disk_store import FullDiskStore

_FIRST = 5000
_MOST = 20
_WRITES = 6
_FOR_EVER = 1_000_000


def _count_starts(queue: ExportQueue, id_: str) -> int:
    """Return how many starts of a call are stored for an invoice."""
    return sum(event.action is Action.START for event in queue.history(id_))


def _export_on_full_disk(
    deployment: FullDiskDeployment, id_: str, at: int, times: int
) -> tuple[bool, list[str], list[str]]:
    """Export one invoice on a full disk; return whether it was met, the error, and the problems."""
    said, problems = [], []
    with deployment.open_full_disk() as (queue, store):
        deployment.accept(queue, [id_])
        store.fill(at, times)
        try:
            deployment.worker(queue).run_once(limit=3)
        except StoreFault as fault:
            said.append(str(fault))
        has_met = bool(store.met)
        store.relax()
        heard = fetch_report(deployment.url).requests
        writes = [each for each in heard if each.kind != "find" and _is_of(each.key, id_)]
        if len(writes) > _count_starts(queue, id_):
            problems.append(f"{id_}: the ERP got {len(writes)} writes without a stored start")
        problems += [finding.message for finding in queue.verify().problems]
    return has_met, said, problems


def _is_of(key: str, id_: str) -> bool:
    return get_invoice_id(key) == id_


def fill_while_working(deployment: FullDiskDeployment, times: int) -> dict[str, Any]:
    """Fill the disk at each write of a worker in turn, and free it afterwards."""
    problems, said, ids = [], [], []
    for at in range(_MOST):
        ids.append(str(_FIRST + at))
        has_met, sentences, find_problems = _export_on_full_disk(deployment, ids[-1], at, times)
        problems += find_problems
        said += sentences
        if not has_met:
            break
    people, more = finish(deployment, ids)
    created = len(fetch_report(deployment.url).bills)
    return {"ids": len(ids), "said": said, "people": people, "created": created} | {
        "problems": [*problems, *more]
    }


def fill_while_waiting(deployment: FullDiskDeployment, outage: float) -> dict[str, Any]:
    """Fill the disk at each write of a running worker, until it has met that more than once."""
    ids = [str(_FIRST + at) for at in range(_WRITES)]
    met = 0
    with deployment.open_full_disk() as (queue, store):
        for at, id_ in enumerate(ids):
            deployment.accept(queue, [id_])
            store.fill(at, _FOR_EVER)
            stop = Event()
            watcher = Thread(target=_watch, args=(deployment, id_, stop))
            cleaner = Thread(target=_free_once_met, args=(store, outage, stop))
            cleaner.start()
            watcher.start()
            deployment.worker(queue).run(stop, pause=0.05)
            met += store.met > 1
            watcher.join()
            cleaner.join()
    people, problems = finish(deployment, ids)
    created = len(fetch_report(deployment.url).bills)
    return {"met": met, "people": people, "created": created, "problems": problems}


def _free_once_met(store: FullDiskStore, outage: float, stop: Event) -> None:
    """Free the disk once the worker has met it twice, or after ``outage`` seconds."""
    until = time.monotonic() + outage
    while store.met <= 1 and time.monotonic() < until and not stop.is_set():
        time.sleep(0.01)
    store.relax()


def _watch(deployment: Deployment, id_: str, stop: Event) -> None:
    """Stop the worker once the invoice is synced; with a bound."""
    until = time.monotonic() + TIME_LIMIT
    while not stop.is_set():
        is_synced = any(bill.state == "posted" for bill in _bills(deployment, id_))
        if time.monotonic() > until or (is_synced and _statuses(deployment, [id_]) == ["synced"]):
            stop.set()
        time.sleep(0.05)


def _bills(deployment: Deployment, id_: str) -> list[ErpDocument]:
    return [bill for bill in fetch_report(deployment.url).bills if bill.invoice_id == id_]


def _statuses(deployment: Deployment, ids: list[str]) -> list[str]:
    with deployment.open_queue() as queue:
        assert () == queue.verify().problems
        return [entry.status.value for entry in queue.entries(ids)]


def _after_a_crash(deployment: Deployment, ids: list[str]) -> list[str]:
    """Return the statuses after a crash of this process, or of the machine, at this moment."""
    here, there = Path(deployment.store), Path(f"{deployment.store}.crashed")
    for ending in ("", "-wal"):
        shutil.copyfile(f"{here}{ending}", f"{there}{ending}")
    return _statuses(Deployment(store=str(there), url=deployment.url, row=deployment.row), ids)


def fill_while_sending(deployment: FullDiskDeployment) -> dict[str, Any]:
    """Send, then accept, on a full disk; check the state after a crash; then free the disk."""
    found: dict[str, Any] = {"said": [], "then": [], "crashed": [], "end": []}
    for at in range(2):
        ids = [str(_FIRST + 10 * at), str(_FIRST + 10 * at + 1)]
        with deployment.open_full_disk() as (queue, store):
            store.fill(at, 1)
            try:
                deployment.accept(queue, ids)
            except StoreFault as fault:
                found["said"].append(str(fault))
            found["then"].append(_statuses(deployment, ids))
            found["crashed"].append(_after_a_crash(deployment, ids))
            check_allowed(queue.accept(ids, APPROVER)) if at else deployment.accept(queue, ids)
        found["end"].append(_statuses(deployment, ids))
    return found


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    told_of = FullDiskDeployment(**attrs.asdict(Deployment.from_json(asked["deployment"])))
    runs: dict[str, Callable[..., dict[str, Any]]] = {
        "sending": fill_while_sending,
        "waiting": fill_while_waiting,
        "working": fill_while_working,
    }
    found = runs[asked["scenario"]](told_of, *asked["given"])
    print(json.dumps(found))  # noqa: T201 - its answer to the test

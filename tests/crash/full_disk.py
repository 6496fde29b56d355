"""A process whose disk is full for a while; it prints what it found as JSON."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from threading import Event, Thread, Timer
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import Action
from erp_invoice_core.stores import StoreFault
from erp_invoice_core.testing.fake_erp import told
from tests.crash.checks import invoice_of
from tests.crash.deployment import Firm
from tests.crash.full_disk_store import Cramped
from tests.crash.recovery import finished
from tests.worker.office import APPROVER, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core import ExportQueue
    from erp_invoice_core.testing.fake_erp.http_server import Bill

_FIRST = 5000
_MOST = 20
_WRITES = 6
_FOR_EVER = 1_000_000
_PATIENCE = 15.0


def _started(queue: ExportQueue, id_: str) -> int:
    """Return how many starts of a call are stored for an invoice."""
    return sum(event.action is Action.START for event in queue.history(id_))


def _worked(firm: Cramped, id_: str, at: int, times: int) -> tuple[bool, list[str], list[str]]:
    """Have one invoice exported on a full disk; whether it met it, what was said, what is wrong."""
    said, problems = [], []
    with firm.cramped() as (queue, store):
        firm.accept(queue, [id_])
        store.cramp(at, times)
        try:
            firm.worker(queue).run_once(limit=3)
        except StoreFault as fault:
            said.append(str(fault))
        has_met = bool(store.met)
        store.relax()
        heard = told(firm.url).requests
        writes = [each for each in heard if each.kind != "find" and _is_of(each.key, id_)]
        if len(writes) > _started(queue, id_):
            problems.append(f"{id_}: the ERP was told {len(writes)} times without a stored start")
        problems += [finding.message for finding in queue.verify().problems]
    return has_met, said, problems


def _is_of(key: str, id_: str) -> bool:
    return invoice_of(key) == id_


def working(firm: Cramped, times: int) -> dict[str, Any]:
    """Have the disk full at each write of a worker in turn, and room again after it."""
    problems, said, ids = [], [], []
    for at in range(_MOST):
        ids.append(str(_FIRST + at))
        has_met, sentences, wrong = _worked(firm, ids[-1], at, times)
        problems += wrong
        said += sentences
        if not has_met:
            break
    people, more = finished(firm, ids)
    created = len(told(firm.url).bills)
    return {"ids": len(ids), "said": said, "people": people, "created": created} | {
        "problems": [*problems, *more]
    }


def waiting(firm: Cramped, outage: float) -> dict[str, Any]:
    """Have a worker that runs on meet a full disk at each of its writes, for so many seconds."""
    ids = [str(_FIRST + at) for at in range(_WRITES)]
    met = 0
    with firm.cramped() as (queue, store):
        for at, id_ in enumerate(ids):
            firm.accept(queue, [id_])
            store.cramp(at, _FOR_EVER)
            room = Timer(outage, store.relax)
            stop = Event()
            watcher = Thread(target=_watch, args=(firm, id_, stop))
            room.start()
            watcher.start()
            firm.worker(queue).run(stop, pause=0.05)
            met += store.met > 1
            watcher.join()
            room.join()
    people, problems = finished(firm, ids)
    created = len(told(firm.url).bills)
    return {"met": met, "people": people, "created": created, "problems": problems}


def _watch(firm: Firm, id_: str, stop: Event) -> None:
    """Stop the worker once the invoice is synced, or after a while."""
    until = time.monotonic() + _PATIENCE
    while not stop.is_set():
        is_synced = any(bill.state == "posted" for bill in _bills(firm, id_))
        if time.monotonic() > until or (is_synced and _statuses(firm, [id_]) == ["synced"]):
            stop.set()
        time.sleep(0.05)


def _bills(firm: Firm, id_: str) -> list[Bill]:
    return [bill for bill in told(firm.url).bills if _is_of(bill.key, id_)]


def _statuses(firm: Firm, ids: list[str]) -> list[str]:
    with firm.opened() as queue:
        assert () == queue.verify().problems
        return [entry.status.value for entry in queue.entries(ids)]


def _after_a_crash(firm: Firm, ids: list[str]) -> list[str]:
    """Return the statuses that are found if this process, or the machine, dies just now."""
    here, there = Path(firm.store), Path(f"{firm.store}.crashed")
    for ending in ("", "-wal"):
        shutil.copyfile(f"{here}{ending}", f"{there}{ending}")
    return _statuses(Firm(store=str(there), url=firm.url, row=firm.row), ids)


def sending(firm: Cramped) -> dict[str, Any]:
    """Send, then accept, on a full disk; look at what a crash there would leave; have room."""
    found: dict[str, Any] = {"said": [], "then": [], "crashed": [], "end": []}
    for at in range(2):
        ids = [str(_FIRST + 10 * at), str(_FIRST + 10 * at + 1)]
        with firm.cramped() as (queue, store):
            store.cramp(at, 1)
            try:
                firm.accept(queue, ids)
            except StoreFault as fault:
                found["said"].append(str(fault))
            found["then"].append(_statuses(firm, ids))
            found["crashed"].append(_after_a_crash(firm, ids))
            ok(queue.accept(ids, APPROVER)) if at else firm.accept(queue, ids)
        found["end"].append(_statuses(firm, ids))
    return found


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    told_of = Cramped(**attrs.asdict(Firm.told(asked["firm"])))
    scenes: dict[str, Callable[..., dict[str, Any]]] = {
        "sending": sending,
        "waiting": waiting,
        "working": working,
    }
    found = scenes[asked["scene"]](told_of, *asked["given"])
    print(json.dumps(found))  # noqa: T201 - its answer to the test

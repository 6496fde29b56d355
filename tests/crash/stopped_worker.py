"""A process that stops a worker in its call, lets another take over, and continues the first."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import Connection, Connections, ExportQueue
from erp_invoice_core.adapters import Adapters, hookimpl
from erp_invoice_core.testing.fake_erp import PLUGINS, ErpOverHttp, fetch_report
from erp_invoice_core.testing.fake_erp.http_adapter import ErpUrl
from tests.crash.deployment import CONNECTION, Deployment
from tests.crash.kill_runs import start_process, wait_for_process
from tests.crash.recovery import finish
from tests.crash.worker_pool import WorkerPool, run_and_read
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_ID = "5000"
#: Another thread may get the signal; this one would go on for a moment (seconds).
_UNTIL_STOPPED = 0.2


@attrs.frozen
class _SleepingUrl(ErpUrl):
    """A connection that stops its process once: after connecting, before the deadline check."""

    def _connect(self, db: Any, until: datetime | None) -> None:  # noqa: ANN401 - as of ErpUrl
        if until is not None:
            os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(_UNTIL_STOPPED)
        super()._connect(db, until)


class _SleepingErp(ErpOverHttp):
    @hookimpl
    def erp_connect(self, settings: Mapping[str, object]) -> ErpUrl:
        """Return a connection that stops its process before every write."""
        return _SleepingUrl(str(settings["base_url"]))


def _run_sleeping_worker(deployment: Deployment) -> None:
    plugin = PLUGINS[deployment.row]
    slept = _SleepingErp(key=plugin.key, promise=plugin.promise)
    connection = Connection(CONNECTION, plugin.key, {"base_url": deployment.url})
    with deployment.open_queue() as queue:
        lines = Connections(Adapters(slept), [connection])
        deployment.worker(ExportQueue(queue.store, lines, queue.facts)).run_once(limit=1)


def _until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + TIME_LIMIT
    while not is_so():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.02)


def _seq(deployment: Deployment) -> list[Any]:
    with deployment.open_queue() as queue:
        entry = queue.entries([_ID])[0]
        return [entry.seq, entry.status.value]


def _acts(deployment: Deployment) -> list[str]:
    with deployment.open_queue() as queue:
        return [event.action.value for event in queue.history(_ID)]


def _accept(deployment: Deployment) -> None:
    with deployment.open_queue() as queue:
        deployment.accept(queue, [_ID])


def stop_worker(deployment: Deployment, folder: Path, fault: str) -> dict[str, Any]:
    """Stop a worker past its lease: its call is held, or it stops before it is sent."""
    path = folder / "said.json"
    assert 0 == wait_for_process(start_process(lambda: _accept(deployment)))
    is_sleepy = fault == "sleepy"
    if not is_sleepy:
        ErpUrl(deployment.url).ask("plan", {"on": "create", "do": fault})
    first = start_process(
        lambda: _run_sleeping_worker(deployment) if is_sleepy else _one(deployment)
    )
    if not is_sleepy:
        _until(lambda: _is_held(deployment, fault))
        os.kill(first, signal.SIGSTOP)
    _, status = os.waitpid(first, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    pool = WorkerPool(deployment=deployment, folder=folder)
    pool.start_worker()
    expected = "synced" if deployment.rest else "unknown"
    _until(lambda: expected == run_and_read(lambda: _seq(deployment), path)[1])
    then = run_and_read(lambda: _seq(deployment), path)
    ErpUrl(deployment.url).ask("release_held", {})
    os.kill(first, signal.SIGCONT)
    assert 0 == wait_for_process(first), "the stopped worker broke down"
    now = run_and_read(lambda: _seq(deployment), path)
    pool.stop_workers()
    acts = run_and_read(lambda: _acts(deployment), path)
    people, problems = run_and_read(lambda: finish(deployment, [_ID]), path)
    heard = fetch_report(deployment.url)
    return {
        "then": then,
        "now": now,
        "acts": acts,
        "people": people,
        "problems": problems,
        "creates": heard.count("create"),
        "bills": len(heard.bills),
    }


def _is_held(deployment: Deployment, fault: str) -> bool:
    """Return whether the create arrived, and, if only its answer is held, was carried out."""
    creates = [
        request for request in fetch_report(deployment.url).requests if request.kind == "create"
    ]
    return any(request.done_at is not None or fault == "hold" for request in creates)


def _one(deployment: Deployment) -> None:
    with deployment.open_queue() as queue:
        deployment.worker(queue).run_once(limit=1)


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    told_of = Deployment.from_json(asked.pop("deployment"))
    print(json.dumps(stop_worker(told_of, Path(asked["folder"]), asked["fault"])))  # noqa: T201 - its answer

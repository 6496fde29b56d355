"""A process that stops a worker in its call, lets another take over, and lets the first go on."""

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
from erp_invoice_core.testing.fake_erp import PLUGINS, ErpOverHttp, told
from erp_invoice_core.testing.fake_erp.http_adapter import Line
from tests.crash.deployment import CONNECTION, Firm
from tests.crash.kill_runs import begun, ended
from tests.crash.recovery import finished
from tests.crash.worker_pool import Gang, left

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_ID = "5000"
_PATIENCE = 20.0
#: Another thread may take the signal; this one would go on for a moment (seconds).
_UNTIL_STOPPED = 0.2


@attrs.frozen
class _SleepyLine(Line):
    """A line whose process stops itself once: connected, but before it looks at the deadline."""

    def _connect(self, connection: Any, until: datetime | None) -> None:  # noqa: ANN401 - as of Line
        if until is not None:
            os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(_UNTIL_STOPPED)
        super()._connect(connection, until)


class _Sleepy(ErpOverHttp):
    @hookimpl
    def erp_connect(self, settings: Mapping[str, object]) -> Line:
        """Return a line that stops its process before every write."""
        return _SleepyLine(str(settings["url"]))


def _sleepy(firm: Firm) -> None:
    plugin = PLUGINS[firm.row]
    slept = _Sleepy(key=plugin.key, promise=plugin.promise)
    connection = Connection(CONNECTION, plugin.key, {"url": firm.url})
    with firm.opened() as queue:
        lines = Connections(Adapters(slept), [connection])
        firm.worker(ExportQueue(queue.store, lines, queue.facts)).run_once(limit=1)


def _until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.02)


def _seq(firm: Firm) -> list[Any]:
    with firm.opened() as queue:
        entry = queue.entries([_ID])[0]
        return [entry.seq, entry.status.value]


def _acts(firm: Firm) -> list[str]:
    with firm.opened() as queue:
        return [event.action.value for event in queue.history(_ID)]


def _accept(firm: Firm) -> None:
    with firm.opened() as queue:
        firm.accept(queue, [_ID])


def stopped(firm: Firm, folder: Path, fate: str) -> dict[str, Any]:
    """Stop a worker past its lease: its call is held (a fate), or it stops before it is sent."""
    path = folder / "said.json"
    assert 0 == ended(begun(lambda: _accept(firm)))
    is_sleepy = fate == "sleepy"
    if not is_sleepy:
        Line(firm.url).ask("plan", {"on": "create", "do": fate})
    first = begun(lambda: _sleepy(firm) if is_sleepy else _one(firm))
    if not is_sleepy:
        _until(lambda: _is_held(firm, fate))
        os.kill(first, signal.SIGSTOP)
    _, status = os.waitpid(first, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    gang = Gang(firm=firm, folder=folder)
    gang.hire()
    expected = "synced" if firm.rest else "unknown"
    _until(lambda: expected == left(lambda: _seq(firm), path)[1])
    then = left(lambda: _seq(firm), path)
    Line(firm.url).ask("release", {})
    os.kill(first, signal.SIGCONT)
    assert 0 == ended(first), "the stopped worker broke down"
    now = left(lambda: _seq(firm), path)
    gang.dismiss()
    acts = left(lambda: _acts(firm), path)
    people, problems = left(lambda: finished(firm, [_ID]), path)
    heard = told(firm.url)
    return {
        "then": then,
        "now": now,
        "acts": acts,
        "people": people,
        "problems": problems,
        "creates": heard.count("create"),
        "bills": len(heard.bills),
    }


def _is_held(firm: Firm, fate: str) -> bool:
    """Return whether the create was heard, and, where its answer alone is held, carried out."""
    creates = [request for request in told(firm.url).requests if request.kind == "create"]
    return any(request.done_at is not None or fate == "hold" for request in creates)


def _one(firm: Firm) -> None:
    with firm.opened() as queue:
        firm.worker(queue).run_once(limit=1)


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    told_of = Firm.told(asked.pop("firm"))
    print(json.dumps(stopped(told_of, Path(asked["folder"]), asked["fate"])))  # noqa: T201 - its answer

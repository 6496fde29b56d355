"""A process that keeps workers working and kills them; it prints what it found as JSON."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import ExportStatus
from erp_invoice_core.stores import StoreError
from erp_invoice_core.testing.fake_erp import counted, told
from tests.crash.checks import booked_twice, interrupted, is_settled, wrong
from tests.crash.deployment import Firm
from tests.crash.kill_runs import begun, ended, is_over
from tests.crash.recovery import finished

if TYPE_CHECKING:
    from erp_invoice_core import ExportQueue

_FIRST = 5000
_PAUSE = 0.03
_PATIENCE = 40.0


@attrs.define(kw_only=True)
class Gang:
    """
    Workers on a firm's queue, each a process, and an office that keeps sending.

    Attributes:
        folder: Where processes leave what they tell each other.
        backlog: The office sends as long as fewer wait.
        workers: The living ones' process ids.
        office: The sender's process id.
    """

    firm: Firm
    folder: Path
    backlog: int = 9
    workers: list[int] = attrs.Factory(list)
    office: int = 0

    def hire(self) -> None:
        """Begin one more worker."""
        self.workers.append(begun(self._work))

    def _work(self) -> None:
        stop = stopped_by_signal()
        with self.firm.opened() as queue:
            self.firm.worker(queue).run(stop, pause=_PAUSE)

    def begin_sending(self) -> None:
        """Begin an office that sends and accepts whenever little is left to do."""
        self.office = begun(self._send)

    def _send(self) -> None:
        stop = stopped_by_signal()
        sent: list[str] = []
        with self.firm.opened() as queue:
            while not stop.is_set():
                # Where the store fails, as its server restarts, the same is said again.
                with suppress(StoreError):
                    sent += self._sent(queue, sent)
                time.sleep(_PAUSE)
        self._told.write_text(json.dumps(sent), encoding="utf-8")

    def _sent(self, queue: ExportQueue, sent: list[str]) -> list[str]:
        """Send and accept the next invoices, if little is left to do; return their ids."""
        oldest = sent[-self.backlog :][:1]
        waits = queue.entries(oldest) if len(sent) >= self.backlog else []
        if [entry.status for entry in waits] == [ExportStatus.ACCEPTED]:
            return []
        ids = [str(_FIRST + len(sent) + more) for more in range(self.backlog // 3)]
        self.firm.accept(queue, ids)
        return ids

    @property
    def _told(self) -> Path:
        return self.folder / "sent.json"

    def stop_sending(self) -> list[str]:
        """End the office; return what it has sent for certain."""
        os.kill(self.office, signal.SIGTERM)
        assert 0 == ended(self.office)
        sent: list[str] = json.loads(self._told.read_text(encoding="utf-8"))
        return sent

    def flow(self) -> None:
        """Wait until work is flowing: the ERP has heard something new."""
        before, until = counted(self.firm.url), time.monotonic() + _PATIENCE
        while counted(self.firm.url) == before:
            assert time.monotonic() < until, "no work is flowing"
            time.sleep(0.01)

    def kill(self, victim: int) -> None:
        """Kill a worker, and hire another."""
        os.kill(victim, signal.SIGKILL)
        assert -signal.SIGKILL == ended(victim), "a worker broke down by itself"
        self.workers.remove(victim)
        self.hire()

    def dismiss(self) -> None:
        """Ask all workers to stop, and see that they do."""
        for worker in self.workers:
            os.kill(worker, signal.SIGTERM)
        assert {0} == {ended(worker) for worker in self.workers}, "a worker broke down"
        self.workers.clear()

    def settle(self) -> float:
        """Wait until each entry is final or has a next look-up; return after how many seconds."""
        start = time.monotonic()
        child = begun(self._watch)
        while not is_over(child):
            assert not any(map(is_over, self.workers)), "a worker broke down by itself"
            time.sleep(_PAUSE)
        assert 0 == ended(child), "some entries are neither final nor looked up"
        return time.monotonic() - start

    def _watch(self) -> None:
        until = time.monotonic() + _PATIENCE
        with self.firm.opened() as queue:
            while not all(map(is_settled, queue.entries())):
                assert time.monotonic() < until
                time.sleep(_PAUSE)

    def stands(self) -> dict[str, int]:
        """Return how many entries are there, and how many are not synced."""
        with self.firm.opened() as queue:
            entries = queue.entries()
        unknown = sum(entry.status is ExportStatus.UNKNOWN for entry in entries)
        failed = sum(entry.status is ExportStatus.FAILED for entry in entries)
        return {"entries": len(entries), "unknown": unknown, "failed": failed}

    def report(self, sent: list[str]) -> dict[str, Any]:
        """Return what was done, and what is wrong, when nobody works."""
        heard = told(self.firm.url)
        writes, finds = heard.count("create") + heard.count("post"), heard.count("find")
        with self.firm.opened() as queue:
            acts, problems = dict(interrupted(queue)), wrong(queue, heard, sent)
        return {"acts": acts, "writes": writes, "finds": finds, "problems": problems}


def stopped_by_signal() -> Event:
    """Return what is set once this process is asked to stop."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop


def left(act: Any, path: Path) -> Any:  # noqa: ANN401 - whatever JSON it leaves
    """Do something in a process of its own and return what it left: this one opens no database."""
    assert 0 == ended(begun(lambda: _leave(act(), path)))
    return json.loads(path.read_text(encoding="utf-8"))


def _leave(answer: object, path: Path) -> None:
    path.write_text(json.dumps(answer), encoding="utf-8")


def killed(firm: Firm, folder: Path, *, seed: int, kills: int, workers: int) -> dict[str, Any]:
    """Kill workers while work is flowing, then let the survivors, and people, finish."""
    gang, chance = Gang(firm=firm, folder=folder), random.Random(seed)
    firm.load()
    assert 0 == ended(begun(lambda: firm.opened_store().close()))
    gang.begin_sending()
    for _ in range(workers):
        gang.hire()
    done = 0
    time.sleep(0.2)
    while done < kills and not (firm.is_blind and booked_twice(told(firm.url))):
        gang.flow()
        time.sleep(chance.uniform(0.0, 0.1))
        gang.kill(chance.choice(gang.workers))
        done += 1
    sent = gang.stop_sending()
    seconds = gang.settle()
    then = left(gang.stands, folder / "then.json")
    time.sleep(firm.rest)
    gang.dismiss()
    found = left(lambda: gang.report(sent), folder / "found.json")
    people, problems = left(lambda: finished(firm, sent), folder / "end.json")
    figures = {"kills": done, "sent": len(sent), "seconds": round(seconds, 2), "people": people}
    created = {"created": len(told(firm.url).bills)}
    wrongs = {"problems": [*found["problems"], *problems]}
    return {**then, **found, **figures, **created, **wrongs}


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    told_of = Firm.told(asked.pop("firm"))
    print(json.dumps(killed(told_of, Path(asked.pop("folder")), **asked)))  # noqa: T201 - its answer to the test

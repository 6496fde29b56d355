"""A process that runs workers and kills them; it prints a report as JSON."""

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
from erp_invoice_core.testing.fake_erp import count_requests, fetch_report
from tests.crash.checks import count_interruptions, find_duplicates, find_problems, is_settled
from tests.crash.deployment import Deployment
from tests.crash.kill_runs import has_ended, start_process, wait_for_process
from tests.crash.recovery import finish
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from erp_invoice_core import ExportQueue

_FIRST = 5000
_PAUSE = 0.03


@attrs.define(kw_only=True)
class WorkerPool:
    """
    Workers on a deployment's queue, and a sender, each a process.

    Attributes:
        folder: For files between the processes.
        backlog: The sender sends as long as fewer entries wait.
        workers: The process ids of the living workers.
        office: The process id of the sender.
    """

    deployment: Deployment
    folder: Path
    backlog: int = 9
    workers: list[int] = attrs.Factory(list)
    sender: int = 0

    def start_worker(self) -> None:
        """Start one more worker."""
        self.workers.append(start_process(self._work))

    def _work(self) -> None:
        stop = stop_on_signal()
        with self.deployment.open_queue() as queue:
            self.deployment.worker(queue).run(stop, pause=_PAUSE)

    def start_sender(self) -> None:
        """Start a sender, which sends and accepts whenever few entries wait."""
        self.sender = start_process(self._send)

    def _send(self) -> None:
        stop = stop_on_signal()
        sent: list[str] = []
        with self.deployment.open_queue() as queue:
            while not stop.is_set():
                # If the store fails, as its server restarts, the call is repeated.
                with suppress(StoreError):
                    sent += self._send_more(queue, sent)
                time.sleep(_PAUSE)
        self._report_path.write_text(json.dumps(sent), encoding="utf-8")

    def _send_more(self, queue: ExportQueue, sent: list[str]) -> list[str]:
        """Send and accept the next invoices, if few wait; return their ids."""
        oldest = sent[-self.backlog :][:1]
        waits = queue.entries(oldest) if len(sent) >= self.backlog else []
        if [entry.status for entry in waits] == [ExportStatus.ACCEPTED]:
            return []
        ids = [str(_FIRST + len(sent) + more) for more in range(self.backlog // 3)]
        self.deployment.accept(queue, ids)
        return ids

    @property
    def _report_path(self) -> Path:
        return self.folder / "sent.json"

    def stop_sending(self) -> list[str]:
        """Stop the sender; return the invoices that it surely sent."""
        os.kill(self.sender, signal.SIGTERM)
        assert 0 == wait_for_process(self.sender)
        sent: list[str] = json.loads(self._report_path.read_text(encoding="utf-8"))
        return sent

    def flow(self) -> None:
        """Wait until the ERP has received a new request."""
        before, until = count_requests(self.deployment.url), time.monotonic() + TIME_LIMIT
        while count_requests(self.deployment.url) == before:
            assert time.monotonic() < until, "no work is flowing"
            time.sleep(0.01)

    def kill(self, victim: int) -> None:
        """Kill a worker, and start another."""
        os.kill(victim, signal.SIGKILL)
        assert -signal.SIGKILL == wait_for_process(victim), "a worker broke down by itself"
        self.workers.remove(victim)
        self.start_worker()

    def stop_workers(self) -> None:
        """Ask all workers to stop, and wait until they have."""
        for worker in self.workers:
            os.kill(worker, signal.SIGTERM)
        assert {0} == {wait_for_process(worker) for worker in self.workers}, "a worker broke down"
        self.workers.clear()

    def settle(self) -> float:
        """Wait until each entry is final or has a next look-up; return after how many seconds."""
        start = time.monotonic()
        child = start_process(self._watch)
        while not has_ended(child):
            assert not any(map(has_ended, self.workers)), "a worker broke down by itself"
            time.sleep(_PAUSE)
        assert 0 == wait_for_process(child), "some entries are neither final nor looked up"
        return time.monotonic() - start

    def _watch(self) -> None:
        until = time.monotonic() + TIME_LIMIT
        with self.deployment.open_queue() as queue:
            while not all(map(is_settled, queue.entries())):
                assert time.monotonic() < until
                time.sleep(_PAUSE)

    def stands(self) -> dict[str, int]:
        """Return how many entries exist, and how many are not synced."""
        with self.deployment.open_queue() as queue:
            entries = queue.entries()
        unknown = sum(entry.status is ExportStatus.UNKNOWN for entry in entries)
        failed = sum(entry.status is ExportStatus.FAILED for entry in entries)
        return {"entries": len(entries), "unknown": unknown, "failed": failed}

    def report(self, sent: list[str]) -> dict[str, Any]:
        """Return the actions and the problems after all workers have stopped."""
        heard = fetch_report(self.deployment.url)
        writes, finds = heard.count("create") + heard.count("post"), heard.count("find")
        with self.deployment.open_queue() as queue:
            acts, problems = dict(count_interruptions(queue)), find_problems(queue, heard, sent)
        return {"acts": acts, "writes": writes, "finds": finds, "problems": problems}


def stop_on_signal() -> Event:
    """Return an event that is set once this process is asked to stop."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop


def run_and_read(act: Any, path: Path) -> Any:  # noqa: ANN401 - whatever JSON it leaves
    """Run a function in a new process and return its report: this process opens no database."""
    assert 0 == wait_for_process(start_process(lambda: _write_result(act(), path)))
    return json.loads(path.read_text(encoding="utf-8"))


def _write_result(answer: object, path: Path) -> None:
    path.write_text(json.dumps(answer), encoding="utf-8")


def kill_workers(
    deployment: Deployment, folder: Path, *, seed: int, kills: int, workers: int
) -> dict[str, Any]:
    """Kill workers during their work, then let the survivors, and people, finish."""
    pool, chance = WorkerPool(deployment=deployment, folder=folder), random.Random(seed)
    deployment.load()
    assert 0 == wait_for_process(start_process(lambda: deployment.open_store().close()))
    pool.start_sender()
    for _ in range(workers):
        pool.start_worker()
    done = 0
    time.sleep(0.2)
    while done < kills and not (
        deployment.is_blind and find_duplicates(fetch_report(deployment.url))
    ):
        pool.flow()
        time.sleep(chance.uniform(0.0, 0.1))
        pool.kill(chance.choice(pool.workers))
        done += 1
    sent = pool.stop_sending()
    seconds = pool.settle()
    then = run_and_read(pool.stands, folder / "then.json")
    time.sleep(deployment.rest)
    pool.stop_workers()
    found = run_and_read(lambda: pool.report(sent), folder / "found.json")
    people, problems = run_and_read(lambda: finish(deployment, sent), folder / "end.json")
    figures = {"kills": done, "sent": len(sent), "seconds": round(seconds, 2), "people": people}
    created = {"created": len(fetch_report(deployment.url).bills)}
    wrongs = {"problems": [*found["problems"], *problems]}
    return {**then, **found, **figures, **created, **wrongs}


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    told_of = Deployment.from_json(asked.pop("deployment"))
    print(json.dumps(kill_workers(told_of, Path(asked.pop("folder")), **asked)))  # noqa: T201 - its answer

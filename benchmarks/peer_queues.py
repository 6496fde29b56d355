"""Procrastinate and pgqueuer as queues of invoices, each with connections of its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from pgqueuer.db import PsycopgDriver, SyncPsycopgDriver
from pgqueuer.ports.repository import EntrypointExecutionParameter
from pgqueuer.queries import Queries, SyncQueries
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.jobs import Status

from .raw_sqlite import pack
from .samples import LINES, invoice_of

if TYPE_CHECKING:
    from collections.abc import Callable

#: The lanes of a worker that does several jobs at the same time.
LANES = 8


class _Sender:
    """The invoices that a queue sends; each queue takes them one by one."""

    def __init__(self, put: Callable[[bytes], object]) -> None:
        self._put = put
        self._invoices: dict[int, dict[str, Any]] = {}

    def load(self, first: int, count: int, lines: int = LINES) -> None:
        """Have these invoices at hand."""
        self._invoices = {n: invoice_of(n, lines) for n in range(first, first + count)}

    def send(self, first: int, count: int, batch: int) -> None:
        """Put these one by one."""
        assert batch == 1
        for number in range(first, first + count):
            self._put(pack(self._invoices[number])[0])


class Pgqueuer:
    """It keeps a payload; no status, no audit record of ours, no key."""

    def __init__(self, where: str) -> None:
        """Open a connection to send and one for each lane, and make the tables."""
        self._runner = asyncio.Runner()
        self._sending = psycopg.connect(where, autocommit=True)
        queries = SyncQueries(SyncPsycopgDriver(self._sending))
        sender = _Sender(lambda body: queries.enqueue("export", body))
        self.load, self.send = sender.load, sender.send
        self._runner.run(self._connect(where))

    async def _connect(self, where: str) -> None:
        self._working = [
            await psycopg.AsyncConnection.connect(where, autocommit=True) for _ in range(LANES)
        ]
        self._workers = [Queries(PsycopgDriver(each)) for each in self._working]
        found = await self._working[0].execute("SELECT to_regclass('pgqueuer')")
        if await found.fetchone() == (None,):
            await self._workers[0].install()

    def export(self, jobs: int, lanes: int = 1) -> None:
        """Take that number one by one, and log each; with several lanes in as many tasks."""
        self._runner.run(self._export(jobs, lanes))

    async def _export(self, jobs: int, lanes: int) -> None:
        shares = _split(jobs, lanes)
        await asyncio.gather(*map(self._take, self._workers, shares))

    async def _take(self, worker: Queries, jobs: int) -> None:
        asked = {"export": EntrypointExecutionParameter(0)}
        holder = "00000000-0000-0000-0000-000000000001"
        for _ in range(jobs):
            taken = await worker.dequeue(1, asked, holder, None, timedelta(seconds=60))
            while not taken:  # another lane was faster
                taken = await worker.dequeue(1, asked, holder, None, timedelta(seconds=60))
            await worker.log_jobs([(taken[0], "successful", None)])

    def close(self) -> None:
        """Close all connections."""
        self._sending.close()
        for each in self._working:
            self._runner.run(each.close())
        self._runner.close()


class Procrastinate:
    """It keeps arguments and the events of a job; no status of ours, no key."""

    def __init__(self, where: str) -> None:
        """Open a connection to send and one for each lane, and make the tables."""
        self._runner = asyncio.Runner()
        self._connector = SyncPsycopgConnector(conninfo=where, min_size=1, max_size=1)
        app = App(connector=self._connector)
        app.open()
        with psycopg.connect(where) as db:
            found = db.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
        if found == (None,):
            app.schema_manager.apply_schema()
        task = app.configure_task("export")
        sender = _Sender(lambda body: task.defer(invoice=body.decode()))
        self.load, self.send = sender.load, sender.send
        self._worker = App(connector=PsycopgConnector(conninfo=where, min_size=1, max_size=LANES))
        self._holder = self._runner.run(self._begin())

    async def _begin(self) -> int:
        await self._worker.open_async()
        return int(await self._worker.job_manager.register_worker())

    def export(self, jobs: int, lanes: int = 1) -> None:
        """Fetch that number one by one, and finish each; with several lanes in as many tasks."""
        self._runner.run(self._export(jobs, lanes))

    async def _export(self, jobs: int, lanes: int) -> None:
        await asyncio.gather(*map(self._take, _split(jobs, lanes)))

    async def _take(self, jobs: int) -> None:
        manager = self._worker.job_manager
        for _ in range(jobs):
            job = await manager.fetch_job(None, self._holder)
            while job is None:  # another lane was faster
                job = await manager.fetch_job(None, self._holder)
            await manager.finish_job(job, Status.SUCCEEDED, delete_job=False)

    def close(self) -> None:
        """Close both pools."""
        self._connector.close()
        self._runner.run(self._worker.close_async())
        self._runner.close()


def _split(jobs: int, lanes: int) -> list[int]:
    return [jobs // lanes + (place < jobs % lanes) for place in range(lanes)]

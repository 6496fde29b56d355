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

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Pgqueuer", "Procrastinate"]


class Pgqueuer:
    """It keeps a payload; no status, no audit record of ours, no key."""

    def __init__(self, dsn: str) -> None:
        self._runner = asyncio.Runner()
        self._sending = psycopg.connect(dsn, autocommit=True)
        self._sender = SyncQueries(SyncPsycopgDriver(self._sending))
        self._working = self._runner.run(psycopg.AsyncConnection.connect(dsn, autocommit=True))
        self._worker = Queries(PsycopgDriver(self._working))
        self._runner.run(self._worker.install())

    def send(self, invoices: Sequence[dict[str, Any]]) -> None:
        """Enqueue these, one by one."""
        for invoice in invoices:
            self._sender.enqueue("export", pack(invoice)[0])

    def export(self, jobs: int) -> None:
        """Take so many one by one, and log each."""
        self._runner.run(self._export(jobs))

    async def _export(self, jobs: int) -> None:
        asked = {"export": EntrypointExecutionParameter(0)}
        holder = "00000000-0000-0000-0000-000000000001"
        for _ in range(jobs):
            (job,) = await self._worker.dequeue(1, asked, holder, None, timedelta(seconds=60))
            await self._worker.log_jobs([(job, "successful", None)])

    def close(self) -> None:
        """Close both connections."""
        self._sending.close()
        self._runner.run(self._working.close())
        self._runner.close()


class Procrastinate:
    """It keeps arguments and the events of a job; no status of ours, no key."""

    def __init__(self, dsn: str) -> None:
        self._runner = asyncio.Runner()
        self._connector = SyncPsycopgConnector(conninfo=dsn, min_size=1, max_size=1)
        sender = App(connector=self._connector)
        sender.open()
        sender.schema_manager.apply_schema()
        self._task = sender.configure_task("export")
        self._worker = App(connector=PsycopgConnector(conninfo=dsn, min_size=1, max_size=1))
        self._holder = self._runner.run(self._begun())

    async def _begun(self) -> int:
        await self._worker.open_async()
        return int(await self._worker.job_manager.register_worker())

    def send(self, invoices: Sequence[dict[str, Any]]) -> None:
        """Defer a job for each, one by one."""
        for invoice in invoices:
            self._task.defer(invoice=pack(invoice)[0].decode())

    def export(self, jobs: int) -> None:
        """Fetch so many one by one, and finish each."""
        self._runner.run(self._export(jobs))

    async def _export(self, jobs: int) -> None:
        manager = self._worker.job_manager
        for _ in range(jobs):
            job = await manager.fetch_job(None, self._holder)
            await manager.finish_job(job, Status.SUCCEEDED, delete_job=False)

    def close(self) -> None:
        """Close both pools."""
        self._connector.close()
        self._runner.run(self._worker.close_async())
        self._runner.close()

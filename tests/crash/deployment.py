"""The queue and the fake ERP that several processes open."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

import attrs

from erp_invoice_core import Connection, Connections, ExportQueue, SqliteStore, Worker
from erp_invoice_core.adapters import Absent, Adapters, ExportRequest, Step, hookimpl
from erp_invoice_core.testing.fake_erp import PLUGINS, ErpOverHttp, Row
from tests.worker.harness import APPROVER, SENDER, build_case, build_document, check_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from erp_invoice_core import Case
    from erp_invoice_core.stores import PostgresStore

CONNECTION = "erp"
#: The amount of every invoice here, as the ERP stores it.
DUE = "20025.45"


class _BlindErp(ErpOverHttp):
    """An adapter that never looks: it answers that everything is conclusively absent."""

    @classmethod
    def replace_plugin(cls, plugin: ErpOverHttp) -> Self:
        """Return the blind adapter for the same fake ERP."""
        promise = attrs.evolve(plugin.promise, settles=0.0, visible=0.0)
        return cls(key=plugin.key, promise=promise)

    @hookimpl
    def erp_find(
        self, session: object, request: ExportRequest, step: Step, keys: tuple[str, ...]
    ) -> Absent:
        """Answer without asking."""
        return Absent(request.deadline)


@attrs.frozen(kw_only=True)
class Deployment:
    """
    The settings with which a process opens the queue.

    Attributes:
        store: The path of a SQLite file, or the URL of a PostgreSQL database.
        url: The address of the fake ERP.
        row: The row of the promise table for the ERP.
        lease: In seconds.
        concurrency: How many invoices each worker exports at once.
        is_blind: True if the adapter never looks: a mistake that must be noticed.
    """

    store: str
    url: str
    row: Row
    lease: float = 1.0
    concurrency: int = 2
    is_blind: bool = False

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Deployment:
        """Return the deployment from the JSON of another process."""
        return cls(**{**plain, "row": Row(plain["row"])})

    @property
    def kind(self) -> str:
        """The kind of database: ``sqlite`` or ``postgres``."""
        return "postgres" if self.store.startswith("postgresql:") else "sqlite"

    @property
    def rest(self) -> float:
        """Seconds until every call of a dead worker is looked up; 0: not soon."""
        promise = PLUGINS[self.row].promise
        if promise.settles is None:
            return 0.0
        return self.lease + promise.settles + promise.visible + 0.5

    def load(self) -> None:
        """Import all modules for opening, so that forked processes work at once."""
        import_module(f"erp_invoice_core.stores.{self.kind}")

    def open_store(self) -> SqliteStore | PostgresStore:
        """Open the database."""
        if self.kind == "postgres":
            from erp_invoice_core.stores import PostgresStore  # noqa: PLC0415 - where it is used

            return PostgresStore(self.store)
        return SqliteStore(self.store)

    @contextmanager
    def open_queue(self, later: float = 0.0) -> Iterator[ExportQueue]:
        """Open the queue with a clock that is ``later`` seconds ahead."""
        store = self.open_store()

        def clock() -> datetime:
            return store.clock() + timedelta(seconds=later)

        plugin = PLUGINS[self.row]
        adapters = Adapters(_BlindErp.replace_plugin(plugin) if self.is_blind else plugin)
        connection = Connection(CONNECTION, plugin.key, {"base_url": self.url})
        try:
            yield ExportQueue(store, Connections(adapters, [connection]), _facts, clock=clock)
        finally:
            store.close()

    def worker(self, queue: ExportQueue) -> Worker:
        """Return a worker with this deployment's lease."""
        lease = timedelta(seconds=self.lease)
        return Worker(queue, lease=lease, concurrency=self.concurrency)

    def accept(self, queue: ExportQueue, ids: Sequence[str]) -> None:
        """Have invoices sent and accepted; a repetition after a lost answer does no more."""
        check_allowed(queue.send(ids, SENDER, connection=CONNECTION, command=ids[0]))
        check_allowed(queue.accept(ids, APPROVER, command=ids[0]))


def _facts(ids: Sequence[str]) -> Mapping[str, Case]:
    return {id_: build_case(build_document(id_)) for id_ in ids}

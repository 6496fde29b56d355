"""The host on Django, in this process: its settings are set up once, its database for each test."""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from psycopg import IsolationLevel

from examples.harbor_point import PM

from .programs import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import ModuleType

    from erp_invoice_core import ExportQueue, Result, Verdict
    from erp_invoice_core.stores import Store

__all__ = ["DjangoHost", "module", "project"]

T = TypeVar("T")


def module(name: str) -> ModuleType:
    """Return a module of the project, or of Django, after Django has been set up."""
    import_module("django").setup()
    return import_module(name)


def of_billing(name: str) -> Any:  # noqa: ANN401 - Django has no types
    """Return a module of the project's app."""
    return module(f"examples.django_host.billing.{name}")


@contextmanager
def project(where: str, folder: Path) -> Iterator[None]:
    """Have the project use a database (a file or a DSN) and a folder for its ledger."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "examples.django_host.settings"
    os.environ["HOST_FOLDER"] = str(folder)
    connections: Any = module("django.db").connections
    described = module("examples.django_host.settings").database(where)
    described["ATOMIC_REQUESTS"] = True
    module("django.conf").settings.BOOKS = str(folder / "books.beancount")
    before = connections.settings
    connections.close_all()
    connections.settings = connections.configure_settings({"default": described})
    _forget(connections)
    try:
        yield
    finally:
        connections.close_all()
        connections.settings = before
        _forget(connections)
        of_billing("erp")._store.cache_clear()


def _forget(connections: Any) -> None:  # noqa: ANN401 - Django has no types
    """Have this thread open its connection again, from the current settings."""
    if hasattr(connections._connections, "default"):
        del connections["default"]


@attrs.frozen
class DjangoHost:
    """The Django host, on the connection of this thread."""

    store: Store

    @classmethod
    @contextmanager
    def open(cls, where: str, folder: Path) -> Iterator[DjangoHost]:
        """Open it on a database, migrated."""
        with project(where, folder):
            module("django.core.management").call_command("migrate", verbosity=0)
            yield cls(of_billing("erp").store())

    @property
    def connection(self) -> Any:  # noqa: ANN401 - Django has no types
        """Django's connection."""
        return module("django.db").connection

    @property
    def _work(self) -> Work:
        def run(said: str) -> list[tuple[object, ...]]:
            with self.connection.cursor() as cursor:
                cursor.execute(said)
                return list(cursor.fetchall()) if cursor.description else []

        erp = of_billing("erp")
        return Work(queue=erp.queue(), on=erp.get_driver_connection(), run=run)

    def send(self, ids: Sequence[str]) -> list[Result]:
        """Send bills as PM; each may be refused alone."""
        answers: list[Result] = of_billing("send").send(ids, PM)
        return answers

    def send_all(self, ids: Sequence[str]) -> None:
        """Send all or none as PM."""
        of_billing("send").send_all(ids, PM)

    def edit(self, bill_id: str, cents: int) -> Verdict:
        """Edit a bill as PM, guarded."""
        verdict: Verdict = of_billing("send").edit(bill_id, cents, PM)
        return verdict

    @contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[Work]:
        """Open a transaction; a snapshot's reads all see the moment of the first one."""
        connection = self.connection
        on_sqlite = connection.vendor == "sqlite"
        connection.ensure_connection()
        if on_sqlite:
            connection.transaction_mode = "DEFERRED" if snapshot else "IMMEDIATE"
        else:
            level = IsolationLevel.REPEATABLE_READ if snapshot else None
            connection.connection.isolation_level = level
        with module("django.db").transaction.atomic():
            yield self._work

    @contextmanager
    def open_idle(self) -> Iterator[Work]:
        """Open a connection, and no transaction."""
        self.connection.ensure_connection()
        yield self._work

    def queue_for_workers(self) -> ExportQueue:
        """Return the queue whose facts can be asked at any time."""
        queue: ExportQueue = of_billing("erp").queue()
        return queue

    def run_with_retry(self, work: Callable[[], T]) -> T:
        """Run a whole transaction, again if the database asks for it."""
        done: T = of_billing("retry").run_with_retry(work)
        return done

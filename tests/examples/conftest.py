"""The example hosts, each on every database that it can use, and a second program beside it."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import SqliteStore
from erp_invoice_core.stores import PostgresStore
from examples.harbor_point import books
from tests.postgres import fresh_schema

from .on_django import DjangoHost
from .on_psycopg import PostgresRival, PsycopgHost
from .on_sqlalchemy import SqlalchemyHost
from .on_sqlite3 import Sqlite3Host
from .programs import SqliteRival

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .programs import Host, Rival

KINDS = (
    "sqlite3",
    "SQLAlchemy on SQLite",
    "Django on SQLite",
    "psycopg",
    "SQLAlchemy on PostgreSQL",
    "Django on PostgreSQL",
)


@attrs.frozen
class Pair:
    """A host and a second program on the same database."""

    host: Host
    rival: Rival


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """The name of the host and of its database."""
    return str(request.param)


@pytest.fixture
def pair(kind: str, tmp_path: Path) -> Iterator[Pair]:
    """An example host with its tables, its first bills, and an empty queue."""
    with ExitStack() as stack:
        on_sqlite = kind == "sqlite3" or kind.endswith("SQLite")
        yield (_on_sqlite if on_sqlite else _on_postgres)(kind, tmp_path, stack)


def _on_sqlite(kind: str, folder: Path, stack: ExitStack) -> Pair:
    ledger, file = books(str(folder / "books.beancount")), folder / "app.db"
    store = stack.enter_context(closing(SqliteStore(file)))
    host: Host
    if kind.startswith("Django"):
        host = stack.enter_context(DjangoHost.open(str(file), folder))
    elif kind.startswith("SQLAlchemy"):
        host = stack.enter_context(SqlalchemyHost.open(f"sqlite:///{file}", store, ledger))
    else:
        host = stack.enter_context(Sqlite3Host.open(store, ledger))
    return Pair(host, SqliteRival(store, ledger))


def _on_postgres(kind: str, folder: Path, stack: ExitStack) -> Pair:
    ledger, dsn = books(str(folder / "books.beancount")), stack.enter_context(fresh_schema())
    store = stack.enter_context(closing(PostgresStore(dsn)))
    host: Host
    if kind.startswith("Django"):
        host = stack.enter_context(DjangoHost.open(dsn, folder))
    elif kind.startswith("SQLAlchemy"):
        url = dsn.replace("postgresql:", "postgresql+psycopg:", 1)
        host = stack.enter_context(SqlalchemyHost.open(url, store, ledger))
    else:
        host = stack.enter_context(PsycopgHost.open(dsn, store, ledger))
    return Pair(host, PostgresRival(dsn, store, ledger))


@pytest.fixture
def host(pair: Pair) -> Host:
    """The host."""
    return pair.host


@pytest.fixture
def rival(pair: Pair) -> Rival:
    """The second program on the same database."""
    return pair.rival

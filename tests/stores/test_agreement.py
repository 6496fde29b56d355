"""All stores agree on any sequence of calls, on their own and on a host's connection."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from psycopg.rows import dict_row

from erp_invoice_core.stores import MemoryStore, PostgresStore, SqliteStore
from erp_invoice_core.testing import StoresAgree
from tests.postgres import empty_store, fresh_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.stores import PeopleTransaction


class HostedStore(SqliteStore):
    """A SQLite queue in which people's actions all run on a connection of the host."""

    @contextmanager
    def people(self, on: object | None = None) -> Iterator[PeopleTransaction]:
        """Open people's transaction inside one that the host begins and commits."""
        host = sqlite3.connect(self.path, isolation_level=None)
        host.row_factory = sqlite3.Row
        with closing(host):
            host.execute("BEGIN")
            with super().people(host) as transaction:
                yield transaction
            host.execute("COMMIT")


class HostedPostgresStore(PostgresStore):
    """A PostgreSQL queue in which people's actions all run on a connection of the host."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn)
        self.dsn = dsn

    @contextmanager
    def people(self, on: object | None = None) -> Iterator[PeopleTransaction]:
        """Open people's transaction inside one that the host begins and commits."""
        with (
            psycopg.connect(self.dsn, row_factory=dict_row) as host,
            host.transaction(),
            super().people(host) as transaction,
        ):
            yield transaction


SCHEMAS: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def schemas() -> Iterator[None]:
    """Return two schemas, emptied for each run of the machine."""
    with fresh_schema() as one, fresh_schema() as other:
        SCHEMAS[:] = one, other
        yield


class SqliteAgrees(StoresAgree):
    """SQLite, on its own connection and on a host's."""

    makers = {  # noqa: RUF012 - as the class above declares it
        "memory": lambda _folder: MemoryStore(),
        "sqlite": lambda folder: SqliteStore(folder / "queue.db"),
        "hosted": lambda folder: HostedStore(folder / "queue.db"),
    }


class PostgresAgrees(StoresAgree):
    """PostgreSQL, on its own connection and on a host's."""

    makers = {  # noqa: RUF012 - as the class above declares it
        "memory": lambda _folder: MemoryStore(),
        "postgres": lambda _folder: empty_store(PostgresStore(SCHEMAS[0])),
        "hosted": lambda _folder: empty_store(HostedPostgresStore(SCHEMAS[1])),
    }


def _runs(count: int) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


TestSqliteAgrees = SqliteAgrees.TestCase
TestSqliteAgrees.settings = _runs(10)

TestPostgresAgrees = PostgresAgrees.TestCase
TestPostgresAgrees.settings = _runs(4)


@pytest.mark.soak
@pytest.mark.parametrize("machine", [SqliteAgrees, PostgresAgrees])
def test_stores_agree_for_long(machine: type[StoresAgree]) -> None:
    """Each store agrees with the model in many more runs."""
    run_state_machine_as_test(machine, settings=_runs(200))

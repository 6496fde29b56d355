"""A store that is already open notices that a newer version has changed its tables."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest

from erp_invoice_core.stores import PostgresStore, SqliteStore, StoreBusy, StoreFault
from erp_invoice_core.testing.samples import build_acceptance, build_denied_change, save_change
from tests.fixtures.databases.restore import VERSIONS, restore_postgres, restore_sqlite

if TYPE_CHECKING:
    from pathlib import Path


def test_an_open_sqlite_store_refuses_a_newer_schema(store: SqliteStore) -> None:
    """The next transaction is refused, and nothing is stored."""
    save_change(store, "1", build_acceptance)
    with closing(sqlite3.connect(store.path)) as newer, newer:
        newer.execute("CREATE TABLE erp_of_tomorrow (id TEXT)")
        newer.execute("INSERT INTO erp_schema (version) VALUES (99)")

    for port in (store.work, store.people, store.transaction):
        with pytest.raises(StoreFault, match="Upgrade erp_invoice_core"), port():
            pytest.fail("It was opened.")


@pytest.mark.parametrize("version", ["\0a", "", 2.5, b"\xff", -1, 3])
def test_a_damaged_schema_row_has_a_sentence(tmp_path: Path, version: object) -> None:
    """A text that is not a version does not count as older: nothing is migrated."""
    path = tmp_path / "erp.db"
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE erp_schema SET version = ? WHERE version = 4", (version,))

    for read_only in (False, True):
        with pytest.raises(StoreFault, match="has no valid version"):
            SqliteStore(path, read_only=read_only)


def test_a_table_of_the_host_is_no_newer_schema(store: SqliteStore) -> None:
    """A table that the host adds to the file is no change of schema."""
    save_change(store, "1", build_acceptance)
    with closing(sqlite3.connect(store.path)) as host, host:
        host.execute("CREATE TABLE notes (text TEXT)")

    assert 2 == save_change(store, "1", build_denied_change).seq


def test_an_open_postgres_store_refuses_a_newer_schema(postgres: PostgresStore, dsn: str) -> None:
    """The next connection of an open store is refused."""
    save_change(postgres, "1", build_acceptance)
    with psycopg.connect(dsn) as newer:
        newer.execute("INSERT INTO erp_schema (version) VALUES (99)")
    postgres.close()

    with pytest.raises(StoreFault, match="Upgrade erp_invoice_core"):
        postgres.entries()


def test_a_migration_is_logged(tmp_path: Path, dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    """The log has the old version of the tables, and is written once."""
    restore_sqlite(VERSIONS[0], tmp_path / "erp.db")
    restore_postgres(VERSIONS[0], dsn)

    with caplog.at_level(logging.INFO):
        for _ in range(2):
            SqliteStore(tmp_path / "erp.db").close()
            PostgresStore(dsn).close()

    found = [record for record in caplog.records if getattr(record, "event", "") == "migrated"]
    assert [2, 1] == [getattr(record, "version", None) for record in found]


def test_a_busy_store_is_logged(store: SqliteStore, caplog: pytest.LogCaptureFixture) -> None:
    """A wait that ended in vain is logged, with the lock."""
    other = SqliteStore(store.path, wait=0.0)
    with store.transaction(), pytest.raises(StoreBusy), other.transaction():
        pytest.fail("It was opened.")
    other.close()

    (record,) = (each for each in caplog.records if getattr(each, "event", "") == "store_busy")
    assert "queue.db.lock" == getattr(record, "lock", None)

"""PostgreSQL with other settings: behind a pooler, strings with backslashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from erp_invoice_core.stores import PostgresStore
from erp_invoice_core.testing import TwoStepErp
from tests.postgres import fresh_schema
from tests.stores.fake_pooler import fake_pooler
from tests.worker.harness import SENDER, WorkerHarness

if TYPE_CHECKING:
    from collections.abc import Iterator


def _export(store: PostgresStore, fake: TwoStepErp, *ids: str) -> WorkerHarness:
    harness = WorkerHarness(plugin=fake, store=store)
    harness.add_invoices(*ids)
    harness.accept(*ids)
    harness.worker.run_until_idle()
    return harness


@pytest.fixture
def pooled(dsn: str) -> Iterator[str]:
    """Return the URL of a pooler that gives each transaction another server process."""
    with fake_pooler(dsn) as url:
        yield url


def test_a_pooler_is_one(pooled: str) -> None:
    """Two transactions of one client run on two server processes, with other ids than reported."""
    with psycopg.connect(pooled, autocommit=True) as db:
        pids = {db.execute("SELECT pg_backend_pid()").fetchone() for _ in range(3)}
        assert 3 == len(pids)
        assert (db.info.backend_pid,) not in pids


def test_invoices_are_exported_behind_a_transaction_pooler(pooled: str) -> None:
    """Behind a pooler exports work, also if a statement is sent twice."""
    fake = TwoStepErp()
    store = PostgresStore(pooled)
    for ids in (("5000", "5001"), ("5002",)):
        harness = _export(store, fake, *ids)
        assert {"synced"} == {harness.get_status(id_).value for id_ in ids}
    harness.check_audit_log()
    assert store.restore() is None
    store.close()


def test_settings_hold_behind_a_pooler(pooled: str) -> None:
    """Each transaction of our own has its lock timeout and a durable commit; others do not."""
    asked = "SELECT current_setting('lock_timeout'), current_setting('synchronous_commit')"
    store = PostgresStore(pooled, wait=7)
    with store.transaction() as db:
        assert ("7s", "on") == db.execute(asked).fetchone()
    with psycopg.connect(pooled, autocommit=True) as other:
        assert ("0", "on") == other.execute(asked).fetchone()
    store.close()


def test_strings_may_have_backslashes() -> None:
    """A server that reads a backslash in a string as an escape stores the same."""
    with fresh_schema() as dsn:
        options = psycopg.conninfo.conninfo_to_dict(dsn).get("options", "")
        url = make_conninfo(dsn, options=f"{options} -c standard_conforming_strings=off")
        store = PostgresStore(url)
        harness = _export(store, TwoStepErp(), "5000")
        assert "synced" == harness.get_status("5000").value
        harness.add_invoices("5001")
        with psycopg.connect(url) as host:
            host.execute("SELECT 1")
            [answer] = harness.queue.send(["5001"], SENDER, connection="erp", on=host)
        assert answer.verdict.allowed
        assert "ready" == harness.get_status("5001").value
        harness.check_audit_log()
        store.close()

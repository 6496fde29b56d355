"""Behaviour of SQLAlchemy's hosts alone: nested blocks, pending objects, a pool."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from erp_invoice_core import NoTransaction, SqliteStore
from examples.harbor_point import PM, books
from examples.sqlalchemy_host.billing import Billing
from examples.sqlalchemy_host.database import get_driver_connection
from examples.sqlalchemy_host.models import Bill

from .on_sqlalchemy import SqlalchemyHost

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def host(tmp_path: Path) -> Iterator[SqlalchemyHost]:
    """The host on a SQLite file of the test's own."""
    file, ledger = tmp_path / "app.db", books(str(tmp_path / "books.beancount"))
    with (
        closing(SqliteStore(file)) as store,
        SqlalchemyHost.open(f"sqlite:///{file}", store, ledger) as opened,
    ):
        yield opened


def _statuses(host: SqlalchemyHost) -> dict[str, str]:
    return {entry.id: entry.status.value for entry in host.store.entries()}


def test_an_inner_block_that_is_rolled_back_takes_its_sending(host: SqlalchemyHost) -> None:
    """``begin_nested()`` is a savepoint: rolled back, it undoes only its own sending."""
    with Session(host.billing.engine) as session, session.begin():
        queue = host.billing.queue_on(session)
        queue.send(["B-1"], PM, connection="books", on=get_driver_connection(session))
        inner = session.begin_nested()
        queue.send(["B-3"], PM, connection="books", on=get_driver_connection(session))
        inner.rollback()

    assert {"B-1": "ready"} == _statuses(host)


def test_pending_objects_are_flushed_before_the_facts(host: SqlalchemyHost) -> None:
    """A bill that was only added to the session can be sent, because the facts flush it."""
    with Session(host.billing.engine) as session, session.begin():
        session.add(Bill(id="B-9", number="ACME-9", status="approved", cents=100))
        queue = host.billing.queue_on(session)
        [answer] = queue.send(["B-9"], PM, connection="books", on=get_driver_connection(session))

    assert answer.verdict.allowed


def test_without_the_events_sqlite_has_no_transaction(host: SqlalchemyHost) -> None:
    """On SQLite a default engine begins only before a change, so the queue refuses."""
    engine = create_engine(host.billing.engine.url)
    billing = Billing(engine=engine, store=host.store, connections=books("never written"))

    with pytest.raises(NoTransaction):
        billing.send(["B-1"], PM)

    engine.dispose()
    assert {} == _statuses(host)


def test_the_pools_connection_is_given_back_clean(host: SqlalchemyHost) -> None:
    """After a refused batch the pool's one connection serves the next transaction."""
    with host.open_idle() as work, pytest.raises(NoTransaction):
        work.queue.send(["B-1"], PM, connection="books", on=work.on)

    assert [True] == [answer.verdict.allowed for answer in host.send(["B-1"])]

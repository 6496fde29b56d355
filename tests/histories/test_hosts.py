"""The histories in a host's transaction, each by its number, on both databases."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.stores import NoTransaction, StoreBusy
from erp_invoice_core.vocabulary import Action, ExportStatus

from ..flow.samples import PERSON
from .host_transactions import HostTransactions, open_host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["sqlite", "postgres"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HostTransactions]:
    """Return a host on each database in turn."""
    with open_host(request.param, tmp_path) as hosted:
        yield hosted


def test_history_19_unguarded_edit_slips_in(host: HostTransactions) -> None:
    """Without the guard a send between the host's check and its edit is not noticed."""
    assert host.machine.may(Action.EDIT)
    assert [] == host.send()

    host.sets_back()

    assert ExportStatus.READY is host.machine.stands()


def test_history_19_guarded_edit_keeps_the_send_out(host: HostTransactions) -> None:
    """While the host holds the guard no send succeeds; afterwards the send sees the edit."""
    with host.transaction() as db:
        assert ExportStatus.NOT_SENT is host.guard(db).status
        with pytest.raises(StoreBusy):
            host.send()
        host.sets_back()
        db.execute("COMMIT")

    assert ["invoice.not_sendable"] == host.send()


def test_history_20_start_never_runs_in_a_hosts_transaction(host: HostTransactions) -> None:
    """A worker starts nothing that the host may roll back; the host has no worker's port."""
    assert [] == host.send()
    with host.transaction() as db:
        accepted = host.machine.queue.accept(["A"], PERSON, on=db)
        assert ExportStatus.ACCEPTED is accepted[0].entry.status
        with suppress(StoreBusy):
            host.machine.work()
        with host.store.people(db) as transaction:
            assert not hasattr(transaction, "find_due_entries")
        work: Any = host.store.work
        with pytest.raises(TypeError):
            work(db)

    host.machine.work()
    assert ExportStatus.READY is host.machine.stands()
    assert [] == host.machine.erp.writes


def test_history_21_look_opens_no_transaction(host: HostTransactions) -> None:
    """A host that has only read is refused: our savepoint would be its transaction, and commit."""
    with closing(host.open()) as db:
        db.execute("SELECT 1").fetchall()
        with pytest.raises(NoTransaction):
            host.send(db)

    assert ExportStatus.NOT_SENT is host.machine.stands()

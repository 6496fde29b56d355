"""A host's edits against concurrent sends, with real connections."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.adapters import Adapters
from erp_invoice_core.queue import ExportQueue
from erp_invoice_core.stores import HostMustRetry, SqliteStore, StoreBusy
from erp_invoice_core.testing import TwoStepErp
from erp_invoice_core.testing.fake_erp.in_process import KEY
from erp_invoice_core.testing.store_agreement import PEOPLE, Host
from erp_invoice_core.vocabulary import Action, ExportStatus, InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from erp_invoice_core.rules import Case

PM, *_ = PEOPLE


class Hosted:
    """A host whose invoices are in another database than the queue's entries."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "host.db"
        self.host = Host()
        self.store = SqliteStore(folder / "queue.db", wait=0.2)
        self.queue = ExportQueue(self.store, Adapters(TwoStepErp()), self.facts)
        with closing(self.open()) as db:
            db.execute("CREATE TABLE invoices (id TEXT, status TEXT)")
            db.execute("INSERT INTO invoices VALUES ('1', 'approved')")

    def open(self) -> sqlite3.Connection:
        """Open a connection to the host's database."""
        return sqlite3.connect(self.path, isolation_level=None)

    def status(self) -> InvoiceStatus:
        """Return the invoice's status."""
        with closing(self.open()) as db:
            row = db.execute("SELECT status FROM invoices WHERE id = '1'").fetchone()
        return InvoiceStatus(row[0])

    def edit(self) -> None:
        """Set the invoice back to Draft."""
        with closing(self.open()) as db:
            db.execute("UPDATE invoices SET status = 'draft' WHERE id = '1'")

    def facts(self, ids: Sequence[str], /) -> Mapping[str, Case]:
        """Return the current facts of the host."""
        self.host.edit("1", 100, self.status())
        return self.host.facts(ids)

    def may_edit(self) -> bool:
        """Ask whether the invoice may be edited."""
        return self.queue.why_not(["1"], PM, Action.EDIT)[0].verdict.allowed

    def send(self) -> bool:
        """Send the invoice."""
        return self.queue.send(["1"], PM, connection=KEY)[0].verdict.allowed

    @property
    def is_inconsistent(self) -> bool:
        """Return whether the invoice was edited after it was sent to the accounting approver."""
        entry = self.store.entries(["1"])[0]
        return entry.status is ExportStatus.READY and self.status() is InvoiceStatus.DRAFT


@pytest.fixture
def host(tmp_path: Path) -> Hosted:
    """A host with one approved invoice."""
    return Hosted(tmp_path)


def test_history_19_an_unguarded_edit_slips_in(host: Hosted) -> None:
    """Without the guard a send between the host's check and its edit is not noticed."""
    assert host.may_edit()
    assert host.send()

    host.edit()

    assert host.is_inconsistent


def test_history_19_a_guarded_edit_keeps_the_send_out(host: Hosted) -> None:
    """While the host holds the guard no send succeeds; afterwards the send sees the edit."""
    with closing(sqlite3.connect(host.store.path, isolation_level=None)) as db:
        db.execute("BEGIN")
        entry = host.queue.guard(["1"], on=db)[0]
        assert ExportStatus.NOT_SENT is entry.status
        assert host.may_edit()
        with pytest.raises(StoreBusy, match="Try again"):
            host.send()
        host.edit()
        db.execute("COMMIT")

    assert not host.send()
    assert not host.is_inconsistent


def test_a_guard_after_the_send_sees_it(host: Hosted) -> None:
    """A guard after the send returns the sent entry, so that the edit is denied."""
    assert host.send()
    with closing(sqlite3.connect(host.store.path, isolation_level=None)) as db:
        db.execute("BEGIN")
        entry = host.queue.guard(["1"], on=db)[0]
        db.execute("COMMIT")

    assert ExportStatus.READY is entry.status
    assert not host.may_edit()


def test_two_guards_exclude_each_other(host: Hosted) -> None:
    """Of two hosts that guard at once the second gets HostMustRetry."""
    with (
        closing(sqlite3.connect(host.store.path, isolation_level=None)) as first,
        closing(sqlite3.connect(host.store.path, isolation_level=None, timeout=0.05)) as second,
    ):
        first.execute("BEGIN")
        host.queue.guard(["1"], on=first)
        second.execute("BEGIN")
        with pytest.raises(HostMustRetry):
            host.queue.guard(["1"], on=second)

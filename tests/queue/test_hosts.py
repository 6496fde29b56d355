"""In a host's own transaction its update and our verb commit together or not at all."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core import ExportStatus, MemoryStore, NoTransaction, Resolution, SqliteStore
from tests.worker.harness import EVERYTHING, SENDER, WorkerHarness, check_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READY, NOT_SENT = ExportStatus.READY, ExportStatus.NOT_SENT


@pytest.fixture
def harness(tmp_path: Path) -> WorkerHarness:
    """Return a set-up with a file and two invoices."""
    made = WorkerHarness(store=SqliteStore(tmp_path / "erp.db"))
    made.add_invoices("5000", "5001")
    return made


@pytest.fixture
def host(harness: WorkerHarness) -> Iterator[sqlite3.Connection]:
    """Return the host's own connection to that file, with a table of the host."""
    assert isinstance(harness.store, SqliteStore)
    with closing(sqlite3.connect(harness.store.path, timeout=0.1)) as db:
        db.execute("CREATE TABLE invoices (id TEXT, locked INTEGER)")
        db.commit()
        yield db


def rows(host: sqlite3.Connection) -> int:
    """Return how many rows the host's table has."""
    return int(host.execute("SELECT count(*) FROM invoices").fetchone()[0])


@pytest.mark.parametrize("commits", [True, False])
def test_both_or_neither(harness: WorkerHarness, host: sqlite3.Connection, commits: bool) -> None:
    """The host's row and the sending are both stored, or neither is."""
    host.execute("INSERT INTO invoices VALUES ('5000', 1)")
    check_allowed(harness.queue.send(["5000"], SENDER, connection="erp", on=host))
    assert host.in_transaction
    (host.commit if commits else host.rollback)()

    expected = (1, READY, 1) if commits else (0, NOT_SENT, 0)
    assert expected == (rows(host), harness.get_status(), len(harness.queue.history("5000")))
    harness.check_audit_log()


def test_a_refusal_leaves_the_hosts_work_alone(
    harness: WorkerHarness, host: sqlite3.Connection
) -> None:
    """A denied item undoes nothing of the host's, nor of the other items."""
    host.execute("INSERT INTO invoices VALUES ('5000', 1)")
    results = harness.queue.send(["none", "5001"], SENDER, connection="erp", on=host)
    host.commit()

    assert [False, True] == [result.verdict.allowed for result in results]
    assert (1, READY) == (rows(host), harness.get_status("5001"))


def test_without_a_transaction(harness: WorkerHarness, host: sqlite3.Connection) -> None:
    """A host that has only read has no transaction open: an error says so, nothing is stored."""
    host.execute("SELECT * FROM invoices").fetchall()
    with pytest.raises(NoTransaction):
        harness.queue.send(["5000"], SENDER, connection="erp", on=host)
    with pytest.raises(NoTransaction):
        harness.queue.guard(["5000"], on=host)
    assert NOT_SENT is harness.get_status()


def test_memory_has_no_connection_to_share() -> None:
    """A queue in memory refuses a host's connection instead of ignoring it."""
    harness = WorkerHarness(store=MemoryStore())
    harness.add_invoices("5000")
    with pytest.raises(NoTransaction):
        harness.queue.send(["5000"], SENDER, connection="erp", on=object())


def test_the_guard_returns_the_entries_in_order(
    harness: WorkerHarness, host: sqlite3.Connection
) -> None:
    """Guarded entries are returned in the given order, with their current state, new ones too."""
    check_allowed(harness.queue.send(["5000"], SENDER, connection="erp"))
    host.execute("BEGIN IMMEDIATE")
    entries = harness.queue.guard(["5001", "5000", "none"], on=host)
    host.rollback()

    assert [("5001", NOT_SENT), ("5000", READY), ("none", NOT_SENT)] == [
        (entry.id, entry.status) for entry in entries
    ]
    assert [] == list(harness.queue.history("none"))


def test_the_guard_returns_an_entry_for_an_id_that_none_can_have(
    harness: WorkerHarness, host: sqlite3.Connection
) -> None:
    """The host finds the answer to each of its ids in its place."""
    host.execute("BEGIN IMMEDIATE")
    entries = harness.queue.guard(["a\x00b", "5000"], on=host)
    host.rollback()

    assert ["a\x00b", "5000"] == [entry.id for entry in entries]


def test_a_guarded_edit_and_a_sending_never_cross(
    harness: WorkerHarness, host: sqlite3.Connection
) -> None:
    """During a guarded edit a sending waits, and then sends the edited invoice."""
    host.execute("INSERT INTO invoices VALUES ('5000', 0)")
    (entry,) = harness.queue.guard(["5000"], on=host)
    assert NOT_SENT is entry.status
    done = threading.Event()

    def send_one() -> None:
        check_allowed(harness.queue.send(["5000"], SENDER, connection="erp"))
        done.set()

    sender = threading.Thread(target=send_one)
    sender.start()
    assert not done.wait(0.3)
    host.commit()
    sender.join(timeout=10)

    assert done.is_set()
    assert READY is harness.get_status()


def test_a_guard_and_its_edit_leave_no_event(
    harness: WorkerHarness, host: sqlite3.Connection
) -> None:
    """A guard records nothing: the edit is the host's."""
    host.execute("INSERT INTO invoices VALUES ('5000', 0)")
    harness.queue.guard(["5000"], on=host)
    host.commit()

    assert ([], []) == (list(harness.queue.history("5000")), harness.seen)
    harness.check_audit_log()


_RULING = {"resolution": Resolution(absent=True), "evidence": "Seen.", "expect": 1}
VERBS: dict[str, dict[str, Any]] = {
    "resend": {},
    "retrieve": {},
    "accept": {},
    "reject": {"reason": "No."},
    "retry": {},
    "withdraw": {},
    "rule": _RULING,
}


@pytest.mark.parametrize("verb", VERBS)
def test_action_is_undone_with_the_hosts_work(
    harness: WorkerHarness, host: sqlite3.Connection, verb: str
) -> None:
    """Allowed or refused, it is recorded in the host's transaction only."""
    harness.send("5000")
    before = harness.queue.history("5000")
    host.execute("INSERT INTO invoices VALUES ('5000', 1)")
    (result,) = getattr(harness.queue, verb)(["5000"], EVERYTHING, **VERBS[verb], on=host)
    host.rollback()

    assert len(before) + 1 == result.entry.seq
    assert (0, READY, before) == (rows(host), harness.get_status(), harness.queue.history("5000"))


def test_import_is_undone_with_the_hosts_work(
    harness: WorkerHarness, host: sqlite3.Connection
) -> None:
    """If the host rolls back, the entry that was imported with its ERP id is gone too."""
    host.execute("INSERT INTO invoices VALUES ('5000', 1)")
    check_allowed(harness.queue.import_synced({"5000": "B-77"}, connection="erp", on=host))
    host.rollback()

    assert (0, NOT_SENT) == (rows(host), harness.get_status())

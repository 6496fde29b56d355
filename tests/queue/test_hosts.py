"""In a host's own transaction its update and our verb commit together or not at all."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core import ExportStatus, MemoryStore, NoTransaction, Resolution, SqliteStore
from tests.worker.harness import EVERYTHING, SENDER, Office, ok

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READY, NOT_SENT = ExportStatus.READY, ExportStatus.NOT_SENT


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return a set-up with a file and two invoices."""
    made = Office(store=SqliteStore(tmp_path / "erp.db"))
    made.have("5000", "5001")
    return made


@pytest.fixture
def host(office: Office) -> Iterator[sqlite3.Connection]:
    """Return the host's own connection to that file, with a table of the host."""
    assert isinstance(office.store, SqliteStore)
    with closing(sqlite3.connect(office.store.path, timeout=0.1)) as connection:
        connection.execute("CREATE TABLE invoices (id TEXT, locked INTEGER)")
        connection.commit()
        yield connection


def rows(host: sqlite3.Connection) -> int:
    """Return how many rows the host's table has."""
    return int(host.execute("SELECT count(*) FROM invoices").fetchone()[0])


@pytest.mark.parametrize("commits", [True, False])
def test_both_or_neither(office: Office, host: sqlite3.Connection, commits: bool) -> None:
    """The host's row and the sending are both stored, or neither is."""
    host.execute("INSERT INTO invoices VALUES ('5000', 1)")
    ok(office.queue.send(["5000"], SENDER, connection="erp", on=host))
    assert host.in_transaction
    (host.commit if commits else host.rollback)()

    expected = (1, READY, 1) if commits else (0, NOT_SENT, 0)
    assert expected == (rows(host), office.status(), len(office.queue.history("5000")))
    office.check()


def test_a_refusal_leaves_the_hosts_work_alone(office: Office, host: sqlite3.Connection) -> None:
    """A denied item undoes nothing of the host's, nor of the other items."""
    host.execute("INSERT INTO invoices VALUES ('5000', 1)")
    results = office.queue.send(["none", "5001"], SENDER, connection="erp", on=host)
    host.commit()

    assert [False, True] == [result.verdict.allowed for result in results]
    assert (1, READY) == (rows(host), office.status("5001"))


def test_without_a_transaction(office: Office, host: sqlite3.Connection) -> None:
    """A host that has only read has no transaction open: an error says so, nothing is stored."""
    host.execute("SELECT * FROM invoices").fetchall()
    with pytest.raises(NoTransaction):
        office.queue.send(["5000"], SENDER, connection="erp", on=host)
    with pytest.raises(NoTransaction):
        office.queue.guard(["5000"], on=host)
    assert NOT_SENT is office.status()


def test_memory_has_no_connection_to_share() -> None:
    """A queue in memory refuses a host's connection instead of ignoring it."""
    office = Office(store=MemoryStore())
    office.have("5000")
    with pytest.raises(NoTransaction):
        office.queue.send(["5000"], SENDER, connection="erp", on=object())


def test_the_guard_returns_the_entries_in_order(office: Office, host: sqlite3.Connection) -> None:
    """Guarded entries are returned in the given order, with their current state, new ones too."""
    ok(office.queue.send(["5000"], SENDER, connection="erp"))
    host.execute("BEGIN IMMEDIATE")
    entries = office.queue.guard(["5001", "5000", "none"], on=host)
    host.rollback()

    assert [("5001", NOT_SENT), ("5000", READY), ("none", NOT_SENT)] == [
        (entry.id, entry.status) for entry in entries
    ]
    assert [] == list(office.queue.history("none"))


def test_a_guarded_edit_and_a_sending_never_cross(office: Office, host: sqlite3.Connection) -> None:
    """During a guarded edit a sending waits, and then sends the edited invoice."""
    host.execute("INSERT INTO invoices VALUES ('5000', 0)")
    (entry,) = office.queue.guard(["5000"], on=host)
    assert NOT_SENT is entry.status
    done = threading.Event()

    def sending() -> None:
        ok(office.queue.send(["5000"], SENDER, connection="erp"))
        done.set()

    sender = threading.Thread(target=sending)
    sender.start()
    assert not done.wait(0.3)
    host.commit()
    sender.join(timeout=10)

    assert done.is_set()
    assert READY is office.status()


def test_a_guard_and_its_edit_leave_no_event(office: Office, host: sqlite3.Connection) -> None:
    """A guard records nothing: the edit is the host's."""
    host.execute("INSERT INTO invoices VALUES ('5000', 0)")
    office.queue.guard(["5000"], on=host)
    host.commit()

    assert ([], []) == (list(office.queue.history("5000")), office.seen)
    office.check()


_RULING = {"ruling": Resolution(absent=True), "evidence": "Seen.", "expect": 1}
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
def test_attempt_is_undone_with_the_hosts_work(
    office: Office, host: sqlite3.Connection, verb: str
) -> None:
    """Allowed or refused, it is recorded in the host's transaction only."""
    office.send("5000")
    before = office.queue.history("5000")
    host.execute("INSERT INTO invoices VALUES ('5000', 1)")
    (result,) = getattr(office.queue, verb)(["5000"], EVERYTHING, **VERBS[verb], on=host)
    host.rollback()

    assert len(before) + 1 == result.entry.seq
    assert (0, READY, before) == (rows(host), office.status(), office.queue.history("5000"))


def test_import_is_undone_with_the_hosts_work(office: Office, host: sqlite3.Connection) -> None:
    """If the host rolls back, the entry that was imported with its ERP id is gone too."""
    host.execute("INSERT INTO invoices VALUES ('5000', 1)")
    ok(office.queue.import_synced({"5000": "B-77"}, connection="erp", on=host))
    host.rollback()

    assert (0, NOT_SENT) == (rows(host), office.status())

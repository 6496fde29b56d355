"""The SQLite file itself: opening, migrating, faults of the disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.stores import CommitUnknown, SqliteStore, StoreBusy, StoreFault
from erp_invoice_core.stores.sqlite.connection import commit
from erp_invoice_core.testing.samples import build_denied_change, save_change

from .processes import run_in_processes

if TYPE_CHECKING:
    from pathlib import Path


def _versions(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as db:
        return [row[0] for row in db.execute("SELECT version FROM erp_schema")]


def test_what_was_stored_is_there_after_opening_again(tmp_path: Path) -> None:
    """A store on an existing file continues with its entries."""
    first = SqliteStore(tmp_path / "queue.db")
    after = save_change(first, "5000")
    first.close()

    assert [after] == list(SqliteStore(tmp_path / "queue.db").entries())


def test_a_closed_store_opens_again(store: SqliteStore) -> None:
    """Closing gives the thread's connection back; the next call opens another."""
    store.close()
    store.close()

    assert 1 == save_change(store, "5000").seq


def test_writes_are_durable(store: SqliteStore) -> None:
    """The store's own connection uses WAL, and syncs it at every commit."""
    with store.transaction() as db:
        modes = [
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
        ]

    assert ["wal", 2] == modes


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A file of another format is refused, and left unchanged."""
    path = tmp_path / "notes.txt"
    path.write_text("These are notes, many of them. " * 100)

    with pytest.raises(StoreFault, match="This file is not a SQLite database"):
        SqliteStore(path)

    assert "These are notes, many of them. " * 100 == path.read_text()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A path in a missing folder is refused with the folder's name."""
    with pytest.raises(StoreFault, match=r"/nowhere is not a folder"):
        SqliteStore(tmp_path / "nowhere" / "queue.db")


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """A path to a folder is refused."""
    with pytest.raises(StoreFault, match="cannot be opened"):
        SqliteStore(tmp_path)


def test_a_damaged_file_is_reported(store: SqliteStore) -> None:
    """A file whose pages were overwritten is reported as damaged, without SQLite's own error."""
    for number in range(50):
        save_change(store, str(number), build_denied_change)
    with store.transaction() as db:
        db.execute("SELECT 1")
    store.close()
    content = store.path.read_bytes()
    store.path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))

    with pytest.raises(StoreFault, match="Restore the database from a copy"):
        store.entries()


def test_a_read_only_database_is_reported(store: SqliteStore) -> None:
    """If nothing may be written, the error says so, and nothing is stored."""
    with store.transaction() as db:
        db.execute("PRAGMA query_only=ON")

    with pytest.raises(StoreFault, match="Make it writable"):
        save_change(store, "5000")

    assert [] == list(store.entries())


def test_a_newer_file_is_refused(store: SqliteStore) -> None:
    """A file that a newer version of the library wrote is refused, and left unchanged."""
    with store.transaction() as db:
        db.execute("INSERT INTO erp_schema (version) VALUES (999)")

    with pytest.raises(StoreFault, match="Upgrade erp_invoice_core"):
        SqliteStore(store.path)

    assert [1, 2, 3, 4, 5, 999] == _versions(store.path)


def test_migrating_again_changes_nothing(store: SqliteStore) -> None:
    """Opening a file that is up to date leaves its one row per version."""
    SqliteStore(store.path).close()

    assert [1, 2, 3, 4, 5] == _versions(store.path)


def test_two_processes_migrate_at_once(tmp_path: Path) -> None:
    """Of processes that open a new file at the same moment one migrates; all can use it."""
    path = tmp_path / "queue.db"

    assert [0, 0, 0] == run_in_processes("open", path, 3)

    assert [1, 2, 3, 4, 5] == _versions(path)


def test_a_full_disk_keeps_nothing_half(store: SqliteStore) -> None:
    """On a full disk a transaction stores nothing, and the error says so."""
    save_change(store, "before")
    _limit_pages(store, space=4)

    with pytest.raises(StoreFault, match="Free space on it"):
        _write_much(store)

    assert ["before"] == [entry.id for entry in store.entries()]
    assert 1 == len(store.feed())
    assert 1 == len(list(store.chains()))


def _write_much(store: SqliteStore) -> None:
    with store.people() as transaction:
        for number in range(500):
            transaction.save(build_denied_change(transaction.entries([str(number)])[str(number)]))


def test_work_goes_on_when_there_is_space_again(store: SqliteStore) -> None:
    """After space was freed, the same store stores what did not fit before."""
    _limit_pages(store, space=1)
    with pytest.raises(StoreFault), store.people() as transaction:
        transaction.entries([f"{number:0100}" for number in range(500)])
    _limit_pages(store, space=10_000)

    assert 1 == save_change(store, "5000").seq


def _limit_pages(store: SqliteStore, *, space: int) -> None:
    with store.transaction() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count={pages + space}")


def test_a_full_disk_on_a_hosts_connection(store: SqliteStore) -> None:
    """On a host's connection a full disk undoes our part and raises a fault."""
    with closing(sqlite3.connect(store.path, isolation_level=None)) as host:
        host.execute("CREATE TABLE notes (text TEXT)")
        pages = host.execute("PRAGMA page_count").fetchone()[0]
        host.execute(f"PRAGMA max_page_count={pages}")
        host.execute("BEGIN")
        with pytest.raises(StoreFault), store.people(host) as transaction:
            transaction.entries([f"{number:0100}" for number in range(500)])
        if host.in_transaction:
            host.execute("COMMIT")

    assert [] == list(store.entries())


def test_a_commit_that_fails_is_a_fault(store: SqliteStore) -> None:
    """A commit that SQLite refuses, and that leaves the transaction open, stored nothing."""
    with store.transaction() as db:
        db.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY)")
        db.execute(
            "CREATE TABLE children (parent INTEGER REFERENCES parents (id)"
            " DEFERRABLE INITIALLY DEFERRED)"
        )
    with store.transaction() as db:
        db.execute("SELECT 1")
    db.execute("PRAGMA foreign_keys=ON")

    with pytest.raises(StoreFault, match="FOREIGN KEY"), store.transaction() as db:
        db.execute("INSERT INTO children VALUES (1)")

    assert not db.in_transaction
    assert 1 == save_change(store, "5000").seq


def test_a_commit_without_answer_is_unknown() -> None:
    """After a commit without an answer the error is CommitUnknown, and not a failure."""

    class Silent:
        """A connection whose commit is stored, and gives no answer."""

        in_transaction = False

        def execute(self, statement: str) -> None:
            raise sqlite3.OperationalError(statement)

    with pytest.raises(CommitUnknown, match="Read the entry again"):
        commit(Silent())  # type: ignore[arg-type] # stands for a connection


def test_a_held_side_lock_ends_in_busy(store: SqliteStore) -> None:
    """A writer that waits for another one gives up after its bound, and says so."""
    with store.transaction():
        other = SqliteStore.__new__(SqliteStore)
        with pytest.raises(StoreBusy, match="Try again"):
            other.__init__(store.path, wait=0.05)  # type: ignore[misc] # inside the block


def test_a_held_database_ends_in_busy(store: SqliteStore) -> None:
    """A writer that waits for a host's transaction gives up after its bound, too."""
    with closing(sqlite3.connect(store.path, isolation_level=None)) as host:
        host.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="locked the database"):
            save_change(store, "5000")


def test_reading_waits_for_no_process(store: SqliteStore) -> None:
    """While a writer holds the file, reading returns what was committed before."""
    after = save_change(store, "5000")
    with closing(sqlite3.connect(store.path, isolation_level=None)) as host:
        host.execute("BEGIN IMMEDIATE")
        host.execute("DELETE FROM erp_entries")

        assert [after] == list(store.entries())


def test_a_long_log_gives_its_space_back(tmp_path: Path) -> None:
    """After a transaction of 48 MB and a checkpoint, the log has at most its usual 32 MB."""
    log = tmp_path / "queue.db-wal"
    with SqliteStore(tmp_path / "queue.db") as store:
        with store.transaction() as db:
            db.execute("CREATE TABLE notes (text BLOB)")
            db.execute("INSERT INTO notes VALUES (zeroblob(48000000))")
        longest = log.stat().st_size
        for _ in range(2):
            with store.transaction() as db:
                db.execute("INSERT INTO notes VALUES ('x')")
        assert longest > 48_000_000
        assert log.stat().st_size <= 8192 * 4096

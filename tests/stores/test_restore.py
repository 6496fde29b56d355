"""A restore of the database is noticed by the store, or reported by a person."""

from __future__ import annotations

import json
import logging
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import ExportStatus, MemoryStore, SqliteStore
from erp_invoice_core.stores import PostgresStore
from erp_invoice_core.stores.sqlite.restore import LastSeen, SeenFile
from erp_invoice_core.testing import TwoStepErp
from tests.worker.harness import NOON, Clock, WorkerHarness

if TYPE_CHECKING:
    from pathlib import Path

    from erp_invoice_core.stores import Store


def _export(path: Path, *ids: str, fake: TwoStepErp | None = None) -> None:
    """Export these invoices from a database of that path."""
    store = SqliteStore(path)
    harness = WorkerHarness(plugin=fake or TwoStepErp(), store=store, clock=Clock(NOON))
    harness.add_invoices(*ids)
    harness.accept(*ids)
    harness.worker.run_until_idle()
    store.close()


def _copy(path: Path, to: Path) -> None:
    to.mkdir()
    for file in (path, path.with_name(f"{path.name}-wal")):
        if file.exists():
            shutil.copy(file, to / file.name)


def _restore(path: Path, backup: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
    for file in backup.iterdir():
        shutil.copy(file, path.with_name(file.name))


def test_a_database_that_was_never_restored_says_so(tmp_path: Path) -> None:
    """Working, closing and opening again is not taken for a restore."""
    path = tmp_path / "queue.db"
    _export(path, "5000")
    _export(path, "5001")
    assert SqliteStore(path).restore() is None


def test_a_restored_file_is_noticed_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that lacks the last started call is reported, logged, and recorded once."""
    path, backup = tmp_path / "queue.db", tmp_path / "backup"
    _export(path, "5000")
    _copy(path, backup)
    _export(path, "5001")
    _restore(path, backup)

    with caplog.at_level(logging.WARNING):
        first = SqliteStore(path).restore()
    second = SqliteStore(path).restore()

    assert first is not None
    assert (1, first) == (first.number, second)
    assert "does not have the call" in first.why
    message = (
        "The database was restored. Workers look up each invoice in the ERP before they export it."
    )
    assert [f"{message} {first.why}"] == [each.getMessage() for each in caplog.records]


def test_a_file_that_is_restored_again_is_noticed_again(tmp_path: Path) -> None:
    """If the same backup is restored twice, without a start in between, both are noticed."""
    path, backup = tmp_path / "queue.db", tmp_path / "backup"
    _export(path, "5000")
    _copy(path, backup)
    _export(path, "5001")
    for turn in range(3):
        _restore(path, backup)
        store = SqliteStore(path)
        found = store.restore()
        store.close()
        assert found is not None, turn
        assert 1 == found.number


def test_a_restored_file_that_went_on_elsewhere_is_noticed(tmp_path: Path) -> None:
    """Other events at the same positions do not hide a restore."""
    path, backup = tmp_path / "queue.db", tmp_path / "backup"
    _export(path, "5000")
    _copy(path, backup)
    _export(path, "5001")
    seen = path.with_name("queue.db.seen").read_bytes()
    _restore(path, backup)
    path.with_name("queue.db.seen").unlink()
    _export(path, "5002", "5003")
    path.with_name("queue.db.seen").write_bytes(seen)

    restore = SqliteStore(path).restore()

    assert restore is not None


def test_another_database_at_the_same_path_is_noticed(tmp_path: Path) -> None:
    """A new database at the path of an old one, beside its last started call, is noticed."""
    path = tmp_path / "queue.db"
    _export(path, "5000")
    for suffix in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)

    restore = SqliteStore(path).restore()

    assert restore is not None
    assert "names another database" in restore.why


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 200, b"{", b"[]", b'{"database": 1}', b'{"database":"x","place":{}}']
)
def test_a_file_that_says_nothing_shows_nothing(tmp_path: Path, content: bytes) -> None:
    """A record that a power failure left without contents is not a sign of a restore."""
    path = tmp_path / "queue.db"
    _export(path, "5000")
    path.with_name("queue.db.seen").write_bytes(content)

    assert SqliteStore(path).restore() is None


def test_a_folder_in_place_of_the_file_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If the record cannot be written the export continues, and the log says so."""
    path = tmp_path / "queue.db"
    path.with_name("queue.db.seen").mkdir()
    with caplog.at_level(logging.WARNING):
        _export(path, "5000")
    assert {"synced"} == {each.status.value for each in SqliteStore(path).entries()}
    assert any("cannot be written" in each.getMessage() for each in caplog.records)


def test_the_file_names_the_last_started_call(tmp_path: Path) -> None:
    """It has the database's id, and position and digest of the last start."""
    path = tmp_path / "queue.db"
    _export(path, "5000", "5001")
    store = SqliteStore(path)
    starts = [each for each in store.feed(limit=1000) if each.event.action.value == "start"]
    with store.transaction() as db:
        rows = db.execute("SELECT id FROM erp_identity").fetchall()
        digest = db.execute(
            "SELECT digest FROM erp_events WHERE place = ?", (starts[-1].place,)
        ).fetchone()
    found = json.loads(path.with_name("queue.db.seen").read_bytes())
    assert (rows[0][0], starts[-1].place, digest[0]) == (
        found["database"],
        int(found["place"]),
        found["digest"],
    )


def test_a_start_is_written_to_the_file_at_the_path(tmp_path: Path) -> None:
    """If the file is moved or removed between two starts, the second makes a new one."""
    path, moved = tmp_path / "queue.db.seen", tmp_path / "moved"
    file = SeenFile(path)
    first, second, third = (LastSeen(place, "0" * 64) for place in (1, 2, 3))
    file.write("queue", first)
    path.rename(moved)
    file.write("queue", second)
    assert (("queue", first), ("queue", second)) == (SeenFile(moved).read(), SeenFile(path).read())
    path.unlink()
    file.write("queue", third)
    assert ("queue", third) == SeenFile(path).read()


def test_a_shorter_start_replaces_a_longer_one(tmp_path: Path) -> None:
    """Nothing of a longer content is left, neither at the first write nor later."""
    path = tmp_path / "queue.db.seen"
    path.write_bytes(b"x" * 1000)
    file = SeenFile(path)
    file.write("queue", LastSeen(1, "0" * 64))
    file.write("queue", LastSeen(0, ""))
    assert ("queue", LastSeen(0, "")) == file.read()


def _two(store: Store) -> None:
    assert store.restore() is None
    first, second = store.record_restore("Monday's."), store.record_restore("Tuesday's.")
    assert ((1, "Monday's."), (2, "Tuesday's.")) == (
        (first.number, first.why),
        (second.number, second.why),
    )
    assert second == store.restore()


def test_a_person_says_it_in_memory() -> None:
    """The store in memory counts the restores that were reported."""
    _two(MemoryStore())


def test_a_person_says_it_of_a_file(tmp_path: Path) -> None:
    """A reported restore is stored, and not noticed again."""
    store = SqliteStore(tmp_path / "queue.db")
    _two(store)
    restore = SqliteStore(tmp_path / "queue.db").restore()
    assert restore is not None
    assert 2 == restore.number


def test_a_person_says_it_of_a_server(dsn: str) -> None:
    """A reported restore is stored on the server."""
    store = PostgresStore(dsn)
    _two(store)
    store.close()


@pytest.mark.parametrize(("column", "what"), [("system", "cluster"), ("timeline", "timeline")])
def test_another_cluster_or_timeline_is_noticed_once(dsn: str, column: str, what: str) -> None:
    """Tables with another cluster or timeline than the server's count as restored."""
    store = PostgresStore(dsn)
    assert store.restore() is None
    with store.transaction() as db:
        db.execute(f"UPDATE erp_cluster SET {column} = 'other'")  # noqa: S608 - a column of our own
    store.close()

    again = PostgresStore(dsn)
    first = again.restore()
    again.close()
    last = PostgresStore(dsn)
    second = last.restore()
    last.close()

    assert first is not None
    assert (1, first) == (first.number, second)
    assert what in first.why


def test_a_restored_queue_books_nothing_twice(tmp_path: Path) -> None:
    """Documents that were exported after the backup are adopted, not written again."""
    path, backup = tmp_path / "queue.db", tmp_path / "backup"
    fake = TwoStepErp()
    store = SqliteStore(path)
    harness = WorkerHarness(plugin=fake, store=store)
    harness.add_invoices("5000")
    harness.accept("5000")
    store.close()
    _copy(path, backup)
    harness.worker.run_until_idle()
    store.close()
    _restore(path, backup)

    again = SqliteStore(path)
    restored = WorkerHarness(plugin=fake, store=again, clock=Clock(NOON + timedelta(days=90)))
    restored.add_invoices("5000")
    restored.worker.run_until_idle()

    assert again.restore() is not None
    assert (ExportStatus.SYNCED, 1) == (restored.get_status(), len(fake.ledger.list_bills()))
    restored.check_audit_log()
    again.close()

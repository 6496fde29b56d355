"""Read-only stores work beside a writer and with read permission alone, and make nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
import pytest

from erp_invoice_core.stores import PostgresStore, SqliteStore, StoreFault, verify
from erp_invoice_core.stores.sqlite.schema import MIGRATIONS
from erp_invoice_core.testing.samples import build_acceptance, build_denied_change, save_change
from tests.postgres import server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Reads once as the user who started it, so that all is imported, and again as another user.
_READER: Final = """
import os, sys
from erp_invoice_core.stores import SqliteStore, verify
def read(path):
    with SqliteStore(path, read_only=True) as store:
        found = verify(store.chains())
        assert found.ok, found.problems
        assert store.clock() and not store.find_slot_holders(["x"])
        return [entry.status.value for entry in store.entries()], len(store.events("1"))
read(sys.argv[1])
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    assert not os.access(sys.argv[2], os.W_OK)
print(*read(sys.argv[2]))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter, and into which only its owner may write."""
    made = Path(tempfile.mkdtemp(prefix="erp-read-only-"))
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


def _fill(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    save_change(store, "1", build_acceptance)
    save_change(store, "1", build_denied_change)
    save_change(store, "2", build_denied_change)
    return store


def _read_by_another(path: Path, warm_up: Path) -> str:
    """Read as a user without any files, or, if this user is not root, without write permission."""
    _fill(warm_up / "other.db").close()
    for file in path.parent.iterdir():
        file.chmod(0o444)
    path.parent.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", _READER, str(warm_up / "other.db"), str(path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


def test_a_database_at_rest_is_read_with_read_permission_only(folder: Path, tmp_path: Path) -> None:
    """Without a writer only the file is read, and no file is made beside it."""
    _fill(folder / "a b%?.db").close()
    before = sorted(folder.iterdir())

    assert "['accepted', 'not_sent'] 2\n" == _read_by_another(folder / "a b%?.db", tmp_path)
    assert before == sorted(folder.iterdir())


def test_a_database_in_use_is_read_with_read_permission_only(folder: Path, tmp_path: Path) -> None:
    """Beside a writer all committed entries are read, those in its log too."""
    store = _fill(folder / "erp.db")
    assert (folder / "erp.db-wal").stat().st_size > 0

    assert "['accepted', 'not_sent'] 2\n" == _read_by_another(folder / "erp.db", tmp_path)
    store.close()


def test_a_copy_taken_in_use_is_read_with_read_permission_only(
    folder: Path, tmp_path: Path
) -> None:
    """A copy of a file and its log, without the index of the log, is read completely."""
    with closing(_fill(folder / "erp.db")):
        copy = folder / "copy"
        copy.mkdir()
        for name in ("erp.db", "erp.db-wal"):
            shutil.copy(folder / name, copy)

    assert "['accepted', 'not_sent'] 2\n" == _read_by_another(copy / "erp.db", tmp_path)
    assert ["erp.db", "erp.db-wal"] == sorted(path.name for path in copy.iterdir())
    copy.chmod(0o755)


def test_reading_takes_no_lock(tmp_path: Path) -> None:
    """While a writer has every lock, reading returns what was committed before."""
    writer = _fill(tmp_path / "erp.db")

    with writer.transaction() as db:
        db.execute("UPDATE erp_entries SET status = 'synced'")
        with SqliteStore(tmp_path / "erp.db", wait=0.0, read_only=True) as store:
            assert ["accepted", "not_sent"] == [each.status.value for each in store.entries()]
            assert [1, 2, 3] == [each.place for each in store.feed()]
            assert verify(store.chains()).ok
        db.rollback()
        db.execute("BEGIN")
    writer.close()


def test_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    """Neither a lock file nor a log is left, and the file is unchanged."""
    _fill(tmp_path / "erp.db").close()
    (tmp_path / "erp.db.lock").unlink()
    (tmp_path / "erp.db.lock.next").unlink(missing_ok=True)
    before = (tmp_path / "erp.db").read_bytes()

    with SqliteStore(tmp_path / "erp.db", read_only=True) as store:
        assert verify(store.chains()).ok

    assert ["erp.db"] == [path.name for path in tmp_path.iterdir()]
    assert before == (tmp_path / "erp.db").read_bytes()


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """The error says that there is no database."""
    with pytest.raises(StoreFault, match="cannot be opened"):
        SqliteStore(tmp_path / "erp.db", read_only=True)

    assert [] == list(tmp_path.iterdir())


def _other_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE notes (text TEXT)")


@pytest.mark.parametrize("fill", [Path.touch, _other_tables])
def test_an_empty_database_is_said_to_be_empty(
    tmp_path: Path, fill: Callable[[Path], None]
) -> None:
    """A file without a byte, or with other tables only, is not a queue, and stays unchanged."""
    fill(tmp_path / "erp.db")
    before = (tmp_path / "erp.db").read_bytes()

    with pytest.raises(StoreFault, match="This database is empty"):
        SqliteStore(tmp_path / "erp.db", read_only=True)

    assert before == (tmp_path / "erp.db").read_bytes()


@pytest.mark.parametrize("version", [1, 99])
def test_another_version_is_distinguished(tmp_path: Path, version: int) -> None:
    """An older version is read from a copy, a newer one is refused; the file stays unchanged."""
    with closing(sqlite3.connect(tmp_path / "erp.db")) as db, db:
        for statement in MIGRATIONS[0]:
            db.execute(statement)
        db.execute("CREATE TABLE erp_schema (version INTEGER NOT NULL)")
        db.execute("INSERT INTO erp_schema (version) VALUES (?)", (version,))
    before = (tmp_path / "erp.db").read_bytes()

    if version == 1:
        with SqliteStore(tmp_path / "erp.db", read_only=True) as store:
            assert [] == store.entries()
            assert verify(store.chains()).ok
    else:
        with pytest.raises(StoreFault, match="Upgrade erp_invoice_core"):
            SqliteStore(tmp_path / "erp.db", read_only=True)

    assert ["erp.db"] == [path.name for path in tmp_path.iterdir()]
    assert before == (tmp_path / "erp.db").read_bytes()


def test_a_store_that_only_reads_stores_nothing(tmp_path: Path) -> None:
    """Both ports refuse to open, with a sentence."""
    _fill(tmp_path / "erp.db").close()

    with SqliteStore(tmp_path / "erp.db", read_only=True) as store:
        for port in (store.people, store.work, store.transaction):
            with pytest.raises(StoreFault, match="Open it without read_only"), port():
                pytest.fail("It was opened.")


@pytest.mark.parametrize("name", [":memory:", "", "file:erp.db", "file::memory:?cache=shared"])
def test_memory_is_no_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that SQLite does not store as a file is refused, and no file is made."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(StoreFault, match="use MemoryStore"):
        SqliteStore(name)

    assert [] == list(tmp_path.iterdir())


@contextmanager
def _auditor(dsn: str) -> Iterator[str]:
    """Return the URL of the schema for a role that may only read its tables."""
    schema = dsn.rpartition("search_path%3D")[2].partition("&")[0]
    with psycopg.connect(server(), autocommit=True) as db:
        db.execute(f"CREATE ROLE {schema}".encode())
        db.execute(f"GRANT USAGE ON SCHEMA {schema} TO {schema}".encode())
        db.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {schema}".encode())
    yield dsn.replace("options=", f"options=-crole%3D{schema}%20", 1)
    with psycopg.connect(server(), autocommit=True) as db:
        db.execute(f"DROP OWNED BY {schema}".encode())
        db.execute(f"DROP ROLE {schema}".encode())


def test_postgres_is_read_with_the_right_to_read_only(postgres: PostgresStore, dsn: str) -> None:
    """A role with SELECT alone lists and verifies, beside a writer; it assigns no positions."""
    save_change(postgres, "1", build_acceptance)
    postgres.feed()
    save_change(postgres, "2", build_denied_change)

    with _auditor(dsn) as url, PostgresStore(url, read_only=True) as store:
        with postgres.transaction() as db:
            db.execute("UPDATE erp_entries SET status = 'synced'")
            assert ["accepted", "not_sent"] == [each.status.value for each in store.entries()]
            assert verify(store.chains()).ok
            db.rollback()
            db.execute("BEGIN")
        assert ["1"] == [each.event.entry_id for each in store.feed()]
        for port in (store.people, store.work, store.transaction):
            with pytest.raises(StoreFault, match="Open it without read_only"), port():
                pytest.fail("It was opened.")


def test_an_empty_schema_is_said_to_be_empty(dsn: str) -> None:
    """Reading creates no table in it."""
    for _ in range(2):
        with pytest.raises(StoreFault, match="This database is empty"):
            PostgresStore(dsn, read_only=True)

"""Verbs that read take no lock, need read permission only, and make nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pytest

from erp_invoice_core.stores import SqliteStore
from tests.cli.command_run import write_document
from tests.fixtures.databases.restore import VERSIONS, restore_postgres, restore_sqlite
from tests.postgres import fresh_schema, server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.command_run import Erp

READING: Final = (
    ["list"],
    ["show", "5012"],
    ["history", "5012"],
    ["summary", "5012"],
    ["verify"],
    ["why-not", "5003", "--as", "all"],
)
#: Reads once as the user who started it, so that all is imported, and again as another user.
_READER: Final = """
import json, os, sys
from erp_invoice_core.cli import main
from tests.cli.test_read_only import READING
def read(path):
    return [main([*words, "--db", path]) for words in READING]
read(sys.argv[1])
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    assert not os.access(sys.argv[2], os.W_OK)
sys.exit(read(sys.argv[2]) != [0] * len(READING))
"""


def _names() -> list[str]:
    """Return the names of the files in the working folder."""
    return sorted(path.name for path in Path().iterdir())


@pytest.fixture
def former(erp: Erp) -> Erp:
    """The command in a folder with only a database, written by a former version."""
    restore_sqlite(VERSIONS[0], Path("erp.db"))
    return erp


def test_reading_answers_beside_a_writer(former: Erp) -> None:
    """A writer that holds every lock delays no reading verb."""
    store = SqliteStore("erp.db")
    with store.transaction():
        for words in READING:
            assert (0, "") == ((run := former(*words)).status, run.err), words
    store.close()


def test_reading_makes_nothing(former: Erp) -> None:
    """The folder has only the database afterwards, unchanged."""
    before = Path("erp.db").read_bytes()

    for words in READING:
        assert 0 == former(*words).status

    assert (["erp.db"], before) == (_names(), Path("erp.db").read_bytes())


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    made = Path(tempfile.mkdtemp(prefix="erp-read-only-"))
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


def test_reading_needs_read_permission_only(former: Erp, folder: Path) -> None:
    """A user who may only read file and folder lists, shows and verifies."""
    del former
    shutil.copy("erp.db", folder)
    (folder / "erp.db").chmod(0o444)
    folder.chmod(0o555)

    done = subprocess.run(
        [sys.executable, "-c", _READER, "erp.db", str(folder / "erp.db")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert [folder / "erp.db"] == list(folder.iterdir())


EVERY: Final = (*READING, ["send", "5003", "--as", "all"], ["work"], ["accept", "1", "--as", "all"])


def test_an_empty_database_is_said_to_be_empty(erp: Erp) -> None:
    """For a file without a byte every verb says to load first."""
    Path("erp.db").touch()

    for words in EVERY:
        run = erp(*words)
        assert (2, "--db: The database erp.db is empty. Load a file first.\n") == (
            run.status,
            run.err,
        )

    assert (["erp.db"], 0) == (_names(), Path("erp.db").stat().st_size)


def test_an_empty_database_is_filled_by_a_load(erp: Erp, project: dict[str, Any]) -> None:
    """A refused load leaves it empty; a good one fills it."""
    Path("erp.db").touch()
    bad = write_document({**project, "company": None}, "bad.json")

    assert 2 == erp("load", bad).status
    assert 0 == Path("erp.db").stat().st_size
    assert 0 == erp("load", write_document(project)).status
    assert 0 == erp("list").status


def test_no_database_is_not_made_by_reading(erp: Erp) -> None:
    """There is no database afterwards."""
    for words in EVERY:
        assert ["database.missing"] == erp(*words, "--json").codes
    assert [] == _names()


def test_a_role_that_only_reads_reads_postgres(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right to read the tables is enough."""
    monkeypatch.setenv("ERP_BEANCOUNT_PATH", "erp.beancount")
    with fresh_schema() as url:
        restore_postgres(VERSIONS[0], url)
        schema = url.rpartition("search_path%3D")[2].partition("&")[0]
        with psycopg.connect(server(), autocommit=True) as db:
            for statement in (
                "CREATE ROLE {0}",
                "GRANT USAGE ON SCHEMA {0} TO {0}",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA {0} GRANT SELECT ON TABLES TO {0}",
                "GRANT SELECT ON ALL TABLES IN SCHEMA {0} TO {0}",
            ):
                db.execute(statement.format(schema).encode())
        as_reader = url.replace("options=", f"options=-crole%3D{schema}%20", 1)
        try:
            older = erp("list", "--db", as_reader)
            assert (2, True) == (older.status, "with the right to change tables" in older.err)
            assert 0 == erp("list", "--db", url).status
            for words in READING:
                run = erp(*words, "--db", as_reader)
                assert (0, "") == (run.status, run.err), words
            assert 2 == erp("send", "5003", "--as", "all", "--db", as_reader).status
        finally:
            with psycopg.connect(server(), autocommit=True) as db:
                db.execute(f"DROP OWNED BY {schema}".encode())
                db.execute(f"DROP ROLE {schema}".encode())

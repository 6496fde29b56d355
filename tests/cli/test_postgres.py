"""The command over a PostgreSQL database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.cli import database
from erp_invoice_core.cli.commands.demo import read_project
from tests.cli.command_run import write_document
from tests.postgres import fresh_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.command_run import Erp, Run

    On = Callable[..., Run]


@pytest.fixture
def url() -> Iterator[str]:
    """The URL of a schema of the test's own."""
    with fresh_schema() as made:
        yield made


@pytest.fixture
def on(erp: Erp, url: str, monkeypatch: pytest.MonkeyPatch) -> On:
    """Return the command, always with that schema, and a ledger in the working folder."""
    monkeypatch.setenv("ERP_BEANCOUNT_PATH", "books.beancount")

    def run(*arguments: str) -> Run:
        return erp(*arguments, "--db", url, "--json")

    return run


@pytest.fixture
def loaded(on: On) -> On:
    """Return the command, the bundled project loaded."""
    assert 0 == on("load", write_document(read_project())).status
    return on


def _list_sendable(loaded: On) -> str:
    listed: list[dict[str, Any]] = loaded("list").document["entries"]
    found: str = next(
        each["id"] for each in listed if loaded("why-not", each["id"], "--as", _PM).status == 0
    )
    return found


_PM, _AP = "pm", "ap"


def test_what_is_loaded_is_there(on: On) -> None:
    """Documents are in the database: loading twice changes nothing, and no file is made."""
    given = write_document(read_project())
    first, again = on("load", given), on("load", given)

    assert (0, 0) == (first.status, again.status)
    assert len(read_project()["requisitions"]) == first.document["loaded"]["requisitions"]
    assert 0 == again.document["loaded"]["requisitions"]
    assert [given] == [path.name for path in Path().iterdir()]


def test_nothing_is_there_before_it_is_loaded(on: On) -> None:
    """A verb on an empty schema says to load first, and makes nothing in it."""
    for _ in range(2):
        run = on("list")
        assert (2, ["database.missing"]) == (run.status, run.codes)


def test_a_bad_file_leaves_nothing_behind(on: On) -> None:
    """A file with problems leaves no tables in an empty schema."""
    assert 2 == on("load", write_document({"version": 0})).status
    assert ["database.missing"] == on("list").codes


def test_another_company_is_refused(loaded: On) -> None:
    """A database is for one company, on a server too."""
    other = read_project()
    other["company"]["id"] = "another"
    run = loaded("load", write_document(other))

    assert 2 == run.status


def test_an_invoice_is_exported(loaded: On) -> None:
    """An invoice is loaded, sent, accepted and exported, and its history is whole."""
    invoice = _list_sendable(loaded)
    assert 0 == loaded("send", invoice, "--as", _PM).status
    assert 0 == loaded("accept", invoice, "--as", _AP).status
    assert 0 == loaded("work", "--until-idle").status

    shown = {each["id"]: each["status"] for each in loaded("list").document["entries"]}
    assert "synced" == shown[invoice]
    assert loaded("verify").document["ok"]
    assert Path("books.beancount").is_file()


def test_a_sent_invoice_is_locked(loaded: On) -> None:
    """A sent invoice is unchanged when another version of it is loaded."""
    invoice = _list_sendable(loaded)
    assert 0 == loaded("send", invoice, "--as", _PM).status
    changed = read_project()
    next(one for one in changed["requisitions"] if one["id"] == invoice)["status"] = "draft"
    run = loaded("load", write_document(changed))

    assert (1, [invoice]) == (run.status, list(run.results))


def test_an_absent_server_is_reported_without_the_password(
    erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that refuses is bad input, with a message that does not contain the password."""
    monkeypatch.setattr(database, "SERVER_WAIT", 0.2)
    url = "postgresql://erp:hunter2@127.0.0.1:1/erp?connect_timeout=1"
    run = erp("list", "--db", url, "--json")

    assert (2, ["database.busy"]) == (run.status, run.codes)
    assert "hunter2" not in run.out + run.err


def test_a_malformed_url_is_reported_without_the_password(erp: Erp) -> None:
    """A malformed URL of a database is bad input, and is not repeated in the message."""
    run = erp("list", "--db", "postgresql://erp:hunter2@127.0.0.1:port/erp", "--json")

    assert (2, ["database.failed"]) == (run.status, run.codes)
    assert "hunter2" not in run.out + run.err


def test_without_psycopg_the_extra_is_named(url: str) -> None:
    """If psycopg is not installed, the message says what to install; other verbs work."""
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from importlib import util; known = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'psycopg' else known(name, *more)\n"
        "from erp_invoice_core.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "list", "--db", url],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert 2 == done.returncode
    assert "pip install '.[postgres]'" in done.stdout + done.stderr

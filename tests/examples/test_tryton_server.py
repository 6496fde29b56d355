"""The Tryton that the demo starts, as far as it can be tested without one."""

from __future__ import annotations

import json
import os
import runpy
import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import SqliteStore
from examples.tryton import server as tryton
from examples.tryton.server import (
    PROCESS,
    TrytonFailed,
    TrytonMissing,
    TrytonServer,
    find_running,
    prepare,
    write_configuration,
)
from tests.worker.harness import WorkerHarness
from tools.tryton_demo import list_unfinished, report, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "key-of-the-rest-interface"


@contextmanager
def listen() -> Iterator[int]:
    """Provide a port of this machine on which a program listens."""
    with socket.create_server(("127.0.0.1", 0)) as program:
        yield int(program.getsockname()[1])


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A company that is set up, and a ``trytond`` that logs a line and ends."""
    programs = tmp_path / "environment" / "bin"
    programs.mkdir(parents=True)
    (programs / "trytond").write_text("#!/bin/sh\necho No module named account\nexit 1\n")
    (programs / "trytond").chmod(0o755)
    monkeypatch.setattr(tryton, "ENVIRONMENT", programs.parent)
    folder = tmp_path / "company"
    folder.mkdir()
    (folder / "ids.json").write_text(
        json.dumps({"key": KEY, "accountant_key": KEY, "company": 1}), encoding="utf-8"
    )
    (folder / "tryton.sqlite").touch()
    return folder


def test_the_database_has_an_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tryton runs in another folder than the demo, whose folder may be relative."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tryton").mkdir()

    written = write_configuration((tmp_path / "tryton").relative_to(tmp_path))

    assert f"path = {tmp_path / 'tryton'}\n" in written.read_text(encoding="utf-8")


def test_a_missing_installation_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text says what is missing, and how to install it."""
    monkeypatch.setattr(tryton, "ENVIRONMENT", tmp_path)

    with pytest.raises(TrytonMissing, match=f"not installed in {tmp_path}.*make tryton"):
        prepare()


def test_a_port_in_use_is_not_taken_for_tryton(company: Path, tmp_path: Path) -> None:
    """Another program on the port would answer in its place, so that nothing is started."""
    with listen() as port:
        server = TrytonServer(company, tmp_path / "server", port=port)
        with pytest.raises(TrytonFailed, match=f"Port {port} of this machine cannot be used"):
            server.start()
    assert not server.log_file.exists()


def test_a_server_that_ends_shows_its_log(company: Path, tmp_path: Path) -> None:
    """The text has the end of the log and names its file, and no process is left on record."""
    server = TrytonServer(company, tmp_path / "server")
    with pytest.raises(TrytonFailed) as failed:
        server.start()

    assert "No module named account" in str(failed.value)
    assert str(server.log_file) in str(failed.value)
    assert find_running(server.folder) is None


def test_the_key_is_in_a_file_for_its_owner(company: Path, tmp_path: Path) -> None:
    """The description names the file and does not show the key."""
    server = TrytonServer(company, tmp_path / "server")

    assert f"{KEY}\n" == server.key_file.read_text(encoding="utf-8")
    assert 0 == server.key_file.stat().st_mode & 0o077
    assert str(server.key_file) in server.describe()
    assert KEY not in server.describe()


def test_a_running_server_has_process_and_port(tmp_path: Path) -> None:
    """A number that another program has by now is not that of a server."""
    (tmp_path / PROCESS).write_text(f"{os.getpid()}\n", encoding="utf-8")
    with listen() as port:
        write_configuration(tmp_path, port=port)
        while_open = find_running(tmp_path)
    (tmp_path / "none").mkdir()

    assert (os.getpid(), None, None) == (
        while_open,
        find_running(tmp_path),
        find_running(tmp_path / "none"),
    )


def test_a_demo_does_not_replace_a_running_one(tmp_path: Path) -> None:
    """The Tryton of an earlier demo keeps its database, and the text says how to stop it."""
    folder = tmp_path / "tryton"
    folder.mkdir()
    (folder / PROCESS).write_text(f"{os.getpid()}\n", encoding="utf-8")
    with listen() as port:
        write_configuration(folder, port=port)
        with pytest.raises(TrytonFailed, match=f"kill {os.getpid()}"):
            start_server(tmp_path)
    assert (folder / PROCESS).exists()


def test_the_command_takes_a_new_folder_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder with files is not written into, as it may be that of another Tryton."""
    (tmp_path / "file").touch()
    monkeypatch.setattr(sys, "argv", ["examples.tryton", str(tmp_path)])

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("examples.tryton", run_name="__main__")

    assert 1 == ended.value.code
    assert "is not empty. Name a new one." in capsys.readouterr().err


def test_an_accepted_invoice_that_is_not_exported_is_unfinished(
    company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo names it with the log of Tryton, does not say that all are there, and fails."""
    server = TrytonServer(company, tmp_path / "server")
    with SqliteStore(tmp_path / "erp.db") as store:
        harness = WorkerHarness(store=store)
        harness.accept("5000")
        harness.worker.run_once()
        harness.accept("5001")
    status = report(tmp_path, server, [])
    shown = capsys.readouterr()

    assert ["5001"] == list_unfinished(tmp_path)
    assert 1 == status
    assert f"Not in Tryton: 5001. The log of Tryton: {server.log_file}." in shown.err
    assert "Every accepted invoice is in Tryton" not in shown.out

"""A full disk: nothing is half-stored, and work continues once the disk is free."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import SqliteStore
from erp_invoice_core.cli.commands.demo import read_project
from erp_invoice_core.stores import StoreFault
from erp_invoice_core.testing.fake_erp import ErpProcess, Row
from tests.crash.child_process import environment, run_module
from tests.crash.deployment import Deployment
from tests.time_limit import TIME_LIMIT
from tests.worker.harness import WorkerHarness

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

SENTENCE = (
    "The disk is full. Nothing was stored. Free space on it."  # prose: a message of the library
)


class SmallStore(SqliteStore):
    """A store whose file may not get more pages, or may again."""

    pages: int | None = None

    def _connection(self) -> sqlite3.Connection:
        db = super()._connection()
        db.execute(f"PRAGMA max_page_count={self.pages or 1_000_000}")
        return db


def fill(office: WorkerHarness, sent: list[str]) -> None:
    """Send one invoice after the other, until the disk is full."""
    for id_ in map(str, range(5000, 5200)):
        office.send(id_)
        sent.append(id_)


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """If the file may not grow, one send fails as a whole, with a message, and succeeds later."""
    store = SmallStore(tmp_path / "erp.db")
    office = WorkerHarness(store=store)
    store.pages = 1
    sent: list[str] = []
    with pytest.raises(StoreFault, match=f"^{SENTENCE}$"):
        fill(office, sent)
    refused = str(5000 + len(sent))
    assert sent == [entry.id for entry in office.queue.entries()]
    assert [] == office.list_actions(refused)
    office.check_audit_log()
    with pytest.raises(StoreFault, match=f"^{SENTENCE}$"):
        office.send(*map(str, range(6000, 6050)))
    assert sent == [entry.id for entry in office.queue.entries()]
    store.pages = None
    office.accept(refused)
    office.worker.run_once()
    assert "synced" == office.get_status(refused).value
    office.check_audit_log()
    store.close()


def fill_disk(folder: Path, row: Row, scenario: str, *given: float) -> dict[str, Any]:
    """Fill the disk of a separate process; return its report."""
    with ErpProcess(row) as fake:
        deployment = Deployment(store=str(folder / "erp.db"), url=fake.url, row=row)
        asked = {"deployment": attrs.asdict(deployment), "scenario": scenario, "given": given}
        return run_module("full_disk", asked, timeout=TIME_LIMIT)


def test_send_and_accept_on_a_full_disk(tmp_path: Path) -> None:
    """No file can be written: the verb fails with a message, and a crash then changes nothing."""
    found = fill_disk(tmp_path, Row.KEYED, "sending")
    assert [SENTENCE, SENTENCE] == found["said"]
    before = [["not_sent", "not_sent"], ["ready", "ready"]]
    assert before == found["then"]
    assert before == found["crashed"]
    assert [["accepted", "accepted"]] * 2 == found["end"]


@pytest.mark.parametrize(("row", "times"), [(Row.KEYED, 1), (Row.BOUNDLESS, 1), (Row.KEYED, 99)])
def test_a_worker_on_a_full_disk(row: Row, times: int, tmp_path: Path) -> None:
    """At whichever write the disk is full, the ERP is called with a stored start only."""
    found = fill_disk(tmp_path, row, "working", times)
    print(f"full disk, {row}: {found}")  # noqa: T201 - figures for the docs
    assert [] == found["problems"]
    assert {SENTENCE} == set(found["said"])
    assert found["ids"] >= 5
    assert found["ids"] == found["created"]


def test_a_worker_waits_for_space(tmp_path: Path) -> None:
    """A running worker survives a full disk and continues by itself once it is free."""
    found = fill_disk(tmp_path, Row.SETTLING, "waiting", 10.0)
    print(f"full disk, waiting: {found}")  # noqa: T201 - figures for the docs
    assert [] == found["problems"]
    assert 0 == found["people"]
    assert 6 == found["created"]
    assert found["met"] >= 3


def test_the_command_on_a_full_disk(tmp_path: Path) -> None:
    """The command says what to do, exits with 2, and has stored nothing."""
    (tmp_path / "given.json").write_text(json.dumps(read_project()), encoding="utf-8")

    def run(*words: str, limit: str = "unlimited") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "erp_invoice_core.cli", *words]
        return subprocess.run(
            ["sh", "-c", f'ulimit -f {limit} && exec "$@"', "sh", *command],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )

    assert 0 == run("load", "given.json").returncode
    refused = run("send", "5001", "--as", "pm", limit="0")
    assert 2 == refused.returncode
    assert SENTENCE in refused.stderr
    assert "5001: sent (ready" in run("send", "5001", "--as", "pm").stdout

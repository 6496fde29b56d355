"""The verbs verify, restored and moved, for a whole database."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.command_run import Erp


@pytest.fixture
def sent(loaded: Erp) -> Erp:
    """Return the command, with two invoices sent and one retrieved."""
    loaded("send", "5001", "5004", "--as", "pm")
    loaded("retrieve", "5001", "--as", "pm")
    return loaded


def tamper(statement: str) -> None:
    """Change the database without the command."""
    with closing(sqlite3.connect("erp.db")) as db, db:
        assert db.execute(statement).rowcount > 0


def test_a_whole_history(sent: Erp) -> None:
    """A history that was not changed by hand is whole."""
    run = sent("verify", "--json")
    assert ["ok", "entries", "events", "problems"] == list(run.document)
    # The invoice that was imported has an event too.
    assert (0, True, 3, 4, []) == (run.status, *run.document.values())
    assert "whole" in sent("verify").out


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE erp_events SET body = replace(CAST(body AS TEXT), '\"pm\"', '\"xx\"')",
        "DELETE FROM erp_events WHERE entry_id = '5001' AND seq = 1",
        "DELETE FROM erp_events WHERE entry_id = '5001' AND seq = 2",
        "UPDATE erp_events SET seq = 3 - seq + 10 WHERE entry_id = '5001'",
        "DELETE FROM erp_entries WHERE id = '5001'",
    ],
)
def test_a_tampered_history(sent: Erp, statement: str) -> None:
    """An event that was edited, removed or swapped is found; status 1."""
    tamper(statement)
    run = sent("verify", "--json")
    assert (1, False) == (run.status, run.document["ok"])
    assert all(
        {"path", "code", "message", "facts"} == set(each) for each in run.document["problems"]
    )
    assert "not whole" in sent("verify").out


def test_the_seal_changes_with_the_history(sent: Erp) -> None:
    """The seal is the same until a new event is recorded."""
    first, again = (sent("verify", "--seal", "--json").document["seal"] for _ in range(2))
    sent("retrieve", "5004", "--as", "pm")
    assert first == again != sent("verify", "--seal", "--json").document["seal"]
    assert "Seal: " in sent("verify", "--seal").out


def _copies(suffixes: tuple[str, ...] = ("", "-wal")) -> list[Path]:
    return [Path(f"erp.db{suffix}") for suffix in suffixes if Path(f"erp.db{suffix}").exists()]


def test_a_restored_database_books_nothing_twice(loaded: Erp) -> None:
    """After a restore of a backup ``work`` reports it, and adopts the documents in the ledger."""
    loaded("send", "5001", "--as", "pm")
    loaded("accept", "5001", "--as", "ap")
    Path("backup").mkdir()
    for file in _copies():
        shutil.copy(file, Path("backup") / file.name)
    assert "synced" == loaded("work", "--json").results["5001"]["status"]
    booked = Path("erp.beancount").read_bytes()
    for file in _copies(("", "-wal", "-shm")):
        file.unlink()
    for file in Path("backup").iterdir():
        shutil.copy(file, file.name)

    run = loaded("work", "--until-idle", "--json")

    assert (0, "synced", 1) == (
        run.status,
        run.results["5001"]["status"],
        run.document["restored"]["number"],
    )
    assert booked == Path("erp.beancount").read_bytes()
    assert "Restored " in loaded("work").out


def test_a_person_says_that_it_was_restored(loaded: Erp) -> None:
    """The reason is recorded; ``work`` shows it, and the next export is looked up first."""
    run = loaded("restored", "--reason", "Monday's dump.", "--json")
    assert (0, 1, "Monday's dump.") == (
        run.status,
        run.document["restored"]["number"],
        run.document["restored"]["why"],
    )
    assert run.document["restored"] == loaded("work", "--json").document["restored"]
    assert "restore 2" in loaded("restored").out


def test_a_restore_needs_a_reason(loaded: Erp) -> None:
    """A blank reason is bad usage, and nothing is recorded."""
    assert (2, ["usage.invalid"]) == (
        loaded("restored", "--reason", " ", "--json").status,
        loaded("restored", "--reason", " ", "--json").codes,
    )
    assert "restored" not in loaded("work", "--json").document


def test_there_must_be_a_database(erp: Erp) -> None:
    """Without a database there is nothing that could be restored."""
    assert (2, ["database.missing"]) == (erp("restored").status, erp("restored", "--json").codes)

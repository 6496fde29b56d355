"""The verb restored, and what work says after a restore."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.running import Erp


def _copies(suffixes: tuple[str, ...] = ("", "-wal")) -> list[Path]:
    return [Path(f"erp.db{suffix}") for suffix in suffixes if Path(f"erp.db{suffix}").exists()]


def test_a_restored_database_books_nothing_twice(loaded: Erp) -> None:
    """After a backup is put back, work says so, and takes up what the ledger has already."""
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
    """The verb records the reason; work shows it, and what is exported next is looked up first."""
    run = loaded("restored", "--reason", "Monday's dump.", "--json")
    assert (0, 1, "Monday's dump.") == (
        run.status,
        run.document["restored"]["number"],
        run.document["restored"]["why"],
    )
    assert run.document["restored"] == loaded("work", "--json").document["restored"]
    assert "restore 2" in loaded("restored").out


def test_a_restore_needs_words(loaded: Erp) -> None:
    """A blank reason is bad usage, and nothing is recorded."""
    assert (2, ["usage.invalid"]) == (
        loaded("restored", "--reason", " ", "--json").status,
        loaded("restored", "--reason", " ", "--json").codes,
    )
    assert "restored" not in loaded("work", "--json").document


def test_there_must_be_a_database(erp: Erp) -> None:
    """Without a database there is nothing that was restored."""
    assert (2, ["database.missing"]) == (erp("restored").status, erp("restored", "--json").codes)

"""One database has one ledger, whatever path leads to either of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import Connection, Connections, SqliteStore
from erp_invoice_core.adapters import Adapters
from erp_invoice_core.adapters.beancount import contents
from erp_invoice_core.cli.ledgers import require_ledgers
from erp_invoice_core.cli.output import BadInput
from tests.flow.samples import build_unknown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from erp_invoice_core.documents import QueueEntry
    from tests.cli.command_run import Erp


def _accept(erp: Erp, id_: str) -> None:
    assert 0 == erp("send", id_, "--as", "pm").status
    assert 0 == erp("accept", id_, "--as", "ap").status


def test_a_link_to_the_database_leads_to_the_same_ledger(loaded: Erp, tmp_path: Path) -> None:
    """Through a symbolic link in another folder the invoices are booked into the same ledger."""
    _accept(loaded, "5001")
    assert 0 == loaded("work").status
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "linked.db").symlink_to(tmp_path / "erp.db")
    os.chdir(elsewhere)
    for words in (("send", "5004", "--as", "pm"), ("accept", "5004", "--as", "ap"), ("work",)):
        assert 0 == loaded(*words, "--db", "linked.db").status
    assert [] == list(elsewhere.glob("*.beancount"))
    assert "5004" in (tmp_path / "erp.beancount").read_text(encoding="utf-8")


def test_another_ledger_is_refused(
    loaded: Erp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path that means another ledger in another folder is refused, with both paths."""
    monkeypatch.setenv("ERP_BEANCOUNT_PATH", "books.beancount")
    _accept(loaded, "5001")
    assert 0 == loaded("work").status
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    for words in (("work",), ("send", "5004", "--as", "pm")):
        run = loaded(*words, "--db", "../erp.db", "--json")
        assert (2, ["ledger.other"]) == (run.status, run.codes)
        assert all(
            str(folder / "books.beancount") in run.document["problems"][0]["message"]
            for folder in (tmp_path, elsewhere)
        )
    assert not (elsewhere / "books.beancount").exists()
    assert 0 == loaded("list", "--db", "../erp.db").status


def test_a_ledger_that_is_not_mounted_is_no_new_one(
    loaded: Erp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The folder of its mount is empty: nothing is exported until the ledger is there again.

    Verbs that only read leave no file there which would look like the lock file of a new ledger;
    even one that a person made permits nothing.
    """
    disk, books = tmp_path / "disk", tmp_path / "books"
    books.mkdir()
    monkeypatch.setenv("ERP_BEANCOUNT_PATH", "books/main.beancount")
    _accept(loaded, "5001")
    assert 0 == loaded("work").status
    _accept(loaded, "5004")
    books.rename(disk)
    books.mkdir()
    assert 1 == loaded("reconcile", "--connection", "beancount", "--as", "ap").status
    assert [] == list(books.iterdir())
    (books / "main.beancount.lock").touch()
    run = loaded("work", "--json")
    assert (2, ["ledger.missing"]) == (run.status, run.codes)
    (books / "main.beancount.lock").unlink()

    run = loaded("work", "--json")

    assert (2, ["ledger.missing"]) == (run.status, run.codes)
    assert [] == list(books.iterdir())
    assert str(books / "main.beancount") in run.document["problems"][0]["message"]
    books.rmdir()
    assert 2 == loaded("work").status
    disk.rename(books)
    assert 0 == loaded("work").status
    assert "5004" in (books / "main.beancount").read_text(encoding="utf-8")


class _InDoubt(SqliteStore):
    """A store with one invoice, of which a call was made and no answer came."""

    def entries(self, *_: object, **__: object) -> Sequence[QueueEntry]:
        return [attrs.evolve(build_unknown(), connection="books")]


def test_a_call_in_doubt_needs_its_ledger(tmp_path: Path) -> None:
    """Without the lock file the ledger is lost; with it the first export may never have written."""
    path = tmp_path / "main.beancount"
    connection = Connection("books", "beancount", {"path": str(path)})
    books = Connections(Adapters.installed(), [connection])
    with _InDoubt(tmp_path / "erp.db") as store:
        with pytest.raises(BadInput, match=r"main\.beancount is missing"):
            require_ledgers(store, books)
        path.with_name("main.beancount.lock").touch()
        require_ledgers(store, books)


def test_a_new_ledger_is_begun_on_purpose(
    loaded: Erp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an empty file in its place; a database that has exported nothing needs none."""
    _accept(loaded, "5001")
    assert 0 == loaded("work").status
    for name in ("erp.beancount", "erp.beancount.lock"):
        (tmp_path / name).unlink()
    _accept(loaded, "5004")
    assert 2 == loaded("work").status
    (tmp_path / "erp.beancount").touch()
    monkeypatch.setattr(contents, "_SHARED", {})  # as in another process
    assert 0 == loaded("work").status
    assert "5004" in (tmp_path / "erp.beancount").read_text(encoding="utf-8")


def test_a_moved_ledger_is_recorded(
    loaded: Erp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After ``moved`` the database continues with the moved ledger."""
    _accept(loaded, "5001")
    assert 0 == loaded("work").status
    (tmp_path / "books").mkdir()
    (tmp_path / "erp.beancount").rename(tmp_path / "books" / "main.beancount")
    monkeypatch.setenv("ERP_BEANCOUNT_PATH", "books/main.beancount")
    assert 2 == loaded("work").status

    run = loaded("moved", "beancount", "--json")

    assert (0, str(tmp_path / "erp.beancount"), str(tmp_path / "books" / "main.beancount")) == (
        run.status,
        run.document["moved"]["before"],
        run.document["moved"]["after"],
    )
    _accept(loaded, "5004")
    assert 0 == loaded("work").status
    assert "5004" in (tmp_path / "books" / "main.beancount").read_text(encoding="utf-8")


def test_only_a_ledger_moves(loaded: Erp, two_step: Path) -> None:
    """A connection without a ledger, or a missing one, is bad usage."""
    assert two_step.name
    assert (2, ["connection.unknown"]) == (
        loaded("moved", "nowhere").status,
        loaded("moved", "nowhere", "--json").codes,
    )
    assert loaded("moved", "nowhere").err.startswith(
        "CONNECTION: There is no connection 'nowhere'."
    )
    assert ["usage.invalid"] == loaded("moved", "two_step_fake", "--json").codes
    assert "nothing recorded" in loaded("moved", "beancount").out

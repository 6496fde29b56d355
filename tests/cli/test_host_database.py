"""The command over the database of an application that loads no records."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import Adapters, ExportQueue, SqliteStore
from erp_invoice_core.testing import SENDER, TwoStepErp, sample_case, sample_document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from erp_invoice_core import Case
    from tests.cli.command_run import Erp

NO_RECORDS = (
    "--db: The database erp.db has entries, but no loaded records, which this verb needs. Load the "
    "files again if the records were lost. An application with invoices of its own calls the "
    "library instead.\n"
)


def _facts(ids: Iterable[str]) -> dict[str, Case]:
    documents = [sample_document(invoice_id=id_, invoice_number=f"ACME-{id_}") for id_ in ids]
    return {document.invoice_id: sample_case(document) for document in documents}


def _send(company: str, *ids: str) -> None:
    with closing(SqliteStore("erp.db", company=company)) as store:
        queue = ExportQueue(store, Adapters(TwoStepErp()), _facts)
        assert all(each.verdict for each in queue.send(ids, SENDER, connection="two_step_fake"))


def _execute(*statements: str) -> None:
    with closing(sqlite3.connect("erp.db")) as db, db:
        for statement in statements:
            db.execute(statement)


def test_the_log_of_a_host_is_verified(erp: Erp) -> None:
    """Entries without any loaded record are whole until an event is edited."""
    _send("", "1", "2")
    run = erp("verify", "--json")
    assert (0, {"ok": True, "entries": 2, "events": 2, "problems": []}) == (
        run.status,
        run.document,
    )

    _execute("DELETE FROM erp_events WHERE entry_id = '1'")
    run = erp("verify", "--json")
    assert (1, ["1"]) == (run.status, [each["path"] for each in run.document["problems"]])


@pytest.mark.parametrize(
    "words",
    [["list"], ["show", "1"], ["history", "1"], ["people"], ["work"], ["restored"], ["moved", "x"]],
)
def test_another_verb_names_what_the_database_lacks(erp: Erp, words: list[str]) -> None:
    """A database with entries is not called empty, and the verb creates no table in it."""
    _send("", "1")
    run = erp(*words)
    assert (2, NO_RECORDS) == (run.status, run.err)
    with closing(sqlite3.connect("erp.db")) as db:
        tables = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'erp_records'")
        assert (0,) == tables.fetchone()


def test_a_queue_without_entries_is_empty(erp: Erp) -> None:
    """Tables without a row are an empty database, for each verb."""
    SqliteStore("erp.db").close()
    for verb in ("list", "verify"):
        assert "--db: The database erp.db is empty. Load a file first.\n" == erp(verb).err


def test_a_lost_table_of_records_is_found(loaded: Erp) -> None:
    """A loaded database without its table of records has entries whose records are lost."""
    loaded("send", "5001", "--as", "pm")
    _execute("DROP TABLE erp_records")

    assert (2, NO_RECORDS) == (loaded("list").status, loaded("list").err)
    run = loaded("verify", "--json")
    assert (1, {"document.lost"}) == (run.status, set(run.codes))
    assert "5001" in [each["path"] for each in run.document["problems"]]
    assert 0 == loaded("load", "given.json").status
    assert 0 == loaded("list").status


def test_companies_that_are_not_verified_are_named(erp: Erp) -> None:
    """The command verifies the company '', and never calls the entries of others whole."""
    _send("17", "1")
    run = erp("verify")
    assert (2, "") == (run.status, run.out)
    assert (
        "--db: The entries of this database are of named companies, which the command does not "
        "read. Call verify(store.chains()) in Python, with a store of each company.\n"
    ) == run.err

    _send("", "1")
    run = erp("verify")
    assert 0 == run.status
    assert "1 entries, 1 events: whole." in run.out
    assert "Not verified: the companies '17'." in run.out
    assert ["17"] == erp("verify", "--json").document["other_companies"]
    assert Path("erp.db").is_file()

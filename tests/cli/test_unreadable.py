"""A row that cannot be read concerns its invoice alone; all others work."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from erp_invoice_core.records import kinds
from erp_invoice_core.records.kinds import RecordKind
from erp_invoice_core.records.table import RecordTable
from erp_invoice_core.stores import SqliteStore, blobs
from erp_invoice_core.stores.cache import Recent
from tests.fixtures.databases.invoices import file
from tests.fixtures.databases.restore import VERSIONS, restore_ledger, restore_sqlite

if TYPE_CHECKING:
    from tests.cli.command_run import Erp

#: The damaged part of invoice 5005, which is accepted; the damage, and the finding of ``verify``.
ENTRY_DAMAGE: Final = {
    "body": ("UPDATE erp_entries SET body = x'7b' WHERE id = '5005'", "chain.unreadable"),
    "body with a moment out of range": (
        (
            'UPDATE erp_entries SET body = CAST(replace(body, \'"due_at":"2026-11-02T\','
            ' \'"due_at":"0001-01-01T00:00:00+14:00","x":"\') AS BLOB) WHERE id = \'5005\''
        ),
        "chain.unreadable",
    ),
    "document as sent": (
        (
            "UPDATE erp_export_documents SET document = x'7b7d'"
            " WHERE sha256 = (SELECT document_sha256 FROM erp_entries WHERE id = '5005')"
        ),
        "chain.document",
    ),
    "document as sent, lost": (
        "DELETE FROM erp_export_documents WHERE sha256 = (SELECT document_sha256 FROM erp_entries WHERE id = '5005')",
        "chain.document",
    ),
    "seq": ("UPDATE erp_entries SET seq = 9 WHERE id = '5005'", "chain.columns"),
}
#: The same for its loaded record.
RECORD_DAMAGE: Final = {
    "not JSON": ("UPDATE erp_records SET body = 'not JSON' WHERE id = '5005'", "unreadable"),
    "a list": ("UPDATE erp_records SET body = '[]' WHERE id = '5005'", "unreadable"),
    "a number": ("UPDATE erp_records SET body = 7 WHERE id = '5005'", "unreadable"),
    "no text": (
        "UPDATE erp_records SET body = CAST(x'ff7b7d' AS TEXT) WHERE id = '5005'",
        "unreadable",
    ),
    "lost": ("DELETE FROM erp_records WHERE id = '5005'", "lost"),
}
OTHERS: Final = {"5006", "5007", "5008", "5010", "5011", "5012", "5014"}


@pytest.fixture
def former(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> Erp:
    """The command with a database that has an invoice in every status, with an empty cache."""
    restore_sqlite(VERSIONS[-1], Path("erp.db"))
    with closing(SqliteStore("erp.db")) as store, store.transaction() as writing:
        RecordTable(writing).create()
    restore_ledger(VERSIONS[-1], Path("erp.beancount"))
    for name in ("_ENTRIES", "_READ"):
        monkeypatch.setattr(blobs, name, Recent(8_000_000))
    return erp


def _damage(statement: str) -> None:
    with closing(sqlite3.connect("erp.db")) as db, db:
        assert db.execute(statement).rowcount == 1


def _statuses(erp: Erp) -> dict[str, str]:
    return {each["id"]: each["status"] for each in erp("list", "--json").document["entries"]}


@pytest.mark.parametrize("name", ENTRY_DAMAGE)
def test_an_entry_that_cannot_be_read_is_set_aside(former: Erp, name: str) -> None:
    """It is listed with its id and why, denied everything, and found; the others are exported."""
    statement, code = ENTRY_DAMAGE[name]
    _damage(statement)

    (listed,) = (
        each for each in former("list", "--json").document["entries"] if each["id"] == "5005"
    )
    assert ("unknown", "person", "wait.unreadable") == (
        listed["status"],
        listed["waits"]["for"],
        listed["waits"]["code"],
    )
    assert "5005" in listed["waits"]["message"]
    assert 0 == former("list").status
    assert 0 == former("show", "5005").status
    assert 0 == former("history", "5005").status
    for words in (["why-not", "5005", "--action", "reject"], ["reject", "5005", "--reason", "x"]):
        run = former(*words, "--as", "all", "--json")
        assert (1, ["entry.unreadable"]) == (run.status, run.codes)
    both = former("send", "5005", "5003", "--as", "all", "--json")
    assert (1, [False, True]) == (both.status, [each["allowed"] for each in both.results.values()])
    former("work", "--until-idle")
    statuses = _statuses(former)
    assert {"synced"} == {statuses[id_] for id_ in OTHERS}
    assert "unknown" == statuses["5005"]
    problems = former("verify", "--json").document["problems"]
    assert [("5005", code)] == [(each["path"], each["code"]) for each in problems]


def test_loading_goes_on_beside_an_entry_that_cannot_be_read(former: Erp) -> None:
    """The same file loads; the invoice is unchanged, and its differences are reported."""
    _damage(ENTRY_DAMAGE["body"][0])
    Path("again.json").write_bytes(file())
    assert 0 == former("load", "again.json").status

    Path("changed.json").write_bytes(file().replace(b"ACME-5005", b"ACME-9995"))
    run = former("load", "changed.json", "--json")

    assert (1, ["entry.unreadable"]) == (run.status, run.codes)
    assert ["5005"] == list(run.results)


@pytest.mark.parametrize("name", RECORD_DAMAGE)
def test_an_invoice_that_cannot_be_read_is_set_aside(former: Erp, name: str) -> None:
    """It is listed with its id and a remedy; the others work; loading it again repairs it."""
    statement, code = RECORD_DAMAGE[name]
    _damage(statement)

    (listed,) = (
        each for each in former("list", "--json").document["entries"] if each["id"] == "5005"
    )
    assert (None, "wait.unreadable") == (listed["invoice_number"], listed["waits"]["code"])
    assert "Load it again." in listed["waits"]["message"]
    assert 0 == former("list").status
    assert 2 == former("show", "5005").status
    assert 2 == former("summary", "5005").status
    assert 0 == former("send", "5003", "--as", "all").status
    problems = former("verify", "--json").document["problems"]
    assert [("5005", f"document.{code}")] == [(each["path"], each["code"]) for each in problems]
    former("work", "--until-idle")
    statuses = _statuses(former)
    assert {"synced"} == {statuses[id_] for id_ in OTHERS}

    Path("again.json").write_bytes(file())
    assert 0 == former("load", "again.json").status
    assert 0 == former("verify").status
    assert 0 == former("show", "5005").status


@pytest.mark.parametrize(("kind", "identity"), [("commitment", "15003"), ("requisition", "5003")])
def test_a_verb_says_what_cannot_be_read(former: Erp, kind: str, identity: str) -> None:
    """The denial names the loaded record that cannot be read, and says to load it again."""
    _damage(f"UPDATE erp_records SET body = '?' WHERE kind = '{kind}' AND id = '{identity}'")  # noqa: S608 - the test's own

    for words in (["why-not", "5003", "5001"], ["send", "5003", "5001"]):
        run = former(*words, "--as", "all", "--json")
        assert (1, ["document.unreadable"]) == (run.status, run.codes)
        assert run.results["5001"]["allowed"]
        (denial,) = run.results["5003"]["denials"]
        assert f"{identity} cannot be read, and nothing" in denial["message"]


def test_a_person_and_a_company_that_cannot_be_read(former: Erp) -> None:
    """A person must be loaded again; a company without a readable name stops no sending."""
    _damage("UPDATE erp_records SET body = '?' WHERE id = 'pm'")
    _damage("UPDATE erp_company SET body = '?'")

    assert ["person.unreadable"] == former("send", "5001", "--as", "pm", "--json").codes
    assert 0 == former("send", "5001", "--as", "all").status
    Path("again.json").write_bytes(file())
    assert 0 == former("load", "again.json").status
    assert 0 == former("send", "5013", "--as", "pm").status


def test_an_edited_record_is_found(former: Erp) -> None:
    """A record that can be read and differs from the loaded one is a finding, too."""
    _damage("UPDATE erp_records SET body = replace(body, 'SC-', 'SX-') WHERE id = '15005'")

    problems = former("verify", "--json").document["problems"]

    assert [("15005", "document.edited")] == [(each["path"], each["code"]) for each in problems]


def test_an_event_that_cannot_be_read_is_named(former: Erp) -> None:
    """``history`` shows the others and says which one is missing."""
    _damage("UPDATE erp_events SET body = x'7b' WHERE entry_id = '5005' AND seq = 1")

    run = former("history", "5005", "--json")
    assert ([2], [1]) == (
        [each["seq"] for each in run.document["events"]],
        run.document["unreadable"],
    )
    assert "  1  This event cannot be read" in former("history", "5005").out
    former("work", "--until-idle")
    assert "synced" == _statuses(former)["5005"]


@pytest.mark.parametrize("at", ["2026-99-99", 2**62, b"\xff", ""])
def test_a_damaged_restore_stops_nothing(former: Erp, at: object) -> None:
    """The time of a restore cannot be read: ``work`` says that there was one, and continues."""
    assert 0 == former("restored", "--reason", "Monday's dump.").status
    with closing(sqlite3.connect("erp.db")) as db, db:
        db.execute("UPDATE erp_restores SET at = ?", (at,))

    run = former("work", "--json")

    assert "results" in run.document
    assert "Monday's dump." == run.document["restored"]["why"]


def test_a_damaged_reason_of_a_restore_stops_nothing(former: Erp) -> None:
    """The reason of a restore, and the name of the database, cannot be read: ``work`` continues."""
    assert 0 == former("restored", "--reason", "Monday's dump.").status
    with closing(sqlite3.connect("erp.db")) as db, db:
        db.execute("UPDATE erp_restores SET why = x'fffe'")
        db.execute("UPDATE erp_identity SET id = x'fffe'")

    assert "results" in former("work", "--json").document


@pytest.mark.parametrize("column", ["id", "body"])
def test_a_damaged_company_is_found(former: Erp, column: str) -> None:
    """Its row was edited: ``verify`` finds it."""
    _damage(f"UPDATE erp_company SET {column} = '77'")  # noqa: S608 - one of two names of ours

    found = former("verify", "--json")

    assert 1 == found.status
    assert ["document.edited"] == [each["code"] for each in found.document["problems"]]


def test_a_load_beside_a_damaged_company_has_a_sentence(former: Erp) -> None:
    """The company's row cannot be trusted: the load says so, and loads nothing."""
    _damage("UPDATE erp_company SET id = '77', body = 'not JSON'")
    Path("given.json").write_bytes(file())

    run = former("load", "given.json", "--json")

    assert (2, ["database.failed"]) == (run.status, run.codes)
    assert "restore a damaged database from a backup" in run.document["problems"][0]["message"]


@pytest.mark.parametrize("seq", [9, "x"])
def test_an_event_under_another_number_is_found(former: Erp, seq: object) -> None:
    """The number of an entry's last event was edited: ``verify`` finds it, though order is kept."""
    with closing(sqlite3.connect("erp.db")) as db, db:
        db.execute(
            "UPDATE erp_events SET seq = ? WHERE place ="
            " (SELECT max(place) FROM erp_events WHERE entry_id = '5005')",
            (seq,),
        )

    found = former("verify", "--json").document["problems"]

    assert [("5005", "chain.columns")] == [(each["path"], each["code"]) for each in found]


def test_an_edited_row_of_kept_facts_is_found(former: Erp) -> None:
    """``verify`` names the invoice; acts compute its facts; loading it again repairs the row."""
    Path("again.json").write_bytes(file())
    assert 0 == former("load", "again.json").status
    _damage("UPDATE erp_facts SET body = replace(body, 'Acme', 'Acne') WHERE id = '5003'")

    run = former("verify", "--json")

    problems = run.document["problems"]
    assert [("5003", "document.edited")] == [(each["path"], each["code"]) for each in problems]
    assert "Load the invoice again." in problems[0]["message"]
    assert 0 == former("send", "5003", "--as", "all").status
    assert 0 == former("load", "again.json").status
    assert 0 == former("verify").status


def test_acts_read_no_line_of_a_loaded_invoice(
    former: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The facts were kept by the load, and the document as sent is compared by its digest."""
    Path("again.json").write_bytes(file())
    assert 0 == former("load", "again.json").status

    for kind in (RecordKind.REQUISITION, RecordKind.COMMITMENT):
        monkeypatch.setitem(kinds._READERS, kind, pytest.fail)
    monkeypatch.setattr(kinds, "_VALUES", Recent(8_000_000))
    monkeypatch.setattr(blobs, "_read_lines", pytest.fail)

    assert 0 == former("why-not", "5001", "--as", "all").status
    assert 0 == former("send", "5001", "--as", "all").status
    assert 0 == former("accept", "5001", "--as", "all").status

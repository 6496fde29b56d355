"""Facts that were kept when an invoice was loaded are used as long as they are true."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.documents import has_unread_lines
from erp_invoice_core.records import kept_facts, own_facts
from erp_invoice_core.records.facts import build_cases
from erp_invoice_core.records.gather import gather
from erp_invoice_core.records.kept_facts import find_damaged_facts, keep_facts, read_kept_facts
from erp_invoice_core.records.kinds import RecordKind
from erp_invoice_core.stores import blobs, unreadable_rows
from erp_invoice_core.stores.cache import Recent
from tests.records.test_growth import count_steps, lines, read
from tests.records.test_table import EXAMPLE, build_reading, sequence, table

if TYPE_CHECKING:
    from erp_invoice_core.records.table import RecordTable
    from erp_invoice_core.rules import Case

__all__ = ["read", "table"]


def load(table: RecordTable, document: dict[str, Any]) -> None:
    """Store the records of a document, and keep the facts of its invoices."""
    reading = build_reading(document)
    table.put_all(reading)
    keep_facts(table, {each.id: each.value for each in reading.requisitions}, "1", {})


def list_kept(table: RecordTable) -> list[str]:
    """Return the ids of the invoices whose rows can be used."""
    found = gather(table.rows, list(table.read_digests(RecordKind.REQUISITION)))
    return sorted(read_kept_facts(table.rows, found.kept, "1"))


def compute(table: RecordTable, *ids: str) -> dict[str, Case]:
    """Return the cases of invoices from the text of their records."""
    return build_cases(table.db, ids, has_kept=False)


def test_kept_facts_are_those_of_the_records(table: RecordTable) -> None:
    """Each case is the same as if it were computed, and its lines are not read."""
    load(table, sequence(3))
    ids = ["5000", "5001", "5002", "404"]

    cases = build_cases(table.db, ids)

    documents = [case.document for case in cases.values()]
    assert [True] * 3 == [has_unread_lines(each) for each in documents if each]
    assert compute(table, *ids) == cases
    assert ["1", "2"] == list(cases["5002"].earlier_unsynced)


def test_no_record_is_read_for_kept_facts(table: RecordTable, read: list[str]) -> None:
    """Their texts are compared by their digests."""
    load(table, sequence(3))
    read.clear()

    assert 3 == len(build_cases(table.db, ["5000", "5001", "5002"]))
    assert [] == read


@pytest.mark.parametrize("table", ["sqlite"], indirect=True)
def test_kept_facts_cost_the_database_the_same_for_many_lines(table: RecordTable) -> None:
    """The steps and the queries depend neither on the lines nor on the number of invoices."""
    steps, queries = [], []
    assert isinstance(table.db, sqlite3.Connection)
    for count in (1, 500):
        load(table, lines(count))
        steps.append(count_steps(table, "5002"))
        statements: list[str] = []
        table.db.set_trace_callback(statements.append)
        build_cases(table.db, ["5000", "5001", "5002"][: count + 1])
        table.db.set_trace_callback(None)
        queries.append(len(statements))
    assert steps[0] == steps[1]
    assert [2, 2] == queries


@pytest.mark.parametrize(
    ("kind", "identity"),
    [
        ("requisition", "5001"),
        ("requisition", "5000"),
        ("commitment", "100"),
        ("vendor", "7"),
        ("project", "10"),
    ],
)
def test_facts_of_an_edited_record_are_computed(
    table: RecordTable, kind: str, identity: str
) -> None:
    """Its text differs from that which was loaded, whatever its row says of its digest."""
    load(table, sequence(2))
    assert ["5000", "5001"] == list_kept(table)

    edit = "UPDATE erp_records SET body = replace(body, '}', ' }') WHERE kind = ? AND id = ?"
    assert 1 == table.rows.count(edit, kind, identity)

    assert "5001" not in list_kept(table)
    assert ["5001"] == list(build_cases(table.db, ["5001"]))


def test_facts_of_a_changed_record_are_kept_again(table: RecordTable) -> None:
    """A load of a changed commitment also keeps the facts of its unchanged invoices."""
    load(table, EXAMPLE)
    changed = copy.deepcopy(EXAMPLE)
    changed["commitments"][0]["origin_id"] = None

    table.put_all(build_reading(changed))
    assert [] == list_kept(table)
    assert not build_cases(table.db, ["5000"])["5000"].commitment_synced

    load(table, changed)
    assert ["5000"] == list_kept(table)
    assert not build_cases(table.db, ["5000"])["5000"].commitment_synced


def test_a_previous_invoice_that_is_loaded_later_changes_the_facts(table: RecordTable) -> None:
    """The row names the previous invoice also if it was not there."""
    document = sequence(2)
    load(table, document)
    table.rows.count("DELETE FROM erp_records WHERE id = '5000'")
    assert [] == list_kept(table)
    alone = {"5001": table.get(RecordKind.REQUISITION, "5001")}
    keep_facts(table, alone, "1", {})
    assert ["5001"] == list_kept(table)

    table.put_all(build_reading(document))

    assert ["5000"] == list_kept(table)
    assert compute(table, "5001") == build_cases(table.db, ["5001"])


def test_the_previous_invoice_is_one_of_the_same_commitment(table: RecordTable) -> None:
    """A reference to another commitment's invoice is no base of the certificates."""
    load(table, sequence(2))
    table.rows.count(
        'UPDATE erp_records SET body = replace(body, \'"commitment_id":"100"\','
        " '\"commitment_id\":\"9\"') WHERE id = '5000'"
    )

    assert () == build_cases(table.db, ["5001"])["5001"].link_differences


def test_an_invoice_with_an_unreadable_record_has_no_facts(table: RecordTable) -> None:
    """Kept facts do not stand in for a record that cannot be read."""
    load(table, EXAMPLE)
    table.rows.count("UPDATE erp_records SET body = '{' WHERE kind = 'vendor'")

    assert {} == build_cases(table.db, ["5000"])


_DAMAGES = {
    "the facts": "UPDATE erp_facts SET body = replace(body, 'true', 'false')",
    "the sources": "UPDATE erp_facts SET sources = replace(sources, '100', '101')",
    "a list of no sources": "UPDATE erp_facts SET sources = '[]'",
    "no list of sources": "UPDATE erp_facts SET sources = '{}'",
    "the digest": "UPDATE erp_facts SET digest = ''",
    "the document": "UPDATE erp_facts SET document = replace(document, 'Acme', 'Acne')",
    "no document": "UPDATE erp_facts SET document = NULL",
}


@pytest.mark.parametrize("damage", _DAMAGES)
def test_a_damaged_row_is_not_used(
    table: RecordTable,
    damage: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is logged and found, the facts are computed, and the next load repairs it."""
    monkeypatch.setattr(unreadable_rows, "_LOGGED", set())
    load(table, EXAMPLE)
    assert [] == list(find_damaged_facts(table.rows))
    assert 1 == table.rows.count(_DAMAGES[damage])
    monkeypatch.setattr(blobs, "_READ", Recent(8_000_000))

    with caplog.at_level(logging.ERROR):
        cases = build_cases(table.db, ["5000"])

    assert compute(table, "5000") == cases
    assert "The facts are computed again." in caplog.text
    assert ["5000"] == list(find_damaged_facts(table.rows))
    load(table, EXAMPLE)
    assert ([], ["5000"]) == (list(find_damaged_facts(table.rows)), list_kept(table))


@pytest.mark.parametrize("table", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", ["sources", "body", "document"])
def test_a_column_that_is_no_text_is_damage(
    table: RecordTable, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite takes any value for a text."""
    load(table, EXAMPLE)
    table.rows.count(f"UPDATE erp_facts SET {column} = x'ff'")  # noqa: S608 - one of our columns
    monkeypatch.setattr(blobs, "_READ", Recent(8_000_000))

    assert compute(table, "5000") == build_cases(table.db, ["5000"])
    assert ["5000"] == list(find_damaged_facts(table.rows))


@pytest.mark.parametrize("company", ["1", "2"])
def test_facts_of_another_format_are_computed(
    table: RecordTable, company: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later version may compute other facts from the same records; that is no damage."""
    load(table, EXAMPLE)
    if company == "1":
        monkeypatch.setattr(kept_facts, "FORMAT", 0)

    kept = gather(table.rows, ["5000"]).kept
    assert {} == read_kept_facts(table.rows, kept, company)
    assert [] == list(find_damaged_facts(table.rows))
    load(table, EXAMPLE)
    assert ["5000"] == list_kept(table)


def test_sound_rows_are_not_computed_again(
    table: RecordTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load of the same file finds them by their sources."""
    load(table, EXAMPLE)
    monkeypatch.setattr(own_facts, "build_own_facts", pytest.fail)

    load(table, EXAMPLE)

    assert ["5000"] == list_kept(table)


def test_a_record_that_cannot_be_read_keeps_no_facts(table: RecordTable) -> None:
    """Such an invoice is loaded before its commitment is repaired."""
    reading = build_reading(EXAMPLE)
    table.put_all(reading)
    table.rows.count("UPDATE erp_records SET body = '{' WHERE kind = 'commitment'")

    keep_facts(table, {"5000": reading.requisitions[0].value}, "1", {})

    assert [] == list_kept(table)


def test_facts_that_no_database_stores_are_not_kept(
    table: RecordTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their former row is removed, as it is no longer true."""
    load(table, EXAMPLE)
    changed = copy.deepcopy(EXAMPLE)
    changed["requisitions"][0]["invoice_number"] = "ACME-78"
    monkeypatch.setattr(blobs, "compute_sha256", lambda _data: "\ud800")
    monkeypatch.setattr(own_facts, "encode_json", lambda _plain: "\ud800")

    load(table, changed)

    assert [] == table.rows.query("SELECT id FROM erp_facts")


def test_a_shown_figure_has_the_digits_of_the_stored_text(table: RecordTable) -> None:
    """A rate of 8.250 percent in a file is stored as 8.25."""
    document = copy.deepcopy(EXAMPLE)
    document["requisitions"][0]["items"][0]["taxes"] = [{"tax_code_rate": "8.250"}]

    load(table, document)

    assert ["5000"] == list_kept(table)
    case = build_cases(table.db, ["5000"])["5000"]
    assert ("#1 8.25 %",) == case.taxes == compute(table, "5000")["5000"].taxes


def test_the_format_counts_the_changes_of_the_computation(table: RecordTable) -> None:
    """
    The texts are those of the format.

    If this fails because the same records give other facts, increase ``kept_facts.FORMAT`` by one,
    and write the new digest here.
    """
    load(table, sequence(2))

    rows = table.rows.query("SELECT body, document FROM erp_facts ORDER BY id")

    text = json.dumps([list(row) for row in rows]).encode()
    assert (3, "ea28924ba7facfe3") == (kept_facts.FORMAT, hashlib.sha256(text).hexdigest()[:16])

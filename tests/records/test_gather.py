"""The rows that facts need are gathered with one statement, and used if they are the right ones."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.records import gather as module
from erp_invoice_core.records.facts import build_cases
from erp_invoice_core.records.gather import gather
from erp_invoice_core.records.siblings import Siblings
from tests.records.test_growth import _copy_invoice
from tests.records.test_kept_facts import load
from tests.records.test_table import build_reading, mark_synced, sequence, table

if TYPE_CHECKING:
    from erp_invoice_core.records.table import RecordTable

__all__ = ["table"]


def test_only_siblings_that_matter_are_gathered(table: RecordTable) -> None:
    """They are the last one, and those before the asked invoice that are not synced."""
    load(table, sequence(6))
    mark_synced(table, "5000", "5002")

    found = gather(table.rows, ["5003"])

    assert "1" == found.company_id
    assert ["5003"] == [row[0] for row in found.kept]
    assert {"5003": ("100", 4, "7", "acme3")} == found.columns
    siblings = found.siblings["100"]
    assert ["5001", "5005"] == [each.id for each in siblings.invoices]
    assert frozenset({"5001"}) == siblings.unsynced
    assert ["5003"] == [use.invoice_id for use in found.numbers["7", "acme3"]]


def test_nothing_is_gathered_from_an_empty_database(table: RecordTable) -> None:
    """There is no company either."""
    found = gather(table.rows, ["5000"])

    assert (None, [], {}, {}, {}) == (
        found.company_id,
        found.kept,
        found.columns,
        found.siblings,
        found.numbers,
    )
    assert {} == build_cases(table.db, ["5000"])


@pytest.mark.parametrize(
    "edit",
    [
        "commitment_id = '9'",
        "number = 77",
        "vendor_id = '8'",
        "similarity_key = 'X'",
        "vendor_id = NULL",
    ],
)
def test_an_edited_column_of_the_invoice_is_not_trusted(table: RecordTable, edit: str) -> None:
    """The other invoices are then searched by the values of its facts."""
    document = sequence(3)
    document["requisitions"][1]["invoice_number"] = "acme 2"
    load(table, document)
    sound = build_cases(table.db, ["5002"])["5002"]
    assert ("1", "2") == sound.earlier_unsynced
    assert ["5001"] == [use.invoice_id for use in sound.similar_numbers]

    assert 1 == table.rows.count(f"UPDATE erp_records SET {edit} WHERE id = '5002'")  # noqa: S608 - one of the edits above

    found = build_cases(table.db, ["5002"])["5002"]
    assert ("1", "2") == found.earlier_unsynced
    assert ["5001"] == [use.invoice_id for use in found.similar_numbers]
    assert found.is_latest


def test_a_sibling_of_the_same_number_is_as_late(table: RecordTable) -> None:
    """Then neither of the two is the latest one."""
    load(table, sequence(2))
    table.rows.count("UPDATE erp_records SET number = 2 WHERE id = '5000'")

    assert [False] == [each.is_latest for each in build_cases(table.db, ["5001"]).values()]


def test_a_planner_without_statistics_uses_the_indexes(table: RecordTable) -> None:
    """No part of the statement reads all invoices."""
    table.put_all(build_reading(sequence(3)))
    _copy_invoice(table, 5_000)
    explain = "EXPLAIN QUERY PLAN " if isinstance(table.db, sqlite3.Connection) else "EXPLAIN "
    rows = table.rows.query(explain + module._GATHER, ["5002"], ["5002"])
    plan = "\n".join(str(row[-1]) for row in rows)
    assert "erp_records_of_commitment" in plan
    assert "erp_records_of_vendor" in plan
    assert "SCAN erp_records" not in plan
    assert "SCAN other" not in plan
    assert "Seq Scan on erp_records" not in plan


def test_an_id_that_is_escaped_in_the_queue_is_found_as_synced(table: RecordTable) -> None:
    """The statement compares unescaped ids."""
    document = sequence(2)
    document["requisitions"][0]["id"] = "a\\b"
    document["requisitions"][1]["previous_requisition_id"] = "a\\b"
    load(table, document)
    mark_synced(table, "a\\b")

    found = gather(table.rows, ["5001"]).siblings["100"]

    assert isinstance(found, Siblings)
    assert frozenset() == found.unsynced

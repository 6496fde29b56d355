"""Rows of the loaded records that a person edited or removed are found, refused and mended."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.records.facts import build_cases
from erp_invoice_core.records.kept_facts import keep_facts
from erp_invoice_core.records.kinds import RecordKind
from erp_invoice_core.stores import StoreFault
from tests.records.test_table import build_reading, sequence, table

if TYPE_CHECKING:
    from erp_invoice_core.records.table import RecordTable

__all__ = ["table"]

#: An edit of each column that summarizes an invoice.
_EDITS = (
    "commitment_id = '999'",
    "number = 9",
    "invoice_number = 'zzz'",
    "similarity_key = 'x'",
    "commitment_number = 'zzz'",
    "vendor_id = '99'",
)


def load(table: RecordTable, document: dict[str, Any]) -> list[str]:
    """Store all records of a document with the facts of its invoices; return changed invoices."""
    reading = build_reading(document)
    changed = list(table.put_all(reading)[RecordKind.REQUISITION])
    assert reading.company is not None
    invoices = {each.id: each.value for each in reading.requisitions}
    keep_facts(table, invoices, reading.company.id, {})
    return changed


def list_damage(table: RecordTable) -> list[tuple[str, str]]:
    """Return code and id of each finding."""
    return [(each.code, each.entry_id) for each in table.find_damage()]


@pytest.mark.parametrize("edit", _EDITS)
def test_an_edited_column_is_found_and_mended(table: RecordTable, edit: str) -> None:
    """A column that contradicts its record is damage, until the same file is loaded again."""
    document = sequence(2)
    reading = build_reading(document)
    load(table, document)
    assert [] == list_damage(table)

    table.rows.count(f"UPDATE erp_records SET {edit} WHERE id = '5000'")  # noqa: S608 - a constant
    assert [("document.edited", "5000")] == list_damage(table)

    equal = table.find_equal(RecordKind.REQUISITION, reading.requisitions)
    is_own = not edit.startswith(("commitment_number", "vendor_id"))
    assert ({"5001"} if is_own else {"5000", "5001"}) == equal
    load(table, document)
    assert [] == list_damage(table)
    assert [] == load(table, document)


def test_a_removed_company_refuses_every_question(table: RecordTable) -> None:
    """Without its row no invoice has facts, and no other company takes the records over."""
    document = sequence(1)
    load(table, document)
    table.rows.count("DELETE FROM erp_company")

    with pytest.raises(StoreFault, match="Load a file with this company again"):
        build_cases(table.db, ["5000"])
    assert {} == build_cases(table.db, ["unknown"])
    assert [("document.lost", "1")] == list_damage(table)
    other = copy.deepcopy(document)
    other["company"]["id"] = "2"
    with pytest.raises(StoreFault, match="that of company '1'"):
        load(table, other)

    load(table, document)
    assert ["5000"] == list(build_cases(table.db, ["5000"]))
    assert [] == list_damage(table)


def test_an_edited_company_refuses_every_question(table: RecordTable) -> None:
    """An id that contradicts the record of the company is not used, and its file mends it."""
    document = sequence(1)
    load(table, document)
    table.rows.count("UPDATE erp_company SET id = '77'")

    with pytest.raises(StoreFault, match="its id was edited"):
        build_cases(table.db, ["5000"])
    other = copy.deepcopy(document)
    other["company"]["id"] = "77"
    with pytest.raises(StoreFault, match="that of company '1'"):
        load(table, other)

    load(table, document)
    assert ["5000"] == list(build_cases(table.db, ["5000"]))


@pytest.mark.parametrize("body", ["[]", "nonsense", '{"name": "no id"}'])
def test_a_company_without_a_readable_record_stops_nothing(table: RecordTable, body: str) -> None:
    """Its id is in a column of its own, and contradicts nothing."""
    load(table, sequence(1))
    table.rows.count("UPDATE erp_company SET body = ?", body)

    assert ["5000"] == list(build_cases(table.db, ["5000"]))


def test_without_kept_facts_either_id_of_an_edited_company_may_be_right(
    table: RecordTable,
) -> None:
    """Kept facts that are gone or damaged decide nothing."""
    document = sequence(1)
    for kept in ("DELETE FROM erp_facts", "UPDATE erp_facts SET sources = '[1]'"):
        load(table, document)
        table.rows.count("UPDATE erp_company SET id = '77'")
        table.rows.count(kept)
        assert {"1", "77"} == table._find_company_ids()
        load(table, document)
        assert {"1"} == table._find_company_ids()

"""Facts cost the same however many invoices are loaded, with few steps for each sibling."""

from __future__ import annotations

import copy
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.records import kinds, numbers, siblings
from erp_invoice_core.records.facts import build_cases
from erp_invoice_core.stores.cache import Recent
from tests.records.test_table import build_reading, mark_synced, sequence, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.records.table import RecordTable

__all__ = ["table"]

#: Copies the invoice 5000 to that number of other commitments.
_COPY = """
    INSERT INTO erp_records (kind, id, digest, commitment_id, number, invoice_number,
            similarity_key, commitment_number, vendor_id, body)
        SELECT kind, 'copy ' || place, digest, 'other ' || place, number, 'X ' || place,
            'X ' || place, commitment_number, vendor_id, body
        FROM erp_records, {series} AS series WHERE kind = 'requisition' AND id = '5000'
"""
_SERIES = """
    (WITH RECURSIVE series (place) AS (
        SELECT 1 UNION ALL SELECT place + 1 FROM series WHERE place < {count}
    ) SELECT place FROM series)
"""


def _copy_invoice(table: RecordTable, count: int) -> None:
    table.rows.count(_COPY.format(series=_SERIES.format(count=count)))


def lines(count: int) -> dict[str, Any]:
    """Return three invoices in sequence, each with that number of lines."""
    document = sequence(3)
    commitment, (first, *_) = document["commitments"][0], document["requisitions"]
    line, item = commitment["line_items"][0], first["items"][0]
    commitment["line_items"] = [
        {**line, "id": f"{place}", "amount": "50000.00"} for place in range(count)
    ]
    for invoice in document["requisitions"]:
        invoice["items"] = [
            {**copy.deepcopy(item), "id": f"{place}", "line_item_id": f"{place}"}
            for place in range(count)
        ]
    return document


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the kinds of the records whose text is read from now on, with an empty cache."""
    found: list[str] = []

    def note(kind: kinds.RecordKind, reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def read_noted(plain: Any) -> Any:  # noqa: ANN401 - as the reader
            found.append(kind.value)
            return reader(plain)

        return read_noted

    readers = {kind: note(kind, reader) for kind, reader in kinds._READERS.items()}
    monkeypatch.setattr(kinds, "_READERS", readers)
    monkeypatch.setattr(kinds, "_VALUES", Recent(8_000_000))
    return found


def count_steps(table: RecordTable, id_: str) -> int:
    """Return the steps of SQLite's virtual machine for the facts of an invoice."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    assert isinstance(table.db, sqlite3.Connection)
    build_cases(table.db, [id_])
    table.db.set_progress_handler(step, 1)
    assert [id_] == list(build_cases(table.db, [id_]))
    table.db.set_progress_handler(None, 1)
    return count


def test_a_planner_without_statistics_uses_the_indexes(table: RecordTable) -> None:
    """The siblings and the numbers are found by their index among many invoices."""
    table.put_all(build_reading(sequence(3)))
    _copy_invoice(table, 5_000)
    is_sqlite = isinstance(table.db, sqlite3.Connection)
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    for statement, values, index in (
        (siblings._FIND, (["100"], 2), "erp_records_of_commitment"),
        (numbers._FIND, (["7"], ["ACME0"]), "erp_records_of_vendor"),
    ):
        plan = "\n".join(str(row[-1]) for row in table.rows.query(explain + statement, *values))
        assert index in plan
        assert "SCAN erp_records" not in plan
        assert "Seq Scan on erp_records" not in plan


@pytest.mark.parametrize("table", ["sqlite"], indirect=True)
def test_facts_cost_the_same_among_many_invoices(table: RecordTable) -> None:
    """No step of the database is added from 100 to 10,000 invoices."""
    table.put_all(build_reading(sequence(3)))
    steps = []
    for count in (100, 10_000):
        table.rows.count("DELETE FROM erp_records WHERE id LIKE 'copy %'")
        _copy_invoice(table, count)
        steps.append(count_steps(table, "5002"))
    assert steps[0] == steps[1]


@pytest.mark.parametrize("table", ["sqlite"], indirect=True)
def test_facts_read_no_sibling_but_the_previous_one(
    table: RecordTable, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 3 to 60 siblings, the same records are read, and a sibling costs few steps."""
    steps, kinds_read = [], []
    for count in (3, 60):
        table.put_all(build_reading(sequence(count)))
        mark_synced(table, *(str(4999 + place) for place in range(1, count)))
        last = str(4999 + count)
        read.clear()
        kinds._VALUES = Recent(8_000_000)
        build_cases(table.db, [last])
        kinds_read.append(sorted(read))
        steps.append(count_steps(table, last))
        table.rows.count("DELETE FROM erp_entries")
    assert kinds_read[0] == kinds_read[1]
    assert ["commitment", "project", "requisition", "requisition", "vendor"] == kinds_read[0]
    assert steps[1] - steps[0] <= 12 * 57


@pytest.mark.parametrize("table", ["sqlite"], indirect=True)
def test_facts_cost_the_database_the_same_for_many_lines(table: RecordTable) -> None:
    """The steps do not depend on the lines of the invoice and of its commitment."""
    steps = []
    for count in (1, 500):
        table.put_all(build_reading(lines(count)))
        steps.append(count_steps(table, "5002"))
    assert steps[0] == steps[1]

"""Tables are written as CSV, in which no text of a vendor is a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core.cli.csv_table import write_csv


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (None, ""),
        (3, "3"),
        ("-25.00", "-25.00"),
        ("Acme Steel", "Acme Steel"),
        ('Acme, "Steel"', '"Acme, ""Steel"""'),
        ("=1+1", "'=1+1"),
        (" @SUM(A1)", "' @SUM(A1)"),
        ("+1-2", "'+1-2"),
        ("-1.5.2", "'-1.5.2"),
        ("\t=1", "'\\t=1"),
        ("a\nb", "a\\nb"),
        ("\x1b[31m", "\\x1b[31m"),
    ],
)
def test_cells(cell: object, written: str) -> None:
    """Amounts keep their sign; a text that begins like a formula is marked as text."""
    assert f"{written}\r\n" == write_csv([[cell]]) or f'"{written}"\r\n' == write_csv([[cell]])


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1))
def test_no_text_is_a_formula(rows: list[list[str]]) -> None:
    """A reader of CSV gets as many cells, and only numbers begin with a sign."""
    read = list(csv.reader(io.StringIO(write_csv(rows), newline="")))

    assert [2] * len(rows) == [len(row) for row in read]
    for cell in (cell for row in read for cell in row):
        assert not cell.startswith(("=", "+", "@", "\t", "\r"))
        assert not cell.startswith("-") or cell[1:].replace(".", "", 1).isdigit()

"""A mapping file is read whole, or every wrong row is named with its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.adapters import (
    InvalidSettings,
    MappingKind,
    MappingTable,
    Problem,
    read_mappings,
)
from erp_invoice_core.adapters import mappings as module
from erp_invoice_core.adapters.mappings import parse_mappings

if TYPE_CHECKING:
    from pathlib import Path

TAX = MappingKind.TAX_CODE
HEADER = "kind,code,erp_id\n"


def _refuse(text: str) -> list[tuple[str, str]]:
    """Return path and sentence of each problem."""
    with pytest.raises(InvalidSettings) as refused:
        parse_mappings(text, "connections.books.mappings")
    return [
        (problem.path.removeprefix("connections.books.mappings"), problem.message)
        for problem in refused.value.problems
    ]


def test_a_file_is_a_table(tmp_path: Path) -> None:
    """Spaces around a cell, empty rows and a byte order mark say nothing."""
    file = tmp_path / "map.csv"
    file.write_bytes(b"\xef\xbb\xbfkind,code,erp_id\r\ntax_code, GST + PST ,GP\r\n,,\r\n\r\n")

    table = read_mappings(file)

    assert {"GST + PST": "GP"} == table(TAX, ("GST + PST", "HST"))
    assert {} == table(TAX, ("HST",))
    assert table(MappingKind.VENDOR, ("7",)) is None


def test_a_quoted_cell_may_have_a_comma() -> None:
    """As programs write it; the header may be in capital letters."""
    table = parse_mappings('Kind,Code,ERP_ID\ntax_code,"GST, 5 %",G5')
    assert {"GST, 5 %": "G5"} == table(TAX, ("GST, 5 %",))


_NO_HEADER = (
    "The mapping file map.csv does not begin with the header kind,code,erp_id. Write it in the"
    " first row."
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The mapping file map.csv is empty. Write its header kind,code,erp_id and its rows."),
        (
            " \n,,\n",
            "The mapping file map.csv is empty. Write its header kind,code,erp_id and its rows.",
        ),
        (
            HEADER + "\n,,\n",
            "The mapping file map.csv has a header and no rows. Write them, or name no file.",
        ),
        ("tax_code,GST,G5\n", _NO_HEADER),
        ("code,kind,erp_id\nGST,tax_code,G5\n", _NO_HEADER),
        (
            "kind;code;erp_id\ntax_code;GST;G5\n",
            "The mapping file map.csv separates its cells by semicolons. Separate them by commas.",
        ),
        (
            "kind\tcode\terp_id\ntax_code\tGST\tG5\n",
            "The mapping file map.csv separates its cells by tabs. Separate them by commas.",
        ),
    ],
)
def test_a_truncated_file_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """Otherwise its kinds count as not mapped, and the ids of the source are booked."""
    file = tmp_path / "map.csv"
    file.write_text(text)
    assert sentence == _read(file)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("tax_code,GST", [(", row 2", "The row has 2 cells. Write three: kind, code and erp_id.")]),
        ("tax_code,,G5", [(", row 2", "The code is blank. Write one, or remove the row.")]),
        ("tax_code,GST, ", [(", row 2", "The erp_id is blank. Write one, or remove the row.")]),
        (
            "tax_code,GST," + "G" * 256,
            [(", row 2", "A text is longer than 255 characters. Shorten it.")],
        ),
        (
            "tax_code,GST,G5\n\ntax_code,GST,G6\ntax_code,HST",
            [
                (", row 4", "The tax_code 'GST' is in row 2 already. Write it once."),
                (", row 5", "The row has 2 cells. Write three: kind, code and erp_id."),
            ],
        ),
        (
            'tax_code,"GST',
            [("", "The mapping file is not CSV: unexpected end of data. Correct it.")],
        ),
    ],
)
def test_a_wrong_row_is_named(rows: str, expected: list[tuple[str, str]]) -> None:
    """With its number in the file, and what to do."""
    assert expected == _refuse(HEADER + rows)


@pytest.mark.parametrize(
    "row", ["GST,G\x1b5", "GST,G\x005", '"G\nST",G5', '"GST\n",G5', "GST,G5\x1c"]
)
def test_control_characters_are_refused(row: str) -> None:
    """They are in no id, and an ERP may read them as something else."""
    ((path, sentence),) = _refuse(f"{HEADER}tax_code,{row}")
    assert path in {", row 2", ", row 3"}
    assert "A text has control characters, as a line break. Write it without them." == sentence


def test_empty_rows_and_lines_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is one of rows."""
    monkeypatch.setattr(module, "_MOST_ROWS", 2)
    table = parse_mappings(f"{HEADER}\n\n\ntax_code,GST,G5\n\ntax_code,HST,H\n")
    assert 2 == len(table.rows)


def test_an_unknown_kind_names_the_kinds() -> None:
    """The words that it could be are listed."""
    ((path, sentence),) = _refuse(HEADER + "tax,GST,G5")
    assert ", row 2" == path
    assert sentence.startswith("'tax' is no kind. Write one of: ")
    assert "tax_code" in sentence


def test_no_file_lists_more_than_a_hundred_problems() -> None:
    """Another kind of file has as many as it has lines."""
    assert 101 == len(_refuse(HEADER + "x\n" * 500))


def test_a_file_has_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of its rows, and of its size."""
    monkeypatch.setattr(module, "_MOST_ROWS", 3)
    rows = HEADER + "".join(f"tax_code,T{place},{place}\n" for place in range(4))
    assert [("", "The mapping file has more than 3 rows. Leave out what is not used.")] == _refuse(
        rows
    )
    monkeypatch.setattr(module, "_LARGEST", 10)
    file = tmp_path / "map.csv"
    file.write_text(rows)
    assert "The mapping file map.csv is larger than 16 MiB." == _read(file)


def _read(file: Path) -> str:
    """Return the sentence of the only problem of a file."""
    with pytest.raises(InvalidSettings) as refused:
        read_mappings(file)
    problem: Problem
    (problem,) = refused.value.problems
    return problem.message


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """It is not there, or is no text in UTF-8."""
    file = tmp_path / "map.csv"
    missing = (
        "The mapping file map.csv cannot be read: No such file or directory. Name another one."
    )
    assert missing == _read(file)
    file.write_bytes(b"tax_code,G\xfc,1")
    assert "The mapping file map.csv is not UTF-8. Save it as CSV in UTF-8." == _read(file)


def test_a_table_maps_a_code_once() -> None:
    """Which one counts is not for the library to say."""
    rows = [(TAX, "GST", "G5"), (TAX, "GST", "G6")]
    with pytest.raises(ValueError, match=r"The tax_code 'GST' is mapped twice. Map it once."):
        MappingTable(rows)

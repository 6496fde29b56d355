"""The rows of a declaration that a check tried."""

from __future__ import annotations

from erp_invoice_core.testing.contract.tried_rows import TriedRows
from erp_invoice_core.testing.contract.words import Word

BILL, POST = Word("terms.bill.replay", "none"), Word("terms.post.replay", "none")
ZERO = Word("zero", "exported")


def test_check_that_names_no_row_leaves_no_word() -> None:
    """It is about every word that it proves."""
    assert {} == TriedRows().list_left([BILL, POST, ZERO])


def test_check_that_names_a_row_leaves_the_others_of_its_part() -> None:
    """The steps that it did not try are left; other parts of the declaration are not."""
    rows = TriedRows()
    rows.note("terms.bill")

    assert [POST] == list(rows.list_left([BILL, POST, ZERO]))


def test_reason_of_a_row_or_word_comes_first() -> None:
    """A row that was tried with one step can be left because of another, for the first reason."""
    rows = TriedRows()
    rows.note("terms.bill")
    rows.leave("terms.bill", "It takes an hour.")
    rows.leave("terms.bill", "It takes a day.")
    rows.leave("zero", "There is no zero.")
    rows.leave("terms.post.replay", "It is repeated.")

    assert {
        BILL: "It takes an hour.",
        POST: "It is repeated.",
        ZERO: "There is no zero.",
    } == rows.list_left([BILL, POST, ZERO])

"""Every run takes the kept rows of a test, and the long runs the others."""

from __future__ import annotations

import pytest

from .long_runs import keep_rows


def test_rows_that_are_not_kept_are_marked() -> None:
    """A row has the mark ``soak`` unless it is kept."""
    rows = keep_rows(["one", "two"], {"two"})

    assert [(("one",), ["soak"]), (("two",), [])] == [
        (row.values, [mark.name for mark in row.marks]) for row in rows
    ]


def test_rows_of_several_arguments_stay_whole() -> None:
    """A row that is a tuple gives each argument its value."""
    assert [("one", 1)] == [row.values for row in keep_rows([("one", 1)], [("one", 1)])]


def test_a_kept_row_must_exist() -> None:
    """A misspelt row would leave the whole test to the long runs."""
    with pytest.raises(ValueError, match="three"):
        keep_rows(["one", "two"], ["three"])

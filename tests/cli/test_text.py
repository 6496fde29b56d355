"""Text for a person fits its columns."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core.cli.text import Column, Screen, group_thousands


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.00", "0.00"),
        ("1234.50", "1,234.50"),
        ("-1234567.00", "-1,234,567.00"),
        ("-0.50", "-0.50"),
        ("521150", "521,150"),
        ("999999999999999999.99", "999,999,999,999,999,999.99"),
    ],
)
def test_grouped(amount: str, expected: str) -> None:
    """Thousands are separated; sign and digits are unchanged."""
    assert expected == group_thousands(amount)


def page() -> tuple[Screen, io.StringIO]:
    """Return a screen and the stream that it writes to."""
    stream = io.StringIO()
    return Screen(stream), stream


def test_markup_is_text() -> None:
    """Marks that look like a style are text."""
    screen, stream = page()
    screen.print_line("[red]5001[/red] :smile: https://example.org", style="bold")
    screen.print_table([Column("[b]")], [["[link=x]y[/link]"]])
    assert "[red]5001[/red] :smile: https://example.org" in stream.getvalue()
    assert "[link=x]y[/link]" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_a_line_is_wrapped_with_its_indent() -> None:
    """A long line is wrapped and indented; a long word is broken, nothing is lost."""
    screen, stream = page()
    screen.print_line("word " * 40 + "x" * 200, indent=4)
    lines = stream.getvalue().splitlines()
    assert all(line.startswith("    ") and len(line) <= 80 for line in lines)
    assert "word" * 40 + "x" * 200 == "".join(stream.getvalue().split())


@given(
    st.lists(
        st.lists(st.integers(0, 10**30).map(str), min_size=9, max_size=9), min_size=1, max_size=3
    )
)
def test_a_table_fits_and_loses_nothing(rows: list[list[str]]) -> None:
    """A table has 80 columns at most, and every digit of it is there."""
    screen, stream = page()
    screen.print_table([Column("n", figures=place % 2 == 0) for place in range(9)], rows)
    text = stream.getvalue()
    assert all(len(line) <= 80 for line in text.splitlines())
    assert sorted("".join(map("".join, rows))) == sorted(mark for mark in text if mark.isdigit())

"""Control characters in output are escaped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core.cli.escape import escape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme Steel", "Acme Steel"),
        ("Société Générale · 鋼 é", "Société Générale · 鋼 é"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\u202egnitset", "\\u202egnitset"),
        ("\x9b1m", "\\x9b1m"),
        ("\u2028", "\\u2028"),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_what_is_shown(text: str, expected: str) -> None:
    """Every control character is written as an escape; letters are unchanged."""
    assert expected == escape(text)


@given(st.text())
def test_no_control_character_is_left(text: str) -> None:
    """No control character is left, in any text."""
    assert not any(ord(mark) < 32 or 127 <= ord(mark) < 160 for mark in escape(text))

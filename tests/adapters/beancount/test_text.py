"""Strings that nothing can end but their own quote."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core.adapters.beancount.text import literal, shown, value_of

#: As Beancount's lexer reads a string.
STRING = re.compile(r'"([^\\"]|\\.)*"\Z')


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_literal_is_one_string_on_one_line(text: str) -> None:
    """A text becomes one literal without a raw newline, and reads back the same."""
    written = literal(text)
    assert STRING.match(written)
    assert "\n" not in written
    assert text == value_of(written)


def test_literal_by_hand() -> None:
    """Quotes, backslashes and newlines are escaped; braces need not be."""
    assert r'"a \"b\" \\ {c}\n\td"' == literal('a "b" \\ {c}\n\td')


def test_half_a_character_is_refused() -> None:
    """A lone surrogate cannot be written."""
    with pytest.raises(UnicodeEncodeError):
        literal("\ud800")


def test_control_characters_are_shown() -> None:
    """What a terminal would obey becomes a picture; what has an escape stays."""
    assert "a␛[31m␀␡\n\tb\ufffd" == shown("a\x1b[31m\x00\x7f\n\tb\u202e")

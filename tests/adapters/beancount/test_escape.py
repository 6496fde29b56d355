"""Account components and links are valid, reversible and without collisions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core.adapters.beancount.escape import (
    escape_component,
    format_literal,
    link,
    parse_literal,
    replace_control_characters,
    unescape,
    unescape_component,
)

#: As Beancount's own lexer writes them, restricted to ASCII.
COMPONENT = re.compile(r"[A-Z0-9][A-Za-z0-9-]*\Z")
LINK = re.compile(r"[A-Za-z0-9\-_/.]+\Z")

#: Texts with many characters of the escapes themselves.
TEXTS = st.one_of(st.text(), st.text(alphabet="X-a2DEé.", max_size=12))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("05-120", "05-120"),
        ("C-100", "C-100"),
        ("V-ACME", "V-ACME"),
        ("JOB-9", "JOB-9"),
        ("A.1", "A--2E-1"),
        ("A--B", "A--2D--B"),
        ("A-", "A--2D-"),
        ("acme", "X---acme"),
        ("-7", "X----7"),
        ("É", "X-----C9-"),
        ("05:120", "05--3A-120"),
        ("", "X---"),
    ],
)
def test_component_of_code(code: str, name: str) -> None:
    """Ordinary codes are unchanged, other characters are escaped."""
    assert name == escape_component(code)
    assert code == unescape_component(name)


@given(TEXTS)
def test_component_is_legal_and_reversible(code: str) -> None:
    """Every code has a component that Beancount accepts, and the component gives the code back."""
    name = escape_component(code)
    assert COMPONENT.match(name)
    assert code == unescape_component(name)


@given(TEXTS.filter(bool))
def test_link_is_legal_and_reversible(name: str) -> None:
    """Every name has a link that Beancount accepts, and the link gives the name back."""
    linked = link("key", name)
    assert LINK.match(linked)
    assert name == unescape(linked.removeprefix("key/"))


# === Strings that only their own quote can end.

#: As Beancount's lexer reads a string.
STRING = re.compile(r'"([^\\"]|\\.)*"\Z')


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_literal_is_one_string_on_one_line(text: str) -> None:
    """A text becomes one literal without a raw newline, and is read back the same."""
    written = format_literal(text)
    assert STRING.match(written)
    assert "\n" not in written
    assert text == parse_literal(written)


def test_literal_by_hand() -> None:
    """Quotes, backslashes and newlines are escaped; braces need not be."""
    assert r'"a \"b\" \\ {c}\n\td"' == format_literal('a "b" \\ {c}\n\td')


def test_half_a_character_is_refused() -> None:
    """A lone surrogate cannot be written."""
    with pytest.raises(UnicodeEncodeError):
        format_literal("\ud800")


def test_control_characters_are_shown() -> None:
    """A control character becomes a visible symbol, unless it has an escape."""
    assert "a␛[31m␀␡\n\tb\ufffd" == replace_control_characters("a\x1b[31m\x00\x7f\n\tb\u202e")

"""The longest array of a JSON text loses its second half, and nothing else changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erp_invoice_core.testing.faults import shorten_longest_list

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"total": 3, "rows": [1.10, [2, 3], 4], "next": "/2"}', None),
        ("[1, 2, 3, 4]", "[1, 2]"),
        ("[ 1 ]", "[]"),
        ("[[1, 2], [3]]", "[[1, 2]]"),
        (r'["a]\",[", "b"]', r'["a]\",["]'),
        ("[]", "[]"),
        ("{}", "{}"),
        ("no JSON ]]", "no JSON ]]"),
    ],
)
def test_example(body: str, expected: str | None) -> None:
    """The rest of the text keeps its bytes."""
    expected = expected or '{"total": 3, "rows": [1.10], "next": "/2"}'
    assert expected == shorten_longest_list(body.encode()).decode()


def test_bytes_that_are_no_text_pass() -> None:
    """A body that is not UTF-8 is returned unchanged."""
    assert b"[\xff, 1]" == shorten_longest_list(b"[\xff, 1]")


def find_longest(value: Any) -> int:  # noqa: ANN401 - any JSON
    """Return the length of the longest list in a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = len(value) if isinstance(value, list) else 0
    return max([own, *map(find_longest, inner)])


@settings(max_examples=25, deadline=None)
@given(_VALUES)
def test_text_stays_valid(value: object) -> None:
    """The text is valid JSON, equal unless it has a list, and never has a longer one."""
    body = json.dumps(value)
    after = json.loads(shorten_longest_list(body.encode()))
    assert (after == value) == (find_longest(value) == 0)
    assert find_longest(after) <= find_longest(value)

"""
The seven validators of Procore's metadata document, as its guide for developers describes them.

``ROWS`` are expected values by hand. Each validator also has a law, which holds for any text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core.declaration import Declaration, FieldRule, Validator
from erp_invoice_core.rules import Case
from erp_invoice_core.rules.conditions.fields import meets_rule

if TYPE_CHECKING:
    from decimal import Decimal

V = Validator


def _meets(validator: Validator, text: str | None, limit: int | None = None) -> bool:
    rule = FieldRule(field="description", validator=validator, limit=limit)
    erp = Declaration(key="acme", name="Acme", field_rules=(rule,))
    return meets_rule(rule, Case(erp=erp, fields={"description": text}))


# fmt: off
#: Validator, limit, text, and whether the text meets the rule.
ROWS: tuple[tuple[Validator, int | None, str | None, bool], ...] = (
    # The field is present: not blank.
    (V.PRESENT, None, "A", True),
    (V.PRESENT, None, "0", True),
    (V.PRESENT, None, "", False),
    (V.PRESENT, None, "  \n", False),
    (V.PRESENT, None, None, False),
    # It has numeric data.
    (V.NUMERIC, None, "12", True),
    (V.NUMERIC, None, "-12.50", True),
    (V.NUMERIC, None, " 0 ", True),
    (V.NUMERIC, None, "twelve", False),
    (V.NUMERIC, None, "12 tons", False),
    (V.NUMERIC, None, "1,200", False),
    (V.NUMERIC, None, "1e3", False),
    (V.NUMERIC, None, "NaN", False),
    # A number above zero.
    (V.POSITIVE, None, "0.01", True),
    (V.POSITIVE, None, "12", True),
    (V.POSITIVE, None, "0", False),
    (V.POSITIVE, None, "0.00", False),
    (V.POSITIVE, None, "-0", False),
    (V.POSITIVE, None, "-12", False),
    (V.POSITIVE, None, "twelve", False),
    # At most this many characters, of any kind.
    (V.MAX_LENGTH, 5, "ACME7", True),
    (V.MAX_LENGTH, 5, "ACME77", False),
    (V.MAX_LENGTH, 5, "Ä€漢字x", True),
    (V.MAX_LENGTH, 5, "a b c ", False),
    # At most this many digits before the decimal point.
    (V.MAX_LENGTH_UNITS, 3, "999.12345", True),
    (V.MAX_LENGTH_UNITS, 3, "1000", False),
    (V.MAX_LENGTH_UNITS, 3, "-999", True),
    (V.MAX_LENGTH_UNITS, 3, "-1000.0", False),
    (V.MAX_LENGTH_UNITS, 3, "0000.5", True),
    (V.MAX_LENGTH_UNITS, 1, "0.5", True),
    (V.MAX_LENGTH_UNITS, 3, "1,000", False),
    (V.MAX_LENGTH_UNITS, 3, "tons", True),
    # At most this many digits after it.
    (V.MAX_LENGTH_DECIMAL, 2, "12345.12", True),
    (V.MAX_LENGTH_DECIMAL, 2, "12345.123", False),
    (V.MAX_LENGTH_DECIMAL, 2, "1.1000", True),
    (V.MAX_LENGTH_DECIMAL, 2, "1", True),
    (V.MAX_LENGTH_DECIMAL, 2, "-0.001", False),
    # Each line has at most this many characters.
    (V.MAX_LINE_LENGTH, 4, "Pier\nNine", True),
    (V.MAX_LINE_LENGTH, 4, "Pier\nNine!", False),
    (V.MAX_LINE_LENGTH, 4, "Pier 9", False),
    (V.MAX_LINE_LENGTH, 4, "a\r\n\r\nbcde", True),
    # A blank field breaks no rule but that it is present.
    (V.NUMERIC, None, "", True),
    (V.POSITIVE, None, None, True),
    (V.MAX_LENGTH, 1, "   ", True),
    (V.MAX_LENGTH_UNITS, 1, "", True),
    (V.MAX_LENGTH_DECIMAL, 1, None, True),
    (V.MAX_LINE_LENGTH, 1, "", True),
)
# fmt: on


@pytest.mark.parametrize(("validator", "limit", "text", "met"), ROWS)
def test_expected_values(
    validator: Validator, limit: int | None, text: str | None, met: bool
) -> None:
    """Each validator accepts and refuses what the guide says."""
    assert met is _meets(validator, text, limit)


def test_every_validator_has_both_answers() -> None:
    """Each validator has an accepted and a refused text among the rows."""
    assert {(validator, met) for validator in Validator for met in (True, False)} == {
        (validator, met) for validator, _, _, met in ROWS
    }


_LIMITS = st.integers(1, 12)
_NUMBERS = st.decimals(-(10**9), 10**9, places=6, allow_nan=False, allow_infinity=False)


@given(text=st.text(max_size=20))
def test_present(text: str) -> None:
    """A text is present if it has a character that is not white space."""
    assert any(not char.isspace() for char in text) is _meets(V.PRESENT, text)


@given(number=_NUMBERS, letter=st.sampled_from("abcdefgxyz/%"))
def test_numeric(number: Decimal, letter: str) -> None:
    """Each decimal is numeric, and is not with a letter in it."""
    text = f"{number:f}"
    assert _meets(V.NUMERIC, text)
    assert not _meets(V.NUMERIC, text + letter)
    assert not _meets(V.NUMERIC, letter + text)


@given(number=_NUMBERS)
def test_positive(number: Decimal) -> None:
    """A decimal is positive if it is above zero."""
    assert (number > 0) is _meets(V.POSITIVE, f"{number:f}")


@given(text=st.text("abc 1\n", min_size=1, max_size=20), limit=_LIMITS)
def test_max_length(text: str, limit: int) -> None:
    """A text meets the limit if no character is left after its first ones."""
    assert (not text.strip() or text == text[:limit]) is _meets(V.MAX_LENGTH, text, limit)


@given(number=_NUMBERS, limit=_LIMITS)
def test_max_length_units(number: Decimal, limit: int) -> None:
    """A decimal has at most n digits before the point if it is below that power of ten."""
    assert (abs(number) < 10**limit) is _meets(V.MAX_LENGTH_UNITS, f"{number:f}", limit)


@given(number=_NUMBERS, limit=st.integers(1, 6))
def test_max_length_decimal(number: Decimal, limit: int) -> None:
    """A decimal has at most that number of decimals if rounding to them does not change it."""
    rounded = round(number, limit)
    assert (rounded == number) is _meets(V.MAX_LENGTH_DECIMAL, f"{number:f}", limit)


@given(lines=st.lists(st.text("ab1", min_size=1, max_size=14), min_size=1), limit=_LIMITS)
def test_max_line_length(lines: list[str], limit: int) -> None:
    """A text meets the limit of lines if no character of a line is left after its first ones."""
    each = all(line == line[:limit] for line in lines)
    assert each is _meets(V.MAX_LINE_LENGTH, "\n".join(lines), limit)


@given(text=st.text(max_size=20), limit=_LIMITS)
def test_a_higher_limit_refuses_no_more(text: str, limit: int) -> None:
    """A text that meets a limit meets every higher one."""
    for validator in (V.MAX_LENGTH, V.MAX_LENGTH_UNITS, V.MAX_LENGTH_DECIMAL, V.MAX_LINE_LENGTH):
        assert not _meets(validator, text, limit) or _meets(validator, text, limit + 1)

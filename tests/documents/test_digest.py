"""Equal values have one digest, different values have two."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import combinations

import attrs
import pytest

from erp_invoice_core.documents import Attachment, Key, compute_digest
from erp_invoice_core.documents.digest import encode_canonically
from erp_invoice_core.vocabulary import Role


@attrs.frozen
class Row:
    """A value with several fields, of any kind."""

    name: object
    amount: object = None
    note: object = None


VALUES = [
    None,
    True,
    False,
    0,
    1,
    Decimal(0),
    Decimal(1),
    "",
    "1",
    "~",
    Role.BILL,
    date(2026, 10, 31),
    datetime(2026, 10, 31, tzinfo=UTC),
    timedelta(seconds=1),
    (),
    ("",),
    ("", ""),
    (("",),),
    {"a": "b"},
    {"a": None},
    {"ab": ""},
    frozenset({"a"}),
    ("a", "b"),
    ("ab",),
    Key("a", 1, 1, "b"),
    Key("a", 1, 1, "c"),
    Row("1"),
    Row(Decimal(1)),
    Row(None),
    Row("~"),
    Row(1),
    Row("", "1"),
    Row("", Decimal(1)),
]


@attrs.frozen
class Single:
    """A value with one field."""

    name: str | None


def test_value_of_one_field_has_its_name() -> None:
    """The text has the name of the one field."""
    assert "(9:name=2:sA)" == encode_canonically(Single("A"))
    assert encode_canonically(Single(None)) != encode_canonically(Single("~"))


def test_different_values_have_different_texts() -> None:
    """No two of a list of similar values have the same text."""
    alike = [
        (a, b) for a, b in combinations(VALUES, 2) if encode_canonically(a) == encode_canonically(b)
    ]

    assert [] == alike


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ab", "3:sab"),
        (None, "1:~"),
        (Decimal("1.50"), "4:d1.5"),
        (Decimal("-0.00"), "2:d0"),
        (Decimal("1E+3"), "5:d1000"),
        (Role.BILL, "5:ebill"),
        (("a", 1), "(4:2:sa4:2:i1)"),
        ({"b": 1, "a": 2}, "(9:2:sa=2:i29:2:sb=2:i1)"),
        (frozenset({"b", "a"}), "(4:2:sa4:2:sb)"),
        (Row("ab", Decimal("1.50")), "(10:name=3:sab13:amount=4:d1.58:note=1:~)"),
        (Row("x" * 300), f"(310:name=301:s{'x' * 300}10:amount=1:~8:note=1:~)"),
    ],
)
def test_text_is_written_with_lengths(value: object, expected: str) -> None:
    """Each scalar has its kind; each part has its length."""
    assert expected == encode_canonically(value)


def test_equal_decimals_are_equal() -> None:
    """One and one point zero are one amount."""
    assert encode_canonically(Decimal(1)) == encode_canonically(Decimal("1.00"))


def test_fields_that_are_not_compared_are_not_in_it() -> None:
    """Two values that are equal have one digest; instances are written with their names."""
    assert (
        "(7:id=2:s913:filename=2:sa16:content_type=1:~7:url=1:~10:digest=1:~)"
        == encode_canonically(Attachment(id="9", filename="a"))
    )


@pytest.mark.parametrize("value", [1.5, b"bytes", object()])
def test_other_things_have_no_text(value: object) -> None:
    """A float is refused, because it is not an exact amount."""
    with pytest.raises(TypeError, match="has no canonical text"):
        encode_canonically(value)


def test_digest_is_sha_256_of_the_text() -> None:
    """The digest is in hexadecimal; a lone surrogate has one too."""
    assert sha256(b"3:sab").hexdigest() == compute_digest("ab")
    assert 64 == len(compute_digest("\ud800"))

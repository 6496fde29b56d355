"""Digests of format 1: their text, and samples that version 0.3.0 computed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import combinations

import attrs
import pytest

from erp_invoice_core.adapters.beancount.declaration import DECLARATION
from erp_invoice_core.canonical import compute_digest
from erp_invoice_core.documents import Attachment, ExportDocument, ExportLine, Key, is_digest_of
from erp_invoice_core.documents.former_digest import compute_former_digest, write_former_text
from erp_invoice_core.testing import sample_document
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
    assert "(9:name=2:sA)" == write_former_text(Single("A"))
    assert write_former_text(Single(None)) != write_former_text(Single("~"))


def test_different_values_have_different_texts() -> None:
    """No two of a list of similar values have the same text."""
    alike = [
        (a, b) for a, b in combinations(VALUES, 2) if write_former_text(a) == write_former_text(b)
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
    assert expected == write_former_text(value)


def test_equal_decimals_are_equal() -> None:
    """One and one point zero are one amount."""
    assert write_former_text(Decimal(1)) == write_former_text(Decimal("1.00"))


def test_fields_that_are_not_compared_are_not_in_it() -> None:
    """Two values that are equal have one digest; instances are written with their names."""
    assert (
        "(7:id=2:s913:filename=2:sa16:content_type=1:~7:url=1:~10:digest=1:~)"
        == write_former_text(Attachment(id="9", filename="a"))
    )


@pytest.mark.parametrize("value", [1.5, b"bytes", object()])
def test_other_things_have_no_text(value: object) -> None:
    """A float is refused, because it is not an exact amount."""
    with pytest.raises(TypeError, match="has no canonical text"):
        write_former_text(value)


def test_digest_is_sha_256_of_the_text() -> None:
    """The digest is in hexadecimal; a lone surrogate has one too."""
    assert sha256(b"3:sab").hexdigest() == compute_former_digest("ab")
    assert 64 == len(compute_former_digest("\ud800"))


#: The digests of the sample document and of the ledger's declaration, computed by version 0.3.0.
DOCUMENT_IN_0_3 = "c175e997b06bb792d2fcd45c9c66966e81b4898bc33018f721f8e389738d760c"
DECLARATION_IN_0_3 = "99360c0dff1260fbe151a1e30efc8c4482c380f60f14ea2b663bfd1a71b455d7"


def test_digests_are_those_of_the_former_version() -> None:
    """A document and a declaration have the digests that version 0.3.0 computed for them."""
    assert DOCUMENT_IN_0_3 == compute_former_digest(sample_document())
    assert DECLARATION_IN_0_3 == compute_former_digest(DECLARATION)


def test_a_later_field_does_not_change_a_former_digest() -> None:
    """Format 1 has the fields of version 0.3, whatever value a field of a later version has."""
    document = sample_document()
    values = attrs.asdict(document, recurse=False)
    later_line = _add_field(ExportLine)
    line_values = [attrs.asdict(line, recurse=False) for line in document.lines]
    lines = tuple(later_line(**given, later="a value") for given in line_values)

    later = _add_field(ExportDocument)(**values | {"lines": lines, "later": "a value"})

    assert DOCUMENT_IN_0_3 == compute_former_digest(later)
    assert document.digest != later.digest


def _add_field(kind: type) -> type:
    """Return the class as a later version may have it, with one more field."""
    field = attrs.field(default=None, kw_only=True, type=object)
    return attrs.make_class(kind.__name__, {"later": field}, (kind,), frozen=True, eq=False)


def test_a_digest_is_recognised_in_both_formats() -> None:
    """A document has a digest of the current and one of the former format, and no other."""
    document = sample_document()
    other = attrs.evolve(document, vendor_name="Acme Inc.")

    assert [True, True, False, False] == [
        is_digest_of(digest, document)
        for digest in (document.digest, DOCUMENT_IN_0_3, other.digest, compute_former_digest(other))
    ]
    assert not is_digest_of("2:" + DOCUMENT_IN_0_3, document)
    assert not is_digest_of(compute_digest(document).removeprefix("2:"), document)


def test_decimal_of_a_subclass_has_the_text_of_a_plain_one() -> None:
    """A value that was equal to another keeps its digest of format 1."""

    class Figure(Decimal):
        pass

    assert "4:d1.5" == write_former_text(Decimal("1.50")) == write_former_text(Figure("1.50"))

"""Canonical JSON of values: equal values have the same, and defaults do not count."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, Flag
from hashlib import sha256
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core.adapters.beancount.declaration import DECLARATION
from erp_invoice_core.canonical import (
    InvalidData,
    JsonEncoder,
    compute_digest,
    encode_canonically,
    encode_json,
    is_current,
    is_plain,
)
from erp_invoice_core.declaration import Declaration
from erp_invoice_core.documents import ExportDocument, ExportLine, Key
from erp_invoice_core.testing import sample_document, strategies
from erp_invoice_core.values import Value
from erp_invoice_core.vocabulary import Feature, Role, Support

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Row:
    """A value with several fields, of any kind."""

    name: object
    amount: object = None
    note: object = ""
    more: Mapping[str, object] = attrs.field(factory=dict)
    hidden: object = attrs.field(default=None, eq=False)


@attrs.frozen
class Single:
    """A value with one field."""

    name: str | None


class Access(Flag):
    """A set of rights."""

    READ = 1
    WRITE = 2


class Colour(Enum):
    """A word whose value is a number."""

    RED = 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (-12, "-12"),
        ('a"b\\c\n\x01\x7f\u2028é\U0001f9fe', '"a\\"b\\\\c\\n\\u0001\x7f\u2028é\U0001f9fe"'),
        (Decimal("1.50"), '"1.50"'),
        (Decimal("-0.01"), '"-0.01"'),
        (Decimal("1E+3"), '"1000"'),
        (Decimal("1E-8"), '"0.00000001"'),
        (date(2026, 10, 31), '"2026-10-31"'),
        (datetime(2026, 10, 31, tzinfo=UTC), '"2026-10-31T00:00:00+00:00"'),
        (timedelta(seconds=1.5), "1500000"),
        (Role.BILL, '"bill"'),
        (Colour.RED, "1"),
        (Access.READ | Access.WRITE, "3"),
        ((), "[]"),
        (["a", 1], '["a",1]'),
        (frozenset({"b", "a"}), '["a","b"]'),
        ({"b": 1, "a": None}, '{"a":null,"b":1}'),
        (MappingProxyType({Role.CREDIT: 1, Role.BILL: 2}), '{"bill":2,"credit":1}'),
        (Single(None), '{"name":null}'),
        (Row("x", 0, "", {}), '{"amount":0,"name":"x"}'),
        (Row("x", None, None, {"a": "b"}), '{"more":{"a":"b"},"name":"x","note":null}'),
        (Row("x", hidden="y"), '{"name":"x"}'),
        (Row(Single("ü")), '{"name":{"name":"ü"}}'),
    ],
)
def test_text_is_plain_json_in_the_order_of_names(value: object, expected: str) -> None:
    """Characters are written as they are if JSON allows it; a default is omitted."""
    assert expected == encode_canonically(value).decode()


def test_a_field_that_is_not_compared_is_stored_and_not_canonical() -> None:
    """The JSON that is stored has every field."""
    key = Key("5000", 1, 1, "bill", "5000/1/1/bill")

    assert b"sent_as" not in encode_canonically(key)
    assert '"sent_as":"5000/1/1/bill"' in encode_json(key)


def test_a_lone_surrogate_has_canonical_json() -> None:
    """A text that is no Unicode has bytes too, other than any other text."""
    assert b'"\xed\xa0\x80"' == encode_canonically("\ud800")


def test_decimal_of_a_subclass_has_the_json_of_a_plain_one() -> None:
    """Its zeros are kept also where it is equal to the default."""

    class Figure(Decimal):
        pass

    @attrs.frozen
    class Amount:
        paid: Decimal = Decimal(0)

    assert b'{"paid":"0.00"}' == encode_canonically(Amount(Figure("0.00")))
    assert b'{"paid":"0.00"}' == encode_canonically(Amount(Decimal("0.00")))


def test_set_of_a_new_class_has_sorted_json() -> None:
    """Its class is met here first, whatever other tests encode before."""

    class Names(frozenset[str]):
        pass

    assert b'["a","b"]' == encode_canonically(Names(["b", "a"]))


@pytest.mark.parametrize("value", [1.5, b"bytes", object(), Row(float("nan"))])
def test_other_values_have_no_canonical_json(value: object) -> None:
    """A float is refused, because it is not exact."""
    with pytest.raises(TypeError, match="cannot be written as JSON"):
        encode_canonically(value)


@pytest.mark.parametrize(
    "value",
    [Decimal("NaN"), Decimal("-Infinity"), Decimal("1E+200"), datetime(2026, 10, 31)],  # noqa: DTZ001 - it is refused
)
def test_values_that_could_not_be_read_again_are_refused(value: object) -> None:
    """A decimal that is no number and a time without offset are refused."""
    with pytest.raises(InvalidData, match=r"cannot be stored|has no offset"):
        encode_canonically(value)


@pytest.mark.parametrize(("text", "expected"), [("-1.50", True), ("1e3", False), ("NaN", False)])
def test_a_plain_decimal_has_no_exponent(text: str, expected: bool) -> None:
    """It is what the encoder writes."""
    assert expected is is_plain(text)


def test_different_values_have_different_json() -> None:
    """No two of a list of similar values have the same text."""
    values: list[object] = [
        None, True, 0, 1, Decimal(1), "", "~", (), ("",), ("", ""), (("",),), {"a": "b"},
        {"a": None}, {"ab": ""}, ("a", "b"), ("ab",), Key("a", 1, 1, "b"), Key("a", 1, 1, "c"),
        Row(None), Row("~"), Row(1), Row("", "1"), Row("", note="1"), Row("", note=None),
    ]  # fmt: skip

    pairs = combinations(values, 2)
    assert [] == [
        pair for pair in pairs if encode_canonically(pair[0]) == encode_canonically(pair[1])
    ]


def test_values_are_written_in_place_of_a_field() -> None:
    """A field is left out, and others are added at the end."""
    encoder = JsonEncoder()
    row = Row("x", amount=5, note="n", hidden=1)

    assert '{"hidden":1,"name":"x","note":"n"}' == encoder.encode_fields(row, "amount", {})
    assert '{"amount":5,"hidden":1,"name":"x","a":[1],"b":null}' == (
        encoder.encode_fields(row, "note", {"a": (1,), "b": None})
    )
    assert '{"a":1}' == encoder.encode_fields(Single("x"), "name", {"a": 1})
    assert "{}" == encoder.encode_fields(Single("x"), "name", {})


@attrs.frozen(eq=False, repr=False)
class Part(Value):
    """A value that is a part of another."""

    name: str


def test_texts_of_parts_are_used_again_up_to_a_bound() -> None:
    """The same object is encoded once while it is kept; an equal one is encoded anew."""
    encoder = JsonEncoder(reused=2)
    parts = [Part(name) for name in "abc"]
    kept = encoder.encode(parts[0])

    assert kept is encoder.encode(parts[0])
    assert kept == encoder.encode(Part("a"))
    assert ['{"name":"b"}', '{"name":"c"}'] == list(map(encoder.encode, parts[1:]))
    assert kept is not encoder.encode(parts[0])
    assert JsonEncoder().encode(parts[0]) is not JsonEncoder().encode(parts[0])


def test_digest_has_its_format_and_is_the_hash_of_canonical_json() -> None:
    """The format is part of the text; a text without one is of format 1."""
    digest = compute_digest(sample_document())

    assert digest == "2:" + sha256(encode_canonically(sample_document())).hexdigest()
    assert is_current(digest)
    assert not is_current(digest.removeprefix("2:"))


# ── laws ─────────────────────────────────────────────────────


def _pad(value: Decimal, zeros: int) -> Decimal:
    """Return an equal decimal with zeros at its end."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if exponent > 0:
        return value
    return Decimal((sign, (*digits, *[0] * zeros), exponent - zeros))


def _pad_line(line: ExportLine, zeros: int) -> ExportLine:
    changes: dict[str, Any] = {
        field.name: _pad(value, zeros)
        for field in attrs.fields(ExportLine)
        if isinstance(value := getattr(line, field.name), Decimal)
    }
    return attrs.evolve(line, **changes)


@given(document=strategies.export_documents(), zeros=st.integers(0, 6))
def test_zeros_of_amounts_change_nothing(document: ExportDocument, zeros: int) -> None:
    """Documents that differ only in zeros at the end of decimals have the same canonical JSON."""
    lines = tuple(_pad_line(line, zeros) for line in document.lines)

    padded = attrs.evolve(document, lines=lines)

    assert document == padded
    assert (document.stored_json, document.digest) == (padded.stored_json, padded.digest)
    assert list(map(repr, document.lines)) == list(map(repr, padded.lines))


@given(one=strategies.export_documents(), other=strategies.export_documents())
def test_documents_have_one_digest_if_they_are_equal(
    one: ExportDocument, other: ExportDocument
) -> None:
    """Two documents have the same canonical JSON exactly if they are equal."""
    assert (one == other) is (one.stored_json == other.stored_json)
    assert (one == other) is (one.digest == other.digest)


@given(document=strategies.export_documents())
def test_canonical_json_is_json(document: ExportDocument) -> None:
    """Any JSON reader reads it, and writing its data in order without spaces gives it back."""
    text = document.stored_json.decode("utf-8", "surrogatepass")

    again = json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    assert text == again


def _add_field(kind: type, default: object) -> type:
    """Return the class as a later version may have it, with one more field."""
    field = attrs.field(default=default, kw_only=True, type=object)
    return attrs.make_class(kind.__name__, {"later": field}, (kind,), frozen=True, eq=False)


@given(document=strategies.export_documents(), default=st.sampled_from([None, "", 0, False, ()]))
def test_a_new_field_with_its_default_changes_no_digest(
    document: ExportDocument, default: object
) -> None:
    """A later version may add fields to a document and to its lines."""
    later, later_line = _add_field(ExportDocument, default), _add_field(ExportLine, default)
    values = attrs.asdict(document, recurse=False)
    lines = tuple(later_line(**attrs.asdict(line, recurse=False)) for line in document.lines)

    grown = later(**values | {"lines": lines})

    assert document.digest == grown.digest
    assert document.digest != later(**values | {"lines": lines, "later": "a value"}).digest


def test_a_new_field_of_a_declaration_changes_no_digest() -> None:
    """The same for a declaration, of which the approver accepts the digest."""
    names = [field.name for field in attrs.fields(Declaration)]
    values: dict[str, Any] = {name: getattr(DECLARATION, name) for name in names}
    later = _add_field(Declaration, None)

    assert DECLARATION.digest == later(**values).digest
    assert DECLARATION.digest != later(**values, later="a value").digest


def test_a_declaration_is_canonical_in_any_order() -> None:
    """The order of its features and sets does not count, nor does what it supersedes."""
    features = dict(reversed(list(DECLARATION.features.items())))
    same = attrs.evolve(DECLARATION, features=features, supersedes=())
    other = attrs.evolve(DECLARATION, features=features | {Feature.WITHDRAW: Support.FULL})

    assert DECLARATION.digest == same.digest
    assert DECLARATION.digest != other.digest


def test_a_text_that_equals_its_default_is_omitted() -> None:
    """It need not be the same object."""

    @attrs.frozen
    class Named:
        name: str = "plain"

    assert b"{}" == encode_canonically(Named(str(b"plain", "ascii")))

"""msgspec writes and reads the same canonical JSON, or leaves it to the other way."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from erp_invoice_core.canonical import InvalidData, encode_canonically
from erp_invoice_core.documents import Attachment, ExportDocument, ExportLine, find_fast_json
from erp_invoice_core.documents.fast_json import FastJson
from erp_invoice_core.testing import sample_document, strategies
from erp_invoice_core.wire.converter import unpack, unpack_document

FAST = FastJson(ExportDocument, ExportLine)
SAMPLE = sample_document(attachments=(Attachment(id="9", filename="a.pdf"),))


def _with_line(**changes: Any) -> ExportDocument:  # noqa: ANN401 - the fields of a line
    return attrs.evolve(SAMPLE, lines=(attrs.evolve(SAMPLE.lines[0], **changes),))


def _bend(value: Any, **changes: Any) -> Any:  # noqa: ANN401 - values of any type
    """Return a copy of a value with fields that its class would refuse."""
    copy = attrs.evolve(value)
    for name, field in changes.items():
        object.__setattr__(copy, name, field)
    return copy


@given(document=strategies.export_documents())
@example(document=SAMPLE)
@example(document=attrs.evolve(SAMPLE, lines=()))
@example(document=_with_line(description="".join(map(chr, range(0x250))) + "\u2028\U0001f9fe"))
@example(document=_with_line(quantity=Decimal("-0.000001"), unit_price=Decimal("1E+3")))
def test_both_ways_write_the_same_bytes(document: ExportDocument) -> None:
    """Any document that msgspec writes has the bytes of the encoder."""
    assert FAST.encode(document) in {encode_canonically(document), None}
    assert encode_canonically(document) == document.stored_json


def test_text_in_place_of_a_member_is_refused_by_the_constructor() -> None:
    """Therefore the encoder need not look for one in each line of each document."""
    with pytest.raises((TypeError, ValueError), match="accounting_method"):
        attrs.evolve(SAMPLE.lines[0], accounting_method="amount")  # type: ignore[arg-type] # that is the test


@given(document=strategies.export_documents())
@example(document=SAMPLE)
def test_both_ways_read_the_same_document(document: ExportDocument) -> None:
    """Equal documents with the same digits, whether msgspec reads them or not."""
    data = document.stored_json
    expected = repr(unpack(data, ExportDocument))

    read = FAST.decode(data)

    assert read is None or expected == repr(read)
    assert expected == repr(unpack_document(data))
    assert document == unpack_document(data)


@pytest.mark.parametrize("way", ["msgspec", "json"])
def test_lines_of_a_document_share_equal_codes(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines with the same unit, cost type and tax code have one text of each."""
    monkeypatch.setattr(
        "erp_invoice_core.wire.converter.find_fast_json", lambda: FAST if way == "msgspec" else None
    )
    codes: dict[str, Any] = {"uom": "EA", "cost_type_origin_id": "SUB", "tax_code": "GST + PST"}
    line = attrs.evolve(SAMPLE.lines[0], **codes)
    lines = (line, attrs.evolve(line, item_id="2"), attrs.evolve(line, item_id="3", uom="LF"))

    read = unpack_document(attrs.evolve(SAMPLE, lines=lines).stored_json)

    first, second, third = read.lines
    assert (lines, codes) == (read.lines, {name: getattr(first, name) for name in codes})
    assert all(getattr(first, name) is getattr(second, name) for name in codes)
    assert ("LF", first.tax_code) == (third.uom, third.tax_code)


def test_usual_documents_take_the_fast_way() -> None:
    """The sample is written and read by msgspec; its attachments are stored elsewhere."""
    data = FAST.encode(SAMPLE)

    assert data is not None
    read = FAST.decode(data)
    assert read is not None
    assert (SAMPLE, ()) == (read, read.attachments)


@pytest.mark.parametrize(
    "document",
    [
        _with_line(description="\ud800"),
        _with_line(unit_price=Decimal("1E-8")),
        _bend(SAMPLE, lines=(_bend(SAMPLE.lines[0], unit_price=Decimal("1." + "3" * 101)),)),
        _bend(SAMPLE, lines=(_bend(SAMPLE.lines[0], uom=5),)),
        _bend(SAMPLE, number=1.0),
        _bend(SAMPLE, final=1),
        _bend(SAMPLE, job_name=None),
        attrs.make_class("Later", {}, (ExportDocument,), eq=False)(
            **attrs.asdict(SAMPLE, recurse=False)
        ),
    ],
    ids=["surrogate", "exponent", "digits", "text", "int", "bool", "none", "class"],
)
def test_unusual_values_are_left_to_the_encoder(document: ExportDocument) -> None:
    """A lone surrogate, an exponent, too many digits, or a value of another type."""
    assert FAST.encode(document) is None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Later(ExportLine):
    """A line of a class with another field."""

    later: str = ""


def test_lines_of_another_class_are_left_to_the_encoder() -> None:
    """The struct would not have its fields."""
    line = Later(**attrs.asdict(SAMPLE.lines[0], recurse=False), later="x")

    document = attrs.evolve(SAMPLE, lines=(line,))

    assert FAST.encode(document) is None
    assert b'"later":"x"' in document.stored_json


DATA = encode_canonically(_with_line(quantity=Decimal(3)))


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (b'"gross":"21000.00"', b'"gross":1.5'),
        (b'"gross":"21000.00"', b'"gross":15'),
        (b'"gross":"21000.00"', b'"gross":true'),
        (b'"gross":"21000.00"', b'"gross":null'),
        (b'"gross":"21000.00"', b'"gross":"21e3"'),
        (b'"gross":"21000.00"', b'"gross":"2E+4"'),
        (b'"gross":"21000.00"', b'"gross":"0E-9"'),
        (b'"gross":"21000.00"', b'"gross":"NaN"'),
        (b'"gross":"21000.00"', b'"gross":"sNaN"'),
        (b'"gross":"21000.00"', b'"gross":"NaN12"'),
        (b'"gross":"21000.00"', b'"gross":"-NaN5"'),
        (b'"gross":"21000.00"', b'"gross":"sNaN5"'),
        (b'"gross":"21000.00"', b'"gross":"-sNaN50"'),
        (b'"gross":"21000.00"', b'"gross":"nan"'),
        (b'"gross":"21000.00"', b'"gross":"inf"'),
        (b'"gross":"21000.00"', b'"gross":"INFINITY"'),
        (b'"gross":"21000.00"', b'"gross":"Infinity"'),
        (b'"quantity":"3"', b'"quantity":"NaN12"'),
        (b'"quantity":"3"', b'"quantity":"-sNaN1"'),
        (b'"gross":"21000.00"', b'"gross":"-Infinity"'),
        (b'"gross":"21000.00"', b'"gross":"+1"'),
        (b'"gross":"21000.00"', b'"gross":"2_0"'),
        (b'"gross":"21000.00"', b'"gross":"1."'),
        (b'"gross":"21000.00"', b'"gross":" 1"'),
        (b'"gross":"21000.00"', b'"gross":"' + "\uff11".encode() + b'"'),
        (b'"gross":"21000.00"', b'"gross":"' + b"9" * 101 + b'"'),
        (b'"gross":"21000.00"', b'"gross":"0"'),
        (b'"gross":"21000.00"', b'"gross":"-0.00"'),
        (b'"gross":"21000.00"', b'"gross":"21000.000"'),
        (b'"gross":"21000.00"', b'"gross":"1","gross":"21000.00"'),
        (b'"gross":"21000.00"', b'"gross":"21000.00","unknown":{"a":[1.5,null]}'),
        (b'"gross":"21000.00",', b""),
        (b'"item_id":"1",', b""),
        (b'"item_type":"contract_item"', b'"item_type":"nothing"'),
        (b'"number":1', b'"number":1.0'),
        (b'"number":1', b'"number":"1"'),
        (b'"number":1', b'"number":true'),
        (b'"number":1', b'"number":NaN'),
        (b'"number":1', b'"number":' + b"1" * 30),
        (b'"number":1', b'"number":' + b"1" * 5000),
        (b'"number":1', b'"number":' + b"[" * 100_000),
        (b'"number":1', b'"final":false,"number":1'),
        (b'"number":1', b'"final":0,"number":1'),
        (b'"billing_date":"2026-10-31"', b'"billing_date":"20261031"'),
        (b'"billing_date":"2026-10-31"', b'"billing_date":"2026-10-31T00:00:00"'),
        (b'"billing_date":"2026-10-31"', b'"billing_date":20261031'),
        (b'"vendor_name":"Acme Steel"', b'"vendor_name":"\\ud800"'),
        (b'"vendor_name":"Acme Steel"', b'"vendor_name":"\\u0041"'),
        (b'"vendor_name":"Acme Steel"', b'"vendor_name":"\xed\xa0\x80"'),
        (b'"vendor_name":"Acme Steel"', b'"vendor_name":"\xff"'),
        (b'"vendor_name":"Acme Steel"', b'"vendor_name":"\n"'),
        (b'"vendor_name":"Acme Steel"', b'"vendor_name":5'),
        (b'"lines":[', b'"lines":{'),
        (b'"lines":[', b'"lines":[null,'),
        (b'"company_id"', b' "company_id"'),
        (b"{", b"\xef\xbb\xbf{"),
        (DATA, b""),
        (DATA, b"[]"),
        (DATA, b"null"),
        (DATA, DATA + b" "),
        (DATA, DATA + DATA),
    ],
)
def test_damaged_bytes_have_the_same_answer(part: bytes, other: bytes) -> None:
    """The decoder never reads bytes that the other way refuses or reads otherwise."""
    assert part in DATA

    _compare(DATA.replace(part, other, 1))


@given(
    place=st.integers(0, len(DATA)),
    removed=st.integers(0, 3),
    text=st.one_of(
        st.binary(max_size=3),
        st.text('0123456789.-+eEN"{}[]:,\\ ', max_size=4).map(str.encode),
        st.sampled_from([b"null", b"true", b"1e5", b"NaN", b"Infinity", b'"a":1,', b"\\ud800"]),
    ),
)
def test_edited_bytes_have_the_same_answer(place: int, removed: int, text: bytes) -> None:
    """An edit at any place is read as without msgspec, or refused."""
    _compare(DATA[:place] + text + DATA[place + removed :])


@pytest.mark.parametrize("text", ["NON-WOVEN MAT", "PLAN NORTH 03", "INNER NAVE N"])
def test_words_in_capital_letters_take_the_fast_way(text: str) -> None:
    """A description with the letters of NaN is not taken for a decimal."""
    data = _with_line(description=text).stored_json

    assert FAST.decode(data) is not None


def _compare(data: bytes) -> None:
    try:
        expected = unpack(data, ExportDocument)
    except InvalidData:
        assert FAST.decode(data) is None
        with pytest.raises(InvalidData):
            unpack_document(data)
        return
    read = FAST.decode(data)
    assert read is None or repr(expected) == repr(read)
    assert repr(expected) == repr(unpack_document(data))


def test_without_msgspec_the_other_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is optional, and changes no byte."""
    document = attrs.evolve(SAMPLE, billing_date=date(2026, 11, 30))
    expected = FAST.encode(document)
    assert find_fast_json() is not None
    find_fast_json.cache_clear()
    monkeypatch.setitem(sys.modules, "msgspec", None)
    monkeypatch.delitem(sys.modules, "erp_invoice_core.documents.fast_json")

    try:
        assert find_fast_json() is None
        assert expected == document.stored_json
        assert document == unpack_document(document.stored_json)
    finally:
        find_fast_json.cache_clear()

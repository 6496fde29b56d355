"""The exported document: its totals, and a digest of the booked values."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core.canonical import encode_canonically
from erp_invoice_core.documents import (
    Attachment,
    ExportDocument,
    ExportLine,
    InvalidDocument,
    has_unread_lines,
    replace_attachments,
    restore_document,
)
from erp_invoice_core.money import ZERO
from erp_invoice_core.vocabulary import ItemType


def _line(number: str, gross: str, retained: str = "0", released: str = "0") -> ExportLine:
    return ExportLine(
        item_id=number,
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id=number,
        gross=Decimal(gross),
        retained=Decimal(retained),
        released=Decimal(released),
    )


def _document(*lines: ExportLine) -> ExportDocument:
    return ExportDocument(
        invoice_id="5000",
        company_id="1",
        currency="USD",
        project_id="10",
        job_origin_id=None,
        vendor_id="7",
        vendor_name="Acme",
        vendor_origin_id=None,
        commitment_id="100",
        commitment_kind="subcontract",
        commitment_number="SC-1",
        commitment_origin_id=None,
        number=1,
        lines=lines,
    )


class Figure(Decimal):
    """A decimal of a class of the host."""


DOCUMENT = _document(_line("1", "20000", "2000"), _line("2", "-500.25", "-50", "100"))


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (0.1, "amount.not_exact"),
        (7, "amount.not_exact"),
        (Decimal("NaN"), "amount.not_finite"),
        (Decimal("-Infinity"), "amount.not_finite"),
        (Decimal("1E+18"), "amount.digits"),
        (Decimal("1." + "1" * 101), "amount.digits"),
        (Decimal("-1E-101"), "amount.digits"),
    ],
)
@pytest.mark.parametrize("name", ["gross", "retained", "released", "work", "stored", "quantity"])
def test_line_takes_exact_amounts_alone(name: str, amount: Any, code: str) -> None:  # noqa: ANN401 - anything
    """A float, a whole number, a NaN or an amount with far too many digits is refused."""
    with pytest.raises(InvalidDocument) as raised:
        attrs.evolve(_line("1", "1"), **{name: amount})

    assert [(name, code)] == [(each.path, each.code) for each in raised.value.problems]


@pytest.mark.parametrize(
    ("name", "value"),
    [("uom", 5), ("description", None), ("item_type", "contract_item"), ("cost_code", b"05-120")],
)
def test_line_takes_its_types_alone(name: str, value: Any) -> None:  # noqa: ANN401 - anything
    """A number in place of a text, or a text in place of a member of an enumeration, is refused."""
    with pytest.raises(InvalidDocument) as raised:
        attrs.evolve(_line("1", "1"), **{name: value})

    assert [(name, "value.type")] == [(each.path, each.code) for each in raised.value.problems]


@pytest.mark.parametrize(
    ("bend", "path", "code"),
    [
        ({"currency": "dollars"}, "currency", "currency.unknown"),
        ({"currency": "usd"}, "currency", "currency.unknown"),
        ({"currency": None}, "currency", "value.not_text"),
        ({"invoice_id": 5}, "invoice_id", "value.not_text"),
        ({"invoice_id": " "}, "invoice_id", "value.blank"),
        ({"number": "1"}, "number", "value.type"),
        ({"number": 0}, "number", "number.range"),
        ({"number": 2**63}, "number", "number.range"),
        ({"number": 10**5000}, "number", "number.range"),
        ({"billing_date": datetime(2026, 11, 2, tzinfo=UTC)}, "billing_date", "value.type"),
        ({"lines": None}, "lines", "value.type"),
        ({"lines": [_line("1", "1")]}, "lines", "value.type"),
        ({"lines": (_line("1", "1"), {})}, "lines[1]", "value.type"),
        ({"vendor_id": ""}, "vendor_id", "value.blank"),
        ({"lines": (_line("1", "1.005"),)}, "lines[0].gross", "amount.digits"),
        ({"lines": (_line("1", "1", "0.001"),)}, "lines[0].retained", "amount.digits"),
        ({"currency": "JPY", "lines": (_line("1", "1.5"),)}, "lines[0].gross", "amount.digits"),
    ],
)
def test_document_that_cannot_be_booked_is_refused(
    bend: dict[str, Any], path: str, code: str
) -> None:
    """Its ids are texts, its currency is a code, its amounts have the decimals of the currency."""
    with pytest.raises(InvalidDocument) as raised:
        attrs.evolve(DOCUMENT, **bend)

    assert [(path, code)] == [(each.path, each.code) for each in raised.value.problems]


def test_due_of_a_line_is_gross_less_retained_plus_released() -> None:
    """-500.25 + 50 + 100."""
    assert Decimal("-350.25") == DOCUMENT.lines[1].due


def test_totals_are_those_of_the_lines() -> None:
    """20000 - 500.25; 2000 - 50; 100; 19499.75 - 1950 + 100."""
    assert (Decimal("19499.75"), Decimal(1950), Decimal(100), Decimal("17649.75")) == (
        DOCUMENT.gross,
        DOCUMENT.retained,
        DOCUMENT.released,
        DOCUMENT.due,
    )


def test_document_without_lines_is_over_nothing() -> None:
    """Every total is zero."""
    empty = _document()

    assert {Decimal(0)} == {empty.gross, empty.retained, empty.released, empty.due}


def test_digest_differs_with_what_would_be_booked() -> None:
    """With another vendor the digest differs."""
    assert DOCUMENT.digest != attrs.evolve(DOCUMENT, vendor_name="Acme Inc.").digest


def test_digest_does_not_differ_with_attachments() -> None:
    """Only they may change after the sending."""
    attached = attrs.evolve(DOCUMENT, attachments=(Attachment(id="9", filename="a.pdf"),))

    assert (DOCUMENT, DOCUMENT.digest) == (attached, attached.digest)


def test_decimals_get_their_normal_form() -> None:
    """Amounts have the currency's digits, factors no zeros at their end, and zero is one value."""
    line = attrs.evolve(
        _line("1", "20000", "2000.0", "-0.00"),
        quantity=Decimal("43.500"),
        unit_price=Decimal("1E+2"),
    )

    made = _document(line).lines[0]

    assert ["20000.00", "2000.00", "0", "43.5", "100"] == [
        str(each)
        for each in (made.gross, made.retained, made.released, made.quantity, made.unit_price)
    ]
    assert ZERO is made.released is made.work
    assert line == made


@pytest.mark.parametrize(
    ("text", "amount", "factor"),
    [
        ("5", "5.00", "5"),
        ("5.00", "5.00", "5"),
        ("1E+2", "100.00", "100"),
        ("-0", "0", "0"),
        ("0.000", "0", "0"),
    ],
)
def test_decimals_of_a_subclass_become_plain(text: str, amount: str, factor: str) -> None:
    """Equal values have one digest, of whatever class of decimals they are."""

    def make(kind: type[Decimal]) -> ExportDocument:
        value = kind(text)
        line = attrs.evolve(_line("1", "1"), gross=value, tax=value, quantity=value)
        return _document(attrs.evolve(line, unit_price=value))

    made, plain = make(Figure), make(Decimal)
    line = made.lines[0]
    found = (line.gross, line.tax, line.quantity, line.unit_price)

    assert [amount, amount, factor, factor] == list(map(str, found))
    assert {Decimal} == set(map(type, found))
    assert (plain, plain.digest) == (made, made.digest)


def test_a_document_with_the_most_digits_has_a_digest() -> None:
    """A quantity may have 100 decimal places, and a number may be the largest of a BIGINT."""
    line = attrs.evolve(_line("1", "1"), quantity=Decimal("-1." + "1" * 100))
    document = attrs.evolve(_document(line), number=9223372036854775807)

    assert b'"number":9223372036854775807' in document.stored_json
    assert b'"quantity":"-1.' + b"1" * 100 + b'"' in document.stored_json
    assert document.digest.startswith("2:")


def test_lines_in_normal_form_are_the_same_objects() -> None:
    """A line with amounts of other digits is made anew; a yen has no digits."""
    lines = (_line("1", "20000.00"), _line("2", "500.2"))
    document = _document(*lines)

    assert (lines[0], True) == (document.lines[0], lines[0] is document.lines[0])
    assert "500.20" == str(document.lines[1].gross)
    yen = attrs.evolve(document, currency="JPY", lines=(_line("1", "300.00"),))
    assert "300" == str(yen.lines[0].gross)


def test_stored_json_is_canonical_and_has_the_digest() -> None:
    """The digest is the format, and the SHA-256 of the bytes that are stored."""
    attached = attrs.evolve(DOCUMENT, attachments=(Attachment(id="9", filename="a.pdf"),))

    assert attached.stored_json == encode_canonically(DOCUMENT) == DOCUMENT.stored_json
    assert f"2:{DOCUMENT.stored_sha256}" == DOCUMENT.digest
    assert b"attachments" not in attached.stored_json


def test_a_restored_document_has_what_the_store_has() -> None:
    """Its bytes, digest and attachments are those that are given; the rest is computed."""
    file = Attachment(id="9", filename="a.pdf")
    restored = restore_document(
        DOCUMENT, digest="d", stored_json=b"{}", stored_sha256="s", attachments=(file,)
    )
    plain = restore_document(DOCUMENT, digest="")

    assert ("d", b"{}", "s", (file,)) == (
        restored.digest,
        restored.stored_json,
        restored.stored_sha256,
        restored.attachments,
    )
    assert (DOCUMENT, DOCUMENT.digest) == (plain, plain.digest)
    assert DOCUMENT.digest != restored.digest


def test_the_lines_of_a_stored_document_are_read_at_their_first_use() -> None:
    """They are read once; until then the other fields are there, and no further name."""
    document = _document(_line("1", "100.00"))
    read: list[str] = []

    def read_lines() -> tuple[ExportLine, ...]:
        read.append("lines")
        return document.lines

    stored = restore_document(
        attrs.evolve(document, lines=()), digest=document.digest, read_lines=read_lines
    )

    assert ("Acme", document.digest) == (stored.vendor_name, stored.digest)
    with pytest.raises(AttributeError, match="other"):
        _ = stored.other  # type: ignore[attr-defined] # no field has this name
    assert [] == read
    assert Decimal("100.00") == stored.due
    assert document == stored
    assert ["lines"] == read


def test_other_attachments_leave_the_rest_of_a_document() -> None:
    """The digest, the bytes and known totals stay, and no line is read."""
    files = (Attachment(id="9", filename="a.pdf"),)
    totals = {"gross": Decimal(7), "retained": Decimal(1)}
    stored = restore_document(
        DOCUMENT,
        digest=DOCUMENT.digest,
        stored_json=DOCUMENT.stored_json,
        stored_sha256=DOCUMENT.stored_sha256,
        totals=totals,
        read_lines=lambda: DOCUMENT.lines,
    )

    changed = replace_attachments(stored, files)

    assert (files, stored.digest, stored.stored_json) == (
        changed.attachments,
        changed.digest,
        changed.stored_json,
    )
    assert (Decimal(7), Decimal(1)) == (changed.gross, changed.retained)
    assert has_unread_lines(changed)
    assert Decimal(100) == changed.released
    assert not has_unread_lines(changed)
    assert DOCUMENT == changed

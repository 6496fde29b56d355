"""The queue's values are converted to and from plain data."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs
import cattrs.converters
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp_invoice_core.canonical import InvalidData
from erp_invoice_core.documents import (
    CostCode,
    Difference,
    ExportDocument,
    ExportLine,
    Hold,
    Lease,
    QueueEntry,
    Receipt,
)
from erp_invoice_core.events import AuditEvent
from erp_invoice_core.testing import strategies
from erp_invoice_core.vocabulary import Action, Blocks, ExportStatus, ItemType
from erp_invoice_core.wire import converter
from erp_invoice_core.wire.converter import (
    dump,
    load,
    pack,
    prepare,
    remove_lines,
    unpack,
    unpack_document,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

AT = datetime(2026, 10, 31, 12, 30, 15, 250, tzinfo=UTC)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
LINE = ExportLine(item_id="1", item_type=ItemType.CONTRACT_ITEM, line_item_id="2")


def _build_figure(amount: str) -> Difference:
    return Difference(name="current_payment_due", computed=Decimal(amount), stated=Decimal(1))


@pytest.fixture
def only_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a converter to which nothing can be added after the preparation for entries."""
    monkeypatch.setattr(converter, "_CONVERTER", vars(converter)["_build_converter"]())
    prepare(QueueEntry, AuditEvent)

    def refuse(kind: type, *_: object, **__: object) -> None:
        raise AssertionError(kind)

    monkeypatch.setattr(cattrs.converters, "make_dict_structure_fn", refuse)


@pytest.mark.usefixtures("only_prepared")
@FEW
@given(entry=strategies.entries(), event=strategies.events())
def test_a_reader_builds_nothing_first(entry: QueueEntry, event: AuditEvent) -> None:
    """The slow part of the first reading is prepared before, because a reader may hold a lock."""
    assert entry == unpack(pack(entry), QueueEntry)
    assert event == unpack(pack(event), AuditEvent)


@pytest.mark.parametrize(
    "values",
    [
        strategies.calls(),
        strategies.denials(),
        strategies.entries(),
        strategies.events(),
        strategies.export_documents(),
        strategies.holdings(),
        strategies.invoices(),
        strategies.projects(),
        strategies.receipts(),
        strategies.steps(),
        strategies.vendors(),
    ],
    ids=str,
)
@FEW
@given(data=st.data())
def test_values_come_back_as_they_were(
    values: st.SearchStrategy[object], data: st.DataObject
) -> None:
    """A packed value is unpacked as an equal value, and packed again as the same bytes."""
    value = data.draw(values)
    packed = pack(value)

    again = unpack(packed, type(value))

    assert value == again
    assert packed == pack(again)


def test_plain_data_is_what_json_has() -> None:
    """A lease is dumped as a dict of text and numbers, its moment in ISO 8601."""
    lease = Lease(holder="w", fencing=3, until=AT)

    assert {
        "holder": "w",
        "fencing": 3,
        "until": "2026-10-31T12:30:15.000250+00:00",
    } == dump(lease)
    assert b'{"fencing":3,"holder":"w","until":"2026-10-31T12:30:15.000250+00:00"}' == pack(lease)


def test_words_are_their_values() -> None:
    """Enumerations are written as their values."""
    hold = Hold(code="lien_waiver", message="M", blocks=Blocks.ACCEPT, released_by="AP")

    assert b'{"blocks":"accept","code":"lien_waiver","message":"M","released_by":"AP"}' == pack(
        hold
    )


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1.50", '"1.50"'),
        ("-0.01", '"-0.01"'),
        ("1E+3", '"1000"'),
        ("999999999999999999999999.99", '"999999999999999999999999.99"'),
        ("0.00000000000000000001", '"0.00000000000000000001"'),
    ],
)
def test_amounts_are_plain_decimals(amount: str, text: str) -> None:
    """An amount is written without exponent, exactly, and read back whatever its size."""
    packed = pack(_build_figure(amount))

    assert f'"computed":{text}' in packed.decode()
    assert Decimal(amount) == unpack(packed, Difference).computed


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1E+200"])
def test_what_is_no_amount_is_not_packed(amount: str) -> None:
    """A NaN, an infinity or an amount that is far too large is refused before it is stored."""
    with pytest.raises(InvalidData, match="cannot be stored as an amount"):
        pack(_build_figure(amount))


def test_a_document_of_an_earlier_version_is_read_without_later_checks() -> None:
    """A line whose amount no current document could have is read as it was stored."""
    stored = pack(attrs.evolve(LINE, gross=Decimal(1))).replace(b'"gross":"1"', b'"gross":"1.005"')
    document = {
        "invoice_id": "5000",
        "company_id": "1",
        "currency": "dollars",
        "project_id": "10",
        "job_origin_id": None,
        "vendor_id": "7",
        "vendor_name": "Acme",
        "vendor_origin_id": None,
        "commitment_id": "100",
        "commitment_kind": "subcontract",
        "commitment_number": "SC-1",
        "commitment_origin_id": None,
        "number": 1,
        "lines": [json.loads(stored)],
    }

    read = load(document, ExportDocument)

    assert (Decimal("1.005"), "dollars", "") == (read.gross, read.currency, read.job_name)
    assert document["lines"] == [json.loads(pack(line)) for line in read.lines]


def test_a_document_without_an_id_is_not_read() -> None:
    """A field without a default must be there."""
    with pytest.raises(InvalidData, match="It has no item_type"):
        load({"item_id": "1"}, ExportLine)


def test_a_moment_without_offset_is_not_packed() -> None:
    """A moment without an offset is refused before it is stored."""
    with pytest.raises(InvalidData, match="with its offset"):
        pack(Lease(holder="w", fencing=1, until=AT.replace(tzinfo=None)))


def test_moments_come_back_in_utc() -> None:
    """A moment with another offset is read back as the same moment."""
    local = AT.astimezone(timezone(timedelta(hours=-7)))

    again = unpack(pack(Lease(holder="w", fencing=1, until=local)), Lease)

    assert AT == again.until
    assert timedelta(0) == again.until.utcoffset()


def test_days_are_iso_dates() -> None:
    """A day is written as in 2026-10-31, and read as a day."""
    invoice_day = date(2026, 10, 31)
    document = _document(billing_date=invoice_day)
    packed = pack(document)

    assert b'"billing_date":"2026-10-31"' in packed
    assert invoice_day == unpack(packed, ExportDocument).billing_date


def _document(billing_date: date) -> ExportDocument:
    return ExportDocument(
        invoice_id="1",
        company_id="1",
        currency="USD",
        project_id="1",
        job_origin_id=None,
        vendor_id="1",
        vendor_name="V",
        vendor_origin_id=None,
        commitment_id="1",
        commitment_kind="subcontract",
        commitment_number="1",
        commitment_origin_id=None,
        number=1,
        lines=(),
        billing_date=billing_date,
    )


@pytest.mark.parametrize("text", ["\x00", "\udcff", "\u2028", '"\\', "\U0001f9fe", "<!--"])
def test_any_text_comes_back(text: str) -> None:
    """Any character, a lone surrogate included, is read back unchanged."""
    code = CostCode(full_code=text, origin_id=None)

    assert code == unpack(pack(code), CostCode)


LEASE = {"holder": "w", "fencing": 1, "until": "2026-10-31T12:00:00+00:00"}


@pytest.mark.parametrize(
    "change",
    [
        {"holder": 5},
        {"holder": None},
        {"holder": ["w"]},
        {"fencing": "1"},
        {"fencing": 1.0},
        {"fencing": True},
        {"until": "2026-10-31T12:00:00"},
        {"until": "yesterday"},
        {"until": 5},
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused(change: Mapping[str, object]) -> None:
    """A number is not read as a text, nor a truth value as a number."""
    with pytest.raises(InvalidData):
        load({**LEASE, **change}, Lease)


@pytest.mark.parametrize(
    "amount", [1.5, 15, True, "1e3", "NaN", "+1", " 1", "1.", ".5", "", "\uff11"]
)
def test_what_is_no_decimal_text_is_refused(amount: object) -> None:
    """A float, a number, an exponent or a plus sign is refused."""
    with pytest.raises(InvalidData):
        load({**dump(LINE), "gross": amount}, ExportLine)


def test_an_unknown_word_is_refused() -> None:
    """A word that is not in the closed list is refused."""
    with pytest.raises(InvalidData):
        load({**dump(QueueEntry(id="1")), "status": "nearly_synced"}, QueueEntry)


def test_a_missing_field_is_refused() -> None:
    """A value without a required field is refused."""
    with pytest.raises(InvalidData):
        load({"holder": "w", "fencing": 1}, Lease)


def test_a_value_that_its_type_refuses_is_refused() -> None:
    """The checks of a type apply: a receipt without an ERP id is refused."""
    with pytest.raises(InvalidData):
        load({"step": "bill", "erp_id": " "}, Receipt)


def test_fields_of_later_versions_are_passed_over() -> None:
    """A field that this version does not know does not stop the rest from being read."""
    lease = load({**LEASE, "colour": "red"}, Lease)

    assert "w" == lease.holder


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"1" * 5000, b"[" * 100_000, b'{"id":1}'],
    ids=lambda data: repr(data[:4]),
)
def test_bytes_of_something_else_are_refused(data: bytes) -> None:
    """Bytes that are not an entry raise one kind of error, however damaged they are."""
    with pytest.raises(InvalidData):
        unpack(data, QueueEntry)


def test_events_are_read_by_their_words() -> None:
    """An event written by hand is read with its stored words."""
    data = (
        b'{"entry_id":"5000","seq":1,"at":"2026-10-31T12:30:15.000250+00:00","actor":"pm",'
        b'"action":"send","before":"not_sent","after":"ready","version":1}'
    )

    assert unpack(data, AuditEvent) == AuditEvent(
        entry_id="5000",
        seq=1,
        at=AT,
        actor="pm",
        action=Action.SEND,
        before=ExportStatus.NOT_SENT,
        after=ExportStatus.READY,
        version=1,
    )


_NASTY = st.sampled_from(['"lines":[', '],"number":7', '\\"lines\\":[{}],"number":', "lines", ""])


@FEW
@given(document=strategies.export_documents(), title=_NASTY, vendor=_NASTY, description=_NASTY)
def test_the_lines_of_a_stored_document_are_removed(
    document: ExportDocument, title: str, vendor: str, description: str
) -> None:
    """The rest is the same document without lines, for any text in it."""
    lines = tuple(attrs.evolve(line, description=description) for line in document.lines)
    document = attrs.evolve(document, commitment_title=title, vendor_name=vendor, lines=lines)

    rest = remove_lines(document.stored_json)

    assert rest is not None
    assert attrs.evolve(document, lines=()) == unpack_document(rest)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"lines":[1]}', b'{"a":[],"number":1,"lines":[]}'])
def test_lines_that_are_not_found_are_not_removed(data: bytes) -> None:
    """Then the whole document is read."""
    assert remove_lines(data) is None


@pytest.mark.parametrize(
    ("kind", "plain", "value"),
    [
        (Decimal | None, "1.50", Decimal("1.50")),
        (Decimal | None, None, None),
        (tuple[str, ...], ["a"], ("a",)),
        (frozenset[ItemType], ["contract_item"], frozenset({ItemType.CONTRACT_ITEM})),
    ],
)
def test_the_reader_of_a_type_reads_its_plain_values(
    kind: object, plain: object, value: object
) -> None:
    """It is found once, so that many values of a type are read without a search."""
    assert value == converter.find_reader(kind)(plain)
    assert converter.find_reader(kind) is converter.find_reader(kind)

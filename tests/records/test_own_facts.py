"""The own facts of an invoice are written as text, and read back without its lines."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given

from erp_invoice_core.canonical import InvalidData
from erp_invoice_core.documents import Attachment, has_unread_lines, replace_attachments
from erp_invoice_core.records.own_facts import OwnInvoiceFacts, decode_own_facts
from erp_invoice_core.records.siblings import NO_SIBLINGS
from erp_invoice_core.rules import Case
from erp_invoice_core.stores import blobs
from erp_invoice_core.stores.cache import Recent
from erp_invoice_core.testing.strategies import dossiers
from erp_invoice_core.wire.procore import read_file
from tests.records.test_table import EXAMPLE

if TYPE_CHECKING:
    from erp_invoice_core.testing.strategies.dossiers import Dossier


def compute(it: Dossier) -> OwnInvoiceFacts:
    """Return the own facts of an invoice with its records."""
    return OwnInvoiceFacts.of(
        it.invoice,
        it.commitment,
        vendor=it.vendor,
        project=it.project,
        company_id=it.company_id,
        previous=it.siblings[-1] if it.siblings else None,
    )


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> OwnInvoiceFacts:
    """Return the facts of the example; no document was read before."""
    monkeypatch.setattr(blobs, "_READ", Recent(8_000_000))
    reading = read_file(json.dumps(EXAMPLE).encode())
    return OwnInvoiceFacts.of(
        reading.requisitions[0].value,
        reading.commitments[0].value,
        vendor=reading.vendors[0].value,
        project=reading.projects[0].value,
        company_id="1",
        previous=None,
    )


@given(dossiers())
def test_the_text_reads_back_as_the_same_facts(it: Dossier) -> None:
    """Every fact with every digit, and the document with its bytes, digest and attachments."""
    facts = compute(it)

    read = decode_own_facts(*facts.encode())

    assert facts == read
    for field in attrs.fields(Case):
        if field.name not in {"document", "fields", "uses"}:  # these two have no order
            assert repr(getattr(facts.case, field.name)) == repr(getattr(read.case, field.name))
    document, again = facts.case.document, read.case.document
    if document is not None and again is not None:
        assert (document.stored_json, document.digest, document.attachments) == (
            again.stored_json,
            again.digest,
            again.attachments,
        )


@given(dossiers())
def test_own_facts_and_those_of_other_invoices_are_all_facts(it: Dossier) -> None:
    """The completed case is that which the documents give at once."""
    known = Case.of(
        it.invoice,
        it.commitment,
        vendor=it.vendor,
        project=it.project,
        company_id=it.company_id,
        previous=it.siblings[-1] if it.siblings else None,
        siblings=(),
    )

    assert known == compute(it).complete(NO_SIBLINGS, ())


def test_the_lines_are_not_read(example: OwnInvoiceFacts) -> None:
    """The document has its header, its attachments and its bytes at hand."""
    read = decode_own_facts(*example.encode()).case.document

    assert read is not None
    assert ("Acme Steel", "lien-waiver.pdf") == (read.vendor_name, read.attachments[0].filename)
    assert (Decimal(21000), Decimal(2100), Decimal(0)) == (read.gross, read.retained, read.released)
    assert Decimal(21000) == replace_attachments(read, ()).gross
    assert has_unread_lines(read)
    assert Decimal(18900) == read.due
    assert not has_unread_lines(read)


def test_an_invoice_without_a_document_has_its_facts(example: OwnInvoiceFacts) -> None:
    """The retainage of the period is not known, so that there is no document to send."""
    facts = attrs.evolve(example, case=attrs.evolve(example.case, document=None))

    body, document = facts.encode()

    assert document is None
    assert facts == decode_own_facts(body, document)


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ('"case":{', '"case":{"unknown":1,'),
        ('"case":{', '"case":{"currency":"dollars","x":{'),
        ('"fields":{', '"fields":{"x":1,'),
        ('"invoice":{', '"invoice":{"x":'),
        ('"vendor_id"', '"vendor"'),
        ('"document_sha256":"', '"document_sha256":"0'),
        ('"totals":{', '"totals":{"gross":1.5,"x":{'),
    ],
)
def test_an_edited_text_is_not_read(example: OwnInvoiceFacts, part: str, other: str) -> None:
    """A field is unknown or missing, a value is not valid, or the document is another one."""
    body, document = example.encode()
    assert part in body

    with pytest.raises(InvalidData):
        decode_own_facts(body.replace(part, other), document)


def test_a_lost_or_edited_document_is_not_read(example: OwnInvoiceFacts) -> None:
    """The facts name the digest of its bytes."""
    body, document = example.encode()
    assert document is not None

    for given_document in (None, document.replace("Acme Steel", "Acme Wood!")):
        with pytest.raises(InvalidData, match="missing, or differs"):
            decode_own_facts(body, given_document)


def test_what_no_database_stores_is_not_written(example: OwnInvoiceFacts) -> None:
    """An amount with too many digits, or half a surrogate pair."""
    long = attrs.evolve(example, case=attrs.evolve(example.case, gross=Decimal("1E+200")))
    with pytest.raises(InvalidData):
        long.encode()
    files = (Attachment(id="1", filename="\ud800.pdf"),)
    assert example.case.document is not None
    document = attrs.evolve(example.case.document, vendor_name="\ud800", attachments=files)
    odd = attrs.evolve(example, case=attrs.evolve(example.case, document=document))
    with pytest.raises(UnicodeError):
        odd.encode()

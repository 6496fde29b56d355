"""The document as sent: its totals, and a digest of what would be booked."""

from __future__ import annotations

from decimal import Decimal

import attrs

from erp_invoice_core.documents import Attachment, ExportDocument, ExportLine
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


DOCUMENT = _document(_line("1", "20000", "2000"), _line("2", "-500.25", "-50", "100"))


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
    """Another vendor is another digest."""
    assert DOCUMENT.digest != attrs.evolve(DOCUMENT, vendor_name="Acme Inc.").digest


def test_digest_does_not_differ_with_attachments() -> None:
    """They alone may change after the sending."""
    attached = attrs.evolve(DOCUMENT, attachments=(Attachment(id="9", filename="a.pdf"),))

    assert (DOCUMENT, DOCUMENT.digest) == (attached, attached.digest)

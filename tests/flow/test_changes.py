"""What has changed in a document since it was sent is said with both values."""

from __future__ import annotations

from decimal import Decimal

import attrs

from erp_invoice_core.documents import Attachment
from erp_invoice_core.flow.changes import changes

from .samples import DOCUMENT

LINE = DOCUMENT.lines[0]


def test_nothing_changes_in_the_same_document() -> None:
    """Another attachment, or other zeros after the point, is no change."""
    same = attrs.evolve(
        DOCUMENT,
        attachments=(Attachment(id="1", filename="a.pdf"),),
        lines=(attrs.evolve(LINE, gross=Decimal("20000.00")),),
    )

    assert () == changes(DOCUMENT, same)


def test_what_is_not_there_has_not_changed() -> None:
    """Before the sending, and where the host supplies no document, nothing can be compared."""
    assert () == changes(None, DOCUMENT)
    assert () == changes(DOCUMENT, None)


def test_changed_fields_are_named_with_both_values() -> None:
    """Of fields that were blank it is said that there was none."""
    now = attrs.evolve(DOCUMENT, vendor_name="Acme Inc.", period_id="3")

    assert (
        "vendor name (Acme Steel when sent, Acme Inc. now)",
        "period id (none when sent, 3 now)",
    ) == changes(DOCUMENT, now)


def test_changed_lines_are_named_by_their_totals() -> None:
    """The totals that differ, each in its currency."""
    now = attrs.evolve(DOCUMENT, lines=(attrs.evolve(LINE, gross=Decimal(21000)),))

    assert ("gross (20000.00 USD when sent, 21000.00 USD now)",) == changes(DOCUMENT, now)


def test_changed_lines_of_the_same_totals_are_named() -> None:
    """Another cost code changes no total."""
    now = attrs.evolve(DOCUMENT, lines=(attrs.evolve(LINE, cost_code="05-121"),))

    assert ("the lines",) == changes(DOCUMENT, now)

"""The summary that a requisition states itself."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp_invoice_core.documents import Invoice, StatedSummary
from erp_invoice_core.vocabulary import InvoiceStatus
from erp_invoice_core.wire.procore.fields import Report, Scope
from erp_invoice_core.wire.procore.summary import dump_stated, read_compared

BARE = Invoice(
    id="5000",
    number=1,
    project_id="10",
    commitment_id="100",
    currency="USD",
    status=InvoiceStatus.APPROVED,
)


@pytest.mark.parametrize("absent", [None, ""])
def test_a_figure_that_is_absent_is_compared_without_a_word(absent: object) -> None:
    """An empty text counts as absent."""
    report = Report()
    assert read_compared(Scope({"total_retainage": absent}, "", report), "total_retainage") is None
    assert [] == report.warnings


def test_a_summary_is_kept_where_something_is_stated() -> None:
    """An empty summary is not stored."""
    assert {} == dump_stated(BARE)
    stated = StatedSummary(total_retainage=Decimal("2100.00"))
    invoice = Invoice(
        id="5000",
        number=1,
        project_id="10",
        commitment_id="100",
        currency="USD",
        status=InvoiceStatus.APPROVED,
        stated=stated,
        tax_applicable=Decimal("0.50"),
    )
    kept = {"tax_applicable_to_this_payment": "0.5", "total_retainage": "2100"}
    assert {"summary": kept} == dump_stated(invoice)

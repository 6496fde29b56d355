"""The file of invoices that the benchmarks load."""

from __future__ import annotations

import json
from decimal import Decimal

from benchmarks.procore_file import build_file
from erp_invoice_core.billing import build_g702, list_notices
from erp_invoice_core.wire.procore import Source, read_files


def test_a_file_has_no_problems() -> None:
    """Each commitment has its invoices in sequence, and each invoice its lines."""
    data = json.dumps(build_file(range(7), lines=3, siblings=5)).encode()
    reading = read_files([Source(data=data, name="invoices.json", kind=None)], max_size=len(data))
    assert (list(reading.problems), list(reading.warnings)) == ([], [])
    invoices = {each.id: each.value for each in reading.requisitions}
    assert [invoice.number for invoice in invoices.values()] == [1, 2, 3, 4, 5, 1, 2]
    assert {len(invoice.items) for invoice in invoices.values()} == {3}
    assert len(reading.commitments) == 2
    # Lines of 1000.00, 1003.70 and 1007.40 in each of five periods; a tenth is retained.
    summary = build_g702(invoices["4"], invoices["3"])
    assert summary.contract_sum_to_date == Decimal("15055.50")
    assert summary.total_completed_and_stored_to_date == Decimal("15055.50")
    assert summary.current_payment_due == Decimal("2709.99")
    assert list_notices(invoices["4"], invoices["3"]) == ()

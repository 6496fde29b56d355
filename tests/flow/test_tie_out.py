"""Reconciled invoices are added up per connection, commitment, vendor and currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erp_invoice_core.flow.amounts import UNKNOWN_AMOUNTS, Amounts
from erp_invoice_core.flow.reconcile import Reconciliation
from erp_invoice_core.flow.tie_out import tie_out
from erp_invoice_core.verdict import Denial, Notice, Source, Verdict

DRIFT = Verdict((), (Notice("erp.drift", "Differs.", Source.ERP),))
PAYMENT = Verdict((), (Notice("erp.payment", "Paid.", Source.ERP),))
DENIED = Verdict((Denial("permission.reconcile", "No.", Source.PERMISSION),))


def _build(invoice: str, billed: int, there: int, **more: Any) -> Reconciliation:  # noqa: ANN401 - its fields
    given: dict[str, Any] = {
        "connection": "erp",
        "commitment_id": "100",
        "commitment_number": "SC-001",
        "vendor_id": "7",
        "vendor_name": "Acme",
        "currency": "USD",
        "ours": _amounts(billed),
        "in_erp": _amounts(there),
    }
    return Reconciliation(id=invoice, **{**given, **more})


def _amounts(billed: int, paid: int = 0) -> Amounts:
    return Amounts(
        billed=Decimal(billed),
        retained=Decimal(billed) / 10,
        released=Decimal(0),
        due=Decimal(billed) * 9 / 10,
        tax=Decimal(0),
        paid=Decimal(paid),
    )


def test_invoices_of_a_commitment_are_added() -> None:
    """Two invoices of one commitment are one row, with the difference of both sides."""
    rows = tie_out([_build("1", 100, 100, verdict=PAYMENT), _build("2", 50, 40, verdict=DRIFT)])

    (row,) = rows
    assert ("erp", "SC-001", "Acme", "USD") == (
        row.connection,
        row.commitment_number,
        row.vendor_name,
        row.currency,
    )
    assert (2, 1, 0) == (row.invoices, row.differing, row.unread)
    assert (_amounts(150), _amounts(140)) == (row.ours, row.in_erp)
    assert _amounts(-10) == row.difference
    assert Decimal(-1) == row.difference.open_retainage


def test_rows_are_ordered_by_what_a_reader_looks_for() -> None:
    """Connection, commitment, vendor and currency each make a row of their own."""
    rows = tie_out(
        [
            _build("1", 1, 1, commitment_id="101", commitment_number="SC-002"),
            _build("2", 2, 2, connection="other"),
            _build("3", 3, 3, currency="CAD"),
            _build("4", 4, 4, vendor_id="8", vendor_name="Zeta"),
            _build("5", 5, 5),
            _build("6", 6, 6, commitment_id=None, commitment_number=None),
        ]
    )

    assert [6, 3, 5, 4, 1, 2] == [int(row.ours.billed or 0) for row in rows]


def test_unread_invoice_leaves_the_total_unknown() -> None:
    """A total without one of its documents is no total."""
    unread = _build("2", 50, 0, in_erp=UNKNOWN_AMOUNTS, unread="The ERP was down.")

    (row,) = tie_out([_build("1", 100, 100), unread])

    assert (2, 1) == (row.invoices, row.unread)
    assert (_amounts(150), UNKNOWN_AMOUNTS, UNKNOWN_AMOUNTS) == (
        row.ours,
        row.in_erp,
        row.difference,
    )


def test_denied_invoice_has_no_row() -> None:
    """Its amounts are not for this person."""
    assert () == tie_out([_build("1", 100, 100, verdict=DENIED)])

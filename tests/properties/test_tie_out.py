"""Laws of the tie-out: its totals are the sums of its invoices, however they are ordered."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core import Amounts, Reconciliation, tie_out

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = ("billed", "retained", "released", "due", "tax", "paid")
_MONEY = st.none() | st.decimals("-1e6", "1e6", places=2)
AMOUNTS = st.builds(Amounts, **dict.fromkeys(NAMES, _MONEY))
ROWS = st.lists(
    st.builds(
        Reconciliation,
        id=st.sampled_from(["1", "2"]),
        connection=st.sampled_from(["erp", "other"]),
        commitment_id=st.sampled_from(["100", "101", None]),
        vendor_id=st.sampled_from(["7", "8"]),
        currency=st.sampled_from(["USD", "CAD"]),
        unread=st.none() | st.just("Time-out."),
        ours=AMOUNTS,
        in_erp=AMOUNTS,
    )
)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return a sum, or ``None`` if a part is not known: the law by other words."""
    parts = list(amounts)
    return None if None in parts else sum((each for each in parts if each), Decimal(0))


@given(ROWS)
def test_totals_are_the_sums_of_the_invoices(rows: list[Reconciliation]) -> None:
    """Each invoice counts in exactly one row, and each amount is the sum of theirs."""
    totals = tie_out(rows)

    assert len(rows) == sum(total.invoices for total in totals)
    for total in totals:
        key = (total.connection, total.commitment_id, total.vendor_id, total.currency)
        mine = [
            row
            for row in rows
            if key == (row.connection, row.commitment_id, row.vendor_id, row.currency)
        ]
        assert len(mine) == total.invoices
        assert sum(row.unread is not None for row in mine) == total.unread
        for name in NAMES:
            assert _sum(getattr(row.ours, name) for row in mine) == getattr(total.ours, name)
            assert _sum(getattr(row.in_erp, name) for row in mine) == getattr(total.in_erp, name)


@given(ROWS)
def test_order_of_the_invoices_is_no_matter(rows: list[Reconciliation]) -> None:
    """The same invoices in another order have the same totals, in the same order."""
    assert tie_out(rows) == tie_out(reversed(rows))


@given(ROWS)
def test_difference_makes_up_for_ours(rows: list[Reconciliation]) -> None:
    """The ERP's amount less the difference is ours, wherever both sides are known."""
    for total in tie_out(rows):
        for name in (*NAMES, "open_retainage"):
            ours, there = getattr(total.ours, name), getattr(total.in_erp, name)
            difference = getattr(total.difference, name)
            if ours is None or there is None:
                assert difference is None
            elif difference is not None:
                assert ours == there - difference

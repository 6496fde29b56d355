"""
The tie-out: totals per commitment and vendor, ours against the ERP's.

Accountants compare these totals at month end, to find invoices that are missing, changed or paid in
another way in the ERP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..values import Value
from .amounts import NOTHING, Amounts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .reconcile import Reconciliation


@attrs.frozen(kw_only=True, eq=False, repr=False)
class TieOut(Value):
    """
    The totals of synced invoices with the same ERP connection, commitment, vendor and currency.

    Attributes:
        connection: The ERP connection.
        commitment_number: The number of the commitment. It is ``None``, and so are its id, the
            vendor and the currency, for invoices that another system exported and of which the
            host does not supply the document.
        invoices: The number of invoices.
        differing: The number of those that differ in the ERP, or are not there.
        unread: The number of those of which a document or a payment could not be read.
        ours: The amounts of the invoices as they were sent, and the payments that the host knows.
        in_erp: The amounts in the ERP; a document that is gone has none.
    """

    connection: str | None
    commitment_id: str | None
    commitment_number: str | None
    vendor_id: str | None
    vendor_name: str | None
    currency: str | None
    invoices: int = 0
    differing: int = 0
    unread: int = 0
    ours: Amounts = NOTHING
    in_erp: Amounts = NOTHING

    @property
    def difference(self) -> Amounts:
        """The amounts of the ERP less ours."""
        return self.in_erp.subtract(self.ours)


class Totals:
    """
    Adds invoices up to a tie-out, one after another.

    It holds one row for each connection, commitment, vendor and currency, however many invoices are
    added.
    """

    def __init__(self) -> None:
        """Begin without invoices."""
        self._rows: dict[tuple[str | None, ...], TieOut] = {}

    def add(self, seen: Reconciliation) -> None:
        """
        Add a reconciled invoice to its row.

        An invoice whose verdict is denied has no amounts and is left out.
        """
        if not seen.verdict.allowed:
            return
        key = (seen.connection, seen.commitment_id, seen.vendor_id, seen.currency)
        row = self._rows.get(key) or TieOut(
            connection=seen.connection,
            commitment_id=seen.commitment_id,
            commitment_number=seen.commitment_number,
            vendor_id=seen.vendor_id,
            vendor_name=seen.vendor_name,
            currency=seen.currency,
        )
        self._rows[key] = attrs.evolve(
            row,
            invoices=row.invoices + 1,
            differing=row.differing + seen.differs,
            unread=row.unread + (seen.unread is not None),
            ours=row.ours.add(seen.ours),
            in_erp=row.in_erp.add(seen.in_erp),
        )

    def build(self) -> tuple[TieOut, ...]:
        """Return the rows, ordered by connection, commitment, vendor and currency."""
        return tuple(sorted(self._rows.values(), key=_order))


def tie_out(seen: Iterable[Reconciliation]) -> tuple[TieOut, ...]:
    """Return the totals of reconciled invoices per connection, commitment, vendor and currency."""
    totals = Totals()
    for each in seen:
        totals.add(each)
    return totals.build()


def _order(row: TieOut) -> tuple[str, ...]:
    texts = (
        row.connection,
        row.commitment_number,
        row.commitment_id,
        row.vendor_name,
        row.vendor_id,
        row.currency,
    )
    return tuple(text or "" for text in texts)

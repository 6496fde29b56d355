"""Line 7, less previous certificates: where it comes from, and whether the columns agree."""

from __future__ import annotations

from decimal import Decimal, localcontext
from enum import Enum
from typing import TYPE_CHECKING

from ..money import ZERO, plain
from ..verdict import Notice, Source
from .columns import AGREEMENT, EXACT, previous_retainage, previous_total, retainage, total
from .period import period

if TYPE_CHECKING:
    from ..documents import Invoice


class PreviousFrom(Enum):
    """Where line 7, less previous certificates, comes from."""

    INVOICE = "previous_invoice"  #: Line 6 of the previous invoice.
    FIRST = "first_invoice"  #: There is none before the first invoice.
    DERIVED = "own_columns"  #: Derived from the invoice's own columns.
    UNKNOWN = "unknown"  #: It cannot be told.


def earned(invoice: Invoice) -> Decimal:
    """Return line 6."""
    return sum((total(item) - retainage(item) for item in invoice.items), ZERO)


def _derived(invoice: Invoice) -> Decimal | None:
    """Return line 7 from the invoice's own columns."""
    certified = ZERO
    for item in invoice.items:
        held = previous_retainage(item)
        if held is None:
            return None
        certified += previous_total(item) - held
    return certified


def certificates(invoice: Invoice, previous: Invoice | None) -> tuple[Decimal | None, PreviousFrom]:
    """Return line 7, and where it comes from."""
    if previous is not None:
        return earned(previous), PreviousFrom.INVOICE
    if invoice.number == 1 and invoice.previous_id is None:
        return ZERO, PreviousFrom.FIRST
    derived = _derived(invoice)
    return derived, PreviousFrom.UNKNOWN if derived is None else PreviousFrom.DERIVED


def line_8(invoice: Invoice, previous: Invoice | None = None) -> Decimal | None:
    """Return what is due by the previous certificates; ``None`` where these cannot be told."""
    with localcontext(EXACT):
        certified, _ = certificates(invoice, previous)
        return None if certified is None else earned(invoice) - certified


def notices(invoice: Invoice, previous: Invoice | None = None) -> tuple[Notice, ...]:
    """Return what is to be said beside the G702: certificates that differ or are unknown."""
    due = period(invoice).total.due
    expected = line_8(invoice, previous)
    if due is None or expected is None:
        sentence = "Give the retainage on new materials: without it nobody can tell what was certified before."
        return (Notice("billing.previous_unknown", sentence, Source.CONDITION),)
    with localcontext(EXACT):
        agrees = abs(due - expected) < AGREEMENT
    if agrees:
        return ()
    facts = {"due": plain(due, invoice.currency), "line_8": plain(expected, invoice.currency)}
    sentence = (
        f"Compare with the previous invoice: {facts['due']} is due by the invoice's own columns, "
        f"{facts['line_8']} by the previous certificates."
    )
    return (Notice("billing.previous_differs", sentence, Source.CONDITION, facts),)

"""Previous certificates (line 7 of the G702): their source, and notices about them."""

from __future__ import annotations

from decimal import Decimal, localcontext
from enum import Enum
from typing import TYPE_CHECKING

from ..message_template import MessageKind, MessageTemplate
from ..money import ZERO, format_amount
from .columns import (
    AGREEMENT,
    EXACT,
    compute_previous_earned,
    compute_retainage,
    compute_total,
)
from .period import compute_period

if TYPE_CHECKING:
    from ..documents import Invoice
    from ..verdict import Notice
    from .period import Period


_UNKNOWN = MessageTemplate(
    "billing.previous_unknown",
    "The amounts certified before are not known, as the invoice does not state its retainage on new"
    " materials. Have the host application supply this retainage, or the previous invoice.",
    kind=MessageKind.NOTICE,
)
_DIFFERS = MessageTemplate(
    "billing.previous_differs",
    "The amount due for this period is {due} by the columns of the invoice, but the total earned"
    " less the amounts certified before is {line_8} (line 8 of the G702). Compare the invoice with"
    " the previous one.",
    kind=MessageKind.NOTICE,
)


class PreviousFrom(Enum):
    """The source of line 7 of the G702, the amounts of earlier certificates."""

    INVOICE = "previous_invoice"  #: Line 6 of the previous invoice.
    FIRST = "first_invoice"  #: Zero, as it is the first invoice.
    DERIVED = "own_columns"  #: Derived from the invoice's own columns.
    UNKNOWN = "unknown"  #: Not known.


def compute_earned(invoice: Invoice) -> Decimal:
    """Return line 6 of the G702, total earned less retainage."""
    return sum((compute_total(item) - compute_retainage(item) for item in invoice.items), ZERO)


def _derive_certificates(invoice: Invoice) -> Decimal | None:
    """Return line 7 from the invoice's own columns; ``None`` if they do not determine it."""
    certified = ZERO
    for item in invoice.items:
        earned = compute_previous_earned(item)
        if earned is None:
            return None
        certified += earned
    return certified


def find_certificates(
    invoice: Invoice, previous: Invoice | None
) -> tuple[Decimal | None, PreviousFrom]:
    """Return (line 7 of the G702, its source); the line is ``None`` if it cannot be determined."""
    if previous is not None:
        return compute_earned(previous), PreviousFrom.INVOICE
    if invoice.number == 1 and invoice.previous_id is None:
        return ZERO, PreviousFrom.FIRST
    derived = _derive_certificates(invoice)
    return derived, PreviousFrom.UNKNOWN if derived is None else PreviousFrom.DERIVED


def compute_line_8(invoice: Invoice, previous: Invoice | None = None) -> Decimal | None:
    """Return line 8 of the G702, line 6 less line 7; ``None`` if line 7 is not known."""
    with localcontext(EXACT):
        certified, _ = find_certificates(invoice, previous)
        return None if certified is None else compute_earned(invoice) - certified


def list_notices(
    invoice: Invoice, previous: Invoice | None = None, *, period: Period | None = None
) -> tuple[Notice, ...]:
    """
    Return a notice if line 8 and the amount due by the columns differ or are not known.

    ``period`` is the result of :func:`compute_period`, if the caller has it.
    """
    due = (period or compute_period(invoice)).total.due
    expected = compute_line_8(invoice, previous)
    if due is None or expected is None:
        return (_UNKNOWN.note(),)
    with localcontext(EXACT):
        agrees = abs(due - expected) < AGREEMENT
    if agrees:
        return ()
    facts = {
        "due": format_amount(due, invoice.currency),
        "line_8": format_amount(expected, invoice.currency),
    }
    return (_DIFFERS.note(facts),)

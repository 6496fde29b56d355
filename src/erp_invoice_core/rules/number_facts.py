"""Which other invoices of the vendor have the same number, or one that is easily taken for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..documents import NumberUse, alike_number, canonical_number
from .fact_types import NumberFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..documents import Commitment, Invoice

__all__ = ["number_facts"]


def _other_uses(
    invoice: Invoice,
    commitment: Commitment,
    siblings: Sequence[Invoice],
    numbers: Iterable[NumberUse],
) -> list[NumberUse]:
    """Return the numbers in use, one by invoice, without the invoice's own."""
    uses = {
        other.id: NumberUse(
            invoice_id=other.id,
            number=other.invoice_number,
            commitment_id=other.commitment_id,
            commitment_number=commitment.number,
        )
        for other in siblings
        if other.invoice_number and other.commitment_id == invoice.commitment_id
    }
    for use in numbers:
        uses.setdefault(use.invoice_id, use)
    uses.pop(invoice.id, None)
    return list(uses.values())


def number_facts(
    invoice: Invoice,
    commitment: Commitment,
    *,
    siblings: Sequence[Invoice] | None = None,
    numbers: Iterable[NumberUse] = (),
) -> NumberFacts:
    """
    Return the facts of the invoice's number among the vendor's other ones.

    Args:
        invoice: The invoice.
        commitment: The commitment that it bills.
        siblings: The commitment's other invoices; ``None``: they are not known.
        numbers: The numbers of the vendor's invoices, of whichever commitment.
    """
    own = canonical_number(invoice.invoice_number or "")
    if not own:
        return NumberFacts(number_is_unique=True, number_uses=(), similar_numbers=())
    key = alike_number(own)
    alike = [
        use
        for use in _other_uses(invoice, commitment, siblings or (), numbers)
        if alike_number(use.number) == key
    ]
    same = [use for use in alike if canonical_number(use.number) == own]
    is_unique = all(use.commitment_id != invoice.commitment_id for use in same)
    return NumberFacts(
        number_is_unique=None if is_unique and siblings is None else is_unique,
        number_uses=tuple(same),
        similar_numbers=tuple(use for use in alike if use not in same),
    )

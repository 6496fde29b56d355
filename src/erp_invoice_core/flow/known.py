"""What an entry knows of the ERP: which call was answered how, which document lives or is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..documents import Answer, Holding, QueueEntry
from .doubt import terms_of

if TYPE_CHECKING:
    from ..declaration import Declaration
    from ..documents import Key, Receipt

__all__ = ["answered", "holding_of", "is_gone", "with_holding", "with_receipt", "withdrawn"]


def answered(entry: QueueEntry, place: int, answer: Answer) -> QueueEntry:
    """Return the entry with that call settled, and no other."""
    calls = list(entry.calls)
    calls[place] = attrs.evolve(calls[place], answer=answer)
    return attrs.evolve(entry, calls=tuple(calls))


def is_gone(entry: QueueEntry, erp_id: str) -> bool:
    """Whether that document is known to be gone."""
    return any(held.gone and held.receipt.erp_id == erp_id for held in entry.holdings)


def holding_of(entry: QueueEntry, key: Key, receipt: Receipt, digest: str) -> Holding:
    """
    Return the receipt as it is kept: under its key, with the digest that was sent under it.

    What its document is, the plan says, not the answer: a document without a role would be owned
    by nobody.
    """
    planned = {step.name: step.role for step in entry.plan}
    is_current = (key.generation, key.attempt) == (entry.generation, entry.attempt)
    role = planned.get(key.step, receipt.role) if is_current else receipt.role
    kept = attrs.evolve(receipt, step=key.step, digest=digest, role=role)
    return Holding(kept, key, is_gone(entry, receipt.erp_id))


def with_holding(entry: QueueEntry, holding: Holding) -> QueueEntry:
    """Return the entry with one more holding, unless it has it already."""
    same = (holding.receipt.step, holding.receipt.erp_id, holding.key)
    for known in entry.holdings:
        if (known.receipt.step, known.receipt.erp_id, known.key) == same:
            return entry
    return attrs.evolve(entry, holdings=(*entry.holdings, holding))


def with_receipt(
    entry: QueueEntry, place: int, receipt: Receipt, erp: Declaration | None
) -> QueueEntry:
    """
    Return the entry with the receipt of that call.

    It settles the other calls of its key only where the ERP enforces the key.
    """
    call = entry.calls[place]
    enforced = terms_of(call, erp).enforces_key
    known = answered(entry, place, Answer.RECEIPT)
    for other, twin in enumerate(entry.calls):
        if enforced and twin.key == call.key and twin.kind is call.kind and twin.answer is None:
            known = answered(known, other, Answer.RECEIPT)
    return with_holding(known, holding_of(entry, call.key, receipt, call.digest))


def withdrawn(entry: QueueEntry, erp_id: str | None) -> QueueEntry:
    """Return the entry with that document (or, without an id, every one) known to be gone."""
    holdings = tuple(
        attrs.evolve(held, gone=held.gone or erp_id in {None, held.receipt.erp_id})
        for held in entry.holdings
    )
    return attrs.evolve(entry, holdings=holdings)

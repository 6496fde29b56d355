"""A case faces its entry: the facts of the queue, the ERP and the person join the invoice's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..rules.case import Case
from ..values import evolved
from .doubt import replayable, settled

if TYPE_CHECKING:
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Actor, QueueEntry
    from ..rules.permissions import Policy

__all__ = ["case_of_entry", "facing", "is_complete", "left_is_accepted"]


def _is_torn(entry: QueueEntry) -> bool:
    """Whether a document of this try is gone: what is left of the try cannot be gone on with."""
    this_try = (entry.generation, entry.attempt)
    return any(
        held.gone and held.receipt.role and (held.key.generation, held.key.attempt) == this_try
        for held in entry.holdings
    )


def left_is_accepted(entry: QueueEntry) -> bool:
    """
    Whether all that lives over there stands for the acceptance, one document per role.

    Where another document of the same try was removed it does not: the key that made that one is
    used up, and a new try has to begin with nothing left.
    """
    if len(entry.standing) != len(entry.living) or (entry.living and _is_torn(entry)):
        return False
    documents = {
        (holding.receipt.role, holding.receipt.erp_id)
        for holding in entry.standing
        if holding.receipt.role
    }
    return len({role for role, _ in documents}) == len(documents)


def is_complete(entry: QueueEntry) -> bool:
    """Whether every planned step has a receipt that stands."""
    done = {holding.receipt.step for holding in entry.standing}
    return bool(entry.plan) and all(step.name in done for step in entry.plan)


def case_of_entry(entry: QueueEntry) -> Case:
    """Return the facts of the invoice that the entry itself keeps: enough for acts on the entry."""
    document = entry.document
    return Case(
        invoice_id=entry.id,
        project_id=document.project_id if document else None,
        invoice_number=document.invoice_number if document else None,
        document=document,
    )


def facing(
    case: Case,
    entry: QueueEntry,
    *,
    at: datetime,
    actor: Actor,
    policy: Policy,
    erp: Declaration | None,
    **given: Any,  # noqa: ANN401 - the case's own fields, checked when it is built
) -> Case:
    """Return the case with the facts of its entry, at this moment, for this person and ERP."""
    leased = entry.lease is not None and entry.lease.until > at
    facts: dict[str, Any] = {
        "actor": actor,
        "policy": policy,
        "erp": erp,
        "export_status": entry.status,
        "version": entry.version,
        "sent_by": entry.sent_by,
        "leased": leased,
        "in_doubt": bool(entry.in_doubt),
        "left": entry.is_left,
        "left_is_accepted": left_is_accepted(entry),
        "acceptance_stands": entry.acceptance_stands,
        "complete": is_complete(entry),
        "withdrawing": entry.withdrawing,
        "settled": settled(entry, at, erp),
        "replayable": replayable(entry, at, erp),
        "is_due": entry.due_at is not None and entry.due_at <= at and not leased,
    }
    return evolved(case, **{**facts, **given})

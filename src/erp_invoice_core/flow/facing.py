"""A case faces its entry: the facts of the queue, the ERP and the person join the invoice's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..documents import WORKER
from ..rules.case import Case
from ..values import evolved
from .changes import changes
from .doubt import replayable, settled, settles_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Actor, QueueEntry
    from ..rules.permissions import Policy

__all__ = ["case_of_entry", "facing", "facing_itself", "is_complete", "left_is_accepted"]


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


def _kept(entry: QueueEntry) -> dict[str, Any]:
    """Return the facts of the invoice that the entry itself keeps."""
    document = entry.document
    facts: dict[str, Any] = {"invoice_id": entry.id, "document": document}
    if document is not None:
        facts["project_id"] = document.project_id
        facts["invoice_number"] = document.invoice_number
    return facts


def case_of_entry(entry: QueueEntry) -> Case:
    """Return the facts of the invoice that the entry itself keeps: enough for acts on the entry."""
    return Case(**_kept(entry))


def _standing(entry: QueueEntry, at: datetime, erp: Declaration | None) -> dict[str, Any]:
    """Return the facts of the queue: where the entry stands, what is known and what is in doubt."""
    leased = entry.lease is not None and entry.lease.until > at
    return {
        "erp": erp,
        "entry_id": entry.id,
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
        "settles_at": settles_at(entry, erp),
        "today": at.date(),
        "replayable": replayable(entry, at, erp),
        "is_due": entry.due_at is not None and entry.due_at <= at and not leased,
    }


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
    facts = {"actor": actor, "policy": policy, **_standing(entry, at, erp), **given}
    facts["changes"] = changes(entry.document, case.document)
    facts["fields_changed"] = _are_other_fields(entry, given.get("export_fields"))
    return evolved(case, **facts)


def _are_other_fields(entry: QueueEntry, given: Mapping[str, str] | None) -> bool:
    accepted = entry.acceptance.fields if entry.acceptance else {}
    return given is not None and dict(given) != dict(accepted)


def facing_itself(entry: QueueEntry, *, at: datetime, erp: Declaration | None) -> Case:
    """Return the case of an act that the system carries out on the entry, by no host's facts."""
    return Case(actor=WORKER, **_kept(entry), **_standing(entry, at, erp))

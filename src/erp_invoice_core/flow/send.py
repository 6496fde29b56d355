"""Send, resend and retrieve an invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rules import decide
from ..vocabulary import Action
from .change import EntryChanges, apply_changes, apply_transition, choose_attempt, record_denial

if TYPE_CHECKING:
    from datetime import datetime

    from ..documents import Actor, QueueEntry
    from ..events import Change
    from ..rules import Case


def send(
    entry: QueueEntry,
    case: Case,
    *,
    action: Action,
    at: datetime,
    actor: Actor,
    connection: str | None = None,
    command: str | None = None,
) -> Change:
    """
    Send an invoice, or send it again: the entry stores its current document.

    ``action`` is ``SEND`` or ``RESEND``. Without ``connection`` the invoice goes to the connection
    to which it was sent before.
    """
    connection = connection or entry.connection or ""
    verdict = decide(action, case)
    if not verdict or case.document is None:
        return record_denial(
            action,
            entry,
            verdict,
            at=at,
            actor=actor.id,
            facts={"connection": connection},
            command=command,
        )
    document, digest = case.document, case.document.digest
    changes: EntryChanges = {
        "connection": connection,
        "document": document,
        "digest": digest,
        "sent_by": actor.id,
        "acceptance": None,
        "attempt": choose_attempt(entry),
        "plan": (),
        "due_at": None,
        "deferrals": 0,
        "lost_claims": 0,
        "lookups": 0,
        "refusal": (),
        # Who was asked to look in the ERP after a restore has not answered by sending again.
        "restore_checked": None,
    }
    # Thirteen changes as keywords would take a sixth of the time of a send (benchmark 1a).
    return apply_changes(
        action,
        entry,
        changes,
        at=at,
        actor=actor.id,
        verdict=verdict,
        facts={"connection": connection, "digest": digest},
        command=command,
    )


def retrieve(
    entry: QueueEntry, case: Case, *, at: datetime, actor: Actor, command: str | None = None
) -> Change:
    """Take the invoice back before the approver has answered: it can be edited again."""
    verdict = decide(Action.RETRIEVE, case)
    if not verdict:
        return record_denial(
            Action.RETRIEVE, entry, verdict, at=at, actor=actor.id, command=command
        )
    return apply_transition(
        Action.RETRIEVE,
        entry,
        at=at,
        actor=actor.id,
        verdict=verdict,
        command=command,
        acceptance=None,
    )

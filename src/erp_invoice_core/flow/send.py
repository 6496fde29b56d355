"""Send, resend and retrieve an invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rules import decide
from ..vocabulary import Action
from .change import apply_transition, choose_attempt, record_denial

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
    Send (``SEND``) or send again (``RESEND``): the entry keeps the document as it is now.

    Without a connection it goes to the one that the entry knows.
    """
    connection = connection or entry.connection or ""
    verdict = decide(action, case)
    facts = {"connection": connection}
    if not verdict or case.document is None:
        return record_denial(
            action, entry, verdict, at=at, actor=actor.id, facts=facts, command=command
        )
    return apply_transition(
        action,
        entry,
        at=at,
        actor=actor.id,
        verdict=verdict,
        facts={**facts, "digest": case.document.digest},
        command=command,
        connection=connection,
        document=case.document,
        digest=case.document.digest,
        sent_by=actor.id,
        acceptance=None,
        attempt=choose_attempt(entry),
        plan=(),
        due_at=None,
        deferrals=0,
        lost_claims=0,
        lookups=0,
        refusal=(),
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

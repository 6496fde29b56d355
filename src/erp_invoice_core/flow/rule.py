"""A person says, with evidence, what happened over there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rules import decide
from ..rules.refusals import with_remedies
from ..verdict import Denial, Source, Verdict
from ..vocabulary import Action, ExportStatus
from .facing import is_complete, left_is_accepted
from .move import moved, next_attempt, refused
from .ruling import apply
from .slot import slot_of

if TYPE_CHECKING:
    from datetime import datetime

    from ..documents import Actor, QueueEntry
    from ..events import Change
    from ..rules import Case
    from .ruling import Ruling

__all__ = ["rule"]


def _outcome(known: QueueEntry) -> ExportStatus:
    if not known.acceptance_stands or not left_is_accepted(known):
        return ExportStatus.FAILED
    if is_complete(known):
        return ExportStatus.SYNCED
    return ExportStatus.ACCEPTED if known.standing else ExportStatus.FAILED


def _left(known: QueueEntry) -> tuple[Denial, ...]:
    if known.living:
        ids = ", ".join(sorted({holding.receipt.erp_id for holding in known.living}))
        message = f"Withdraw {ids} from the ERP, then retry or reject: it was ruled to be there."
        return (Denial("export.draft_left", message, Source.PERSON, {"erp_id": ids}),)
    message = "Retry or reject this export: it was ruled that nothing of it is in the ERP."
    return (Denial("export.ruled_absent", message, Source.PERSON),)


def _slot(entry: QueueEntry, case: Case, to: ExportStatus) -> str | None:
    """Return the slot that it holds from now on: a document that was ruled there takes it."""
    if entry.slot is None and to is ExportStatus.SYNCED and case.erp and case.slot_is_free:
        return slot_of(entry, case.erp)
    return entry.slot


def rule(
    entry: QueueEntry,
    case: Case,
    ruling: Ruling,
    *,
    at: datetime,
    actor: Actor,
    evidence: str | None,
    command: str | None = None,
) -> Change:
    """Settle by a person's word, with evidence: synced, to be continued, or nothing there."""
    verdict = decide(Action.RULE, case)
    facts = {"evidence": evidence or ""}
    if not verdict:
        return refused(
            Action.RULE, entry, verdict, at=at, actor=actor.id, facts=facts, command=command
        )
    known = apply(ruling, entry)
    to = _outcome(known)
    failed = to is ExportStatus.FAILED
    anew = not known.living
    denials = with_remedies(Verdict(_left(known)), case).denials if failed else ()
    return moved(
        Action.RULE,
        entry,
        at=at,
        actor=actor.id,
        to=to,
        verdict=verdict,
        denials=denials,
        facts=facts,
        command=command,
        calls=known.calls,
        holdings=known.holdings,
        plan=() if anew else known.plan,
        attempt=next_attempt(known) if anew else known.attempt,
        slot=_slot(entry, case, to),
        lease=None,
        due_at=at if to is ExportStatus.ACCEPTED else None,
        lookups=0,
        refusal=denials,
    )

"""A synced invoice is parted from its documents, which are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..rules import decide
from ..vocabulary import Action, ExportStatus
from .move import moved, refused

if TYPE_CHECKING:
    from datetime import datetime

    from ..documents import Actor, QueueEntry
    from ..events import Change
    from ..rules import Case

__all__ = ["unlink"]


def unlink(
    entry: QueueEntry,
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    evidence: str | None = None,
    command: str | None = None,
) -> Change:
    """Part a synced invoice from its documents, which are gone: it can be sent anew."""
    verdict = decide(Action.UNLINK, case)
    facts = {"evidence": evidence} if evidence else {}
    if not verdict:
        return refused(
            Action.UNLINK, entry, verdict, at=at, actor=actor.id, facts=facts, command=command
        )
    gone = tuple(attrs.evolve(holding, gone=True) for holding in entry.holdings)
    return moved(
        Action.UNLINK,
        entry,
        at=at,
        actor=actor.id,
        to=ExportStatus.NOT_SENT,
        verdict=verdict,
        facts=facts,
        command=command,
        generation=entry.generation + 1,
        attempt=1,
        acceptance=None,
        plan=(),
        holdings=gone,
        refusal=(),
    )

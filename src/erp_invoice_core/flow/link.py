"""Unlink and import: end or create the link to an ERP document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..documents import Holding, Receipt
from ..rules import decide
from ..vocabulary import Action, Role
from .change import apply_transition, record_denial

if TYPE_CHECKING:
    from datetime import datetime

    from ..documents import Actor, QueueEntry
    from ..events import Change
    from ..rules import Case


def unlink(
    entry: QueueEntry,
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    evidence: str | None = None,
    command: str | None = None,
) -> Change:
    """Unlink a synced invoice from its deleted documents, so that it can be sent again."""
    verdict = decide(Action.UNLINK, case)
    facts = {"evidence": evidence} if evidence else {}
    if not verdict:
        return record_denial(
            Action.UNLINK, entry, verdict, at=at, actor=actor.id, facts=facts, command=command
        )
    gone = tuple(attrs.evolve(holding, gone=True) for holding in entry.holdings)
    return apply_transition(
        Action.UNLINK,
        entry,
        at=at,
        actor=actor.id,
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


def import_synced(
    entry: QueueEntry,
    case: Case,
    *,
    erp_id: str,
    connection: str,
    at: datetime,
    actor: Actor,
    command: str | None = None,
) -> Change:
    """Make an invoice synced because another system exported it, with the ERP id ``erp_id``."""
    verdict = decide(Action.IMPORT, case)
    facts = {"erp_id": erp_id, "connection": connection}
    if not verdict:
        return record_denial(
            Action.IMPORT, entry, verdict, at=at, actor=actor.id, facts=facts, command=command
        )
    receipt = Receipt(step="bill", erp_id=erp_id, role=Role.BILL)
    return apply_transition(
        Action.IMPORT,
        entry,
        at=at,
        actor=actor.id,
        facts=facts,
        command=command,
        connection=connection,
        holdings=(*entry.holdings, Holding(receipt, entry.build_key("bill"))),
    )

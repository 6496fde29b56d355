"""A lease goes on, is given back, or runs out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..documents import WORKER
from ..vocabulary import Action, ExportStatus
from .claim import refuse
from .move import moved
from .patience import PATIENCE, gave_up
from .resolve import lose

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ..declaration import Declaration
    from ..documents import QueueEntry
    from ..events import Change
    from .patience import Patience

__all__ = ["expire", "release", "renew"]


def renew(entry: QueueEntry, *, at: datetime, lease: timedelta) -> Change:
    """
    The holder is still at it: the lease holds for so long from now, and nothing else changes.

    What the calls in flight were promised stays: until when they may be handed over, and from when
    absence counts, was fixed at their start.

    Raises:
        ValueError: The entry is not claimed.
    """
    if entry.lease is None:
        msg = f"Invoice {entry.id} is not claimed."
        raise ValueError(msg)
    held = attrs.evolve(entry.lease, until=max(entry.lease.until, at + lease))
    facts = {"lease": "renewed", "fencing": str(held.fencing)}
    return moved(Action.RECORD, entry, at=at, actor=WORKER.id, facts=facts, lease=held)


def release(entry: QueueEntry, *, at: datetime, why: str) -> Change:
    """
    The holder gives it back as it is, due at once: no lost claim, no deferral, no look-up counts.

    Raises:
        ValueError: An export in doubt: only a look-up, or its own answer, settles that.
    """
    exporting = entry.status is ExportStatus.EXPORTING
    if exporting and entry.in_doubt:
        msg = f"A call for invoice {entry.id} is in doubt: it cannot be given back."
        raise ValueError(msg)
    looked = entry.status is ExportStatus.UNKNOWN
    return moved(
        Action.RELEASE if exporting else Action.RECORD,
        entry,
        at=at,
        actor=WORKER.id,
        to=ExportStatus.ACCEPTED if exporting else None,
        facts={"why": why},
        lease=None,
        due_at=at,
        lookups=entry.lookups - looked,
    )


def expire(
    entry: QueueEntry,
    *,
    at: datetime,
    erp: Declaration | None,
    patience: Patience = PATIENCE,
) -> Change:
    """The lease ran out: unknown if a call is in doubt, else free for the next worker."""
    facts = {"holder": entry.lease.holder if entry.lease else ""}
    times = entry.lost_claims + 1
    if entry.in_doubt:
        return lose(entry, entry, at=at, erp=erp, facts=facts, patience=patience)
    if times >= patience.lost_claims:
        verdict = gave_up("its workers stopped without an answer", times)
        return refuse(entry, verdict, at=at, erp=erp, facts=facts)
    return moved(
        Action.RELEASE,
        entry,
        at=at,
        actor=WORKER.id,
        to=ExportStatus.ACCEPTED,
        facts=facts,
        lease=None,
        due_at=at,
        lost_claims=times,
    )

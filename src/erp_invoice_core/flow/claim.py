"""The worker takes an entry, gives it back, or has to say no."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..documents import WORKER, Lease, QueueEntry
from ..rules import decide
from ..vocabulary import Action, ExportStatus
from .case import build_system_case
from .change import apply_transition, record_denial
from .conclude import lose, refuse
from .retry_policy import DEFAULT_RETRY_POLICY, give_up

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ..declaration import Declaration
    from ..events import Change
    from .retry_policy import RetryPolicy


def claim(entry: QueueEntry, *, at: datetime, holder: str, lease: timedelta) -> Change:
    """Take the entry: an accepted one for export, an unknown or failed one to look or withdraw."""
    case = build_system_case(entry, at=at, erp=None)
    verdict = decide(Action.CLAIM, case)
    if not verdict:
        return record_denial(Action.CLAIM, entry, verdict, at=at, actor=WORKER.id)
    fencing = entry.fencing + 1
    accepted = entry.status is ExportStatus.ACCEPTED
    return apply_transition(
        Action.CLAIM,
        entry,
        at=at,
        actor=WORKER.id,
        facts={"holder": holder, "fencing": str(fencing)},
        lease=Lease(holder=holder, fencing=fencing, until=at + lease),
        fencing=fencing,
        due_at=None if accepted else entry.due_at,
        lookups=entry.lookups + (entry.status is ExportStatus.UNKNOWN),
    )


# === A lease goes on, is given back, or runs out.


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
    return apply_transition(Action.RECORD, entry, at=at, actor=WORKER.id, facts=facts, lease=held)


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
    return apply_transition(
        Action.RELEASE if exporting else Action.RECORD,
        entry,
        at=at,
        actor=WORKER.id,
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
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
) -> Change:
    """The lease ran out: unknown if a call is in doubt, else free for the next worker."""
    facts = {"holder": entry.lease.holder if entry.lease else ""}
    times = entry.lost_claims + 1
    if entry.in_doubt:
        return lose(entry, entry, at=at, erp=erp, facts=facts, retry_policy=retry_policy)
    if times >= retry_policy.lost_claims:
        verdict = give_up("its workers stopped without an answer", times)
        return refuse(entry, verdict, at=at, erp=erp, facts=facts)
    return apply_transition(
        Action.RELEASE,
        entry,
        at=at,
        actor=WORKER.id,
        facts=facts,
        lease=None,
        due_at=at,
        lost_claims=times,
    )

"""Claim of an entry: take it, renew, release or expire its lease."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..documents import WORKER, Lease, QueueEntry
from ..rules import decide
from ..values import evolve
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
    """
    Claim an accepted entry for export, or another one for a look-up or a removal.

    An unknown entry is claimed for a look-up, and a failed one for a withdrawal.
    """
    case = build_system_case(entry, at=at, erp=None)
    verdict = decide(Action.CLAIM, case)
    if not verdict:
        return record_denial(Action.CLAIM, entry, verdict, at=at, actor=WORKER.id)
    return claim_again(entry, at=at, holder=holder, lease=lease)


def claim_again(entry: QueueEntry, *, at: datetime, holder: str, lease: timedelta) -> Change:
    """
    Claim an entry that :func:`claim` allowed at an earlier time, and that has not changed since.

    No rule is asked again, because an entry that is due stays due (line 4c of the benchmarks).
    """
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


def renew(entry: QueueEntry, *, at: datetime, lease: timedelta) -> Change:
    """
    Renew the lease for the given time from now; nothing else changes.

    A call that is under way keeps the deadline for sending it, and the time from which a look-up
    can prove that it did not happen: both were fixed at its start.

    Raises:
        ValueError: The entry is not claimed.
    """
    if entry.lease is None:
        msg = f"Invoice {entry.id} is not claimed."
        raise ValueError(msg)
    held = evolve(entry.lease, {"until": max(entry.lease.until, at + lease)})
    facts = {"lease": "renewed", "fencing": str(held.fencing)}
    return apply_transition(Action.RECORD, entry, at=at, actor=WORKER.id, facts=facts, lease=held)


def release(entry: QueueEntry, *, at: datetime, why: str) -> Change:
    """
    End the claim of an entry because its worker was asked to stop.

    The entry is due again at once. This claim does not count as a lost claim, a deferral or a
    look-up.

    Raises:
        ValueError: A call of the export is in doubt; only its answer or a look-up settles that.
    """
    exporting = entry.status is ExportStatus.EXPORTING
    if exporting and entry.in_doubt:
        msg = f"Invoice {entry.id} cannot be released: one of its calls is in doubt."
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
    """
    End a claim whose lease ran out, as its worker may have stopped.

    The entry is unknown if a call is in doubt, failed after too many claims without an answer, and
    otherwise accepted again.
    """
    facts = {"holder": entry.lease.holder if entry.lease else ""}
    times = entry.lost_claims + 1
    if entry.in_doubt:
        return lose(entry, entry, at=at, erp=erp, facts=facts, retry_policy=retry_policy)
    if times >= retry_policy.lost_claims:
        verdict = give_up(times, cause="workers_stopped")
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

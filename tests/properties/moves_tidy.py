"""Entries with only what makes a difference: a few moments, no counts but those at their end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.documents import Answer

from .moves_moments import DEAD, DOCUMENTS, LIVE, NOW, OVER, SETTLED
from .moves_terms import SETTLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from erp_invoice_core.documents import Call, QueueEntry

__all__ = ["EXHAUSTED", "WEARY_CLAIMS", "WEARY_DEFERRALS", "tidy", "told"]

#: After so many look-ups no more are planned; one lost claim, or deferral, more gives up.
EXHAUSTED, WEARY_CLAIMS, WEARY_DEFERRALS = 7, 4, 19
_LATER = NOW + timedelta(days=1)
_SETTLES = timedelta(seconds=SETTLE_SECONDS)


def _moment(when: datetime) -> datetime:
    if when > NOW:
        return LIVE
    if when + _SETTLES > NOW:
        return OVER
    return DEAD if when + 2 * _SETTLES > NOW else SETTLED


def _tidy_call(call: Call) -> Call:
    settled = call.answer not in {None, Answer.ABSENT}
    until = SETTLED if settled else _moment(call.lease_until)
    if until == call.lease_until and call.started_at == NOW and not call.fencing:
        return call
    return attrs.evolve(call, lease_until=until, started_at=NOW, fencing=0)


def tidy(side: int, entry: QueueEntry) -> QueueEntry:
    """Return the entry with only such moments and counts as make a difference."""
    lease = entry.lease and attrs.evolve(
        entry.lease, holder="w", fencing=1, until=LIVE if entry.lease.until > NOW else OVER
    )
    due = entry.due_at and (_LATER if entry.due_at > NOW else OVER)
    return attrs.evolve(
        entry,
        version=0,
        seq=0,
        lease=lease,
        fencing=1,
        due_at=due,
        calls=tuple(map(_tidy_call, entry.calls)),
        deferrals=WEARY_DEFERRALS if entry.deferrals >= WEARY_DEFERRALS else 0,
        lookups=EXHAUSTED if entry.lookups >= EXHAUSTED else 0,
        lost_claims=min(entry.lost_claims, 5) if entry.lost_claims >= WEARY_CLAIMS else 0,
        refusal=(),
        delay=None,
        document=DOCUMENTS[side, entry.document.number] if entry.document else None,
    )


def told(entry: QueueEntry) -> Hashable:
    """Return what makes two tidy entries one."""
    return (
        entry.status.value,
        entry.generation,
        entry.attempt,
        entry.digest,
        entry.acceptance and entry.acceptance.digest,
        tuple(step.name for step in entry.plan),
        tuple(map(_told_of_call, entry.calls)),
        tuple(
            (
                (held.key.generation, held.key.attempt, held.key.step),
                (held.receipt.step, held.receipt.erp_id, held.receipt.digest),
                held.gone,
            )
            for held in entry.holdings
        ),
        entry.lease and entry.lease.until,
        entry.due_at,
        (entry.lookups, entry.lost_claims, entry.deferrals),
        entry.withdrawing,
        entry.slot,
    )


def _told_of_call(call: Call) -> Hashable:
    key, answer = call.key, call.answer and call.answer.value
    name = (key.generation, key.attempt, key.step)
    return (name, call.kind.value, call.digest, call.erp_id, answer, call.lease_until)

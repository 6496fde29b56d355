"""Time in a world: only such moments as make a difference, and what passes from one to the next."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.documents import Answer
from erp_invoice_core.vocabulary import ExportStatus

from .moves_world import DOCUMENTS, LIVE, NOW, OVER, SETTLED, Worker, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from erp_invoice_core.documents import Call, QueueEntry

    from .moves_calls import Move

__all__ = ["tidy", "time_moves"]

_LATER = NOW + timedelta(days=1)
_EXHAUSTED = 7


def _moment(when: datetime) -> datetime:
    if when > NOW:
        return LIVE
    return OVER if when + timedelta(seconds=30) > NOW else SETTLED


def _tidy_call(call: Call) -> Call:
    settled = call.answer not in {None, Answer.ABSENT}
    until = SETTLED if settled else _moment(call.lease_until)
    if until == call.lease_until and call.started_at == NOW and not call.fencing:
        return call
    return attrs.evolve(call, lease_until=until, started_at=NOW, fencing=0)


def tidy(entry: QueueEntry) -> QueueEntry:
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
        deferrals=0,
        lookups=_EXHAUSTED if entry.lookups >= _EXHAUSTED else 0,
        lost_claims=min(entry.lost_claims, 5) if entry.lost_claims >= 5 else 0,
        refusal=(),
        slot=None,
        document=DOCUMENTS[entry.document.number] if entry.document else None,
    )


def leases_end(entry: QueueEntry) -> QueueEntry:
    """Return the entry once every lease is over."""
    calls = tuple(
        attrs.evolve(call, lease_until=min(call.lease_until, OVER)) for call in entry.calls
    )
    lease = entry.lease and attrs.evolve(entry.lease, until=OVER)
    return attrs.evolve(entry, calls=calls, lease=lease)


def all_settles(entry: QueueEntry) -> QueueEntry:
    """Return the entry once what was handed over in leases that are over is settled."""
    calls = tuple(
        attrs.evolve(call, lease_until=SETTLED) if call.lease_until <= OVER else call
        for call in entry.calls
    )
    return attrs.evolve(entry, calls=calls)


def comes_due(entry: QueueEntry) -> QueueEntry:
    """Return the entry once its moment has come."""
    return attrs.evolve(entry, due_at=entry.due_at and OVER)


def exhausted(entry: QueueEntry) -> QueueEntry:
    """Return the entry before its last look-up."""
    return attrs.evolve(entry, lookups=_EXHAUSTED)


def time_moves(world: World) -> Iterator[Move]:
    """Yield what time may do next."""
    entry = world.entry
    named = {
        "leases end": leases_end,
        "all settles": all_settles,
        "due": comes_due,
    }
    if entry.status is ExportStatus.UNKNOWN or entry.withdrawing:
        named["exhausted"] = exhausted
    for name, passing in named.items():
        later = tidy(passing(entry))
        if later != entry:
            yield name, False, attrs.evolve(world, entry=later, workers=_aged(world)), None


def _aged(world: World) -> tuple[Worker, ...]:
    """Return the workers; what one saw before is not what it sees now."""
    return tuple(
        attrs.evolve(worker, phase="saw, then") if worker.phase == "saw" else worker
        for worker in world.workers
    )

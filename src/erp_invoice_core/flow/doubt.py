"""When doubt may end: settle moments, replays, the schedule of look-ups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..declaration import Declaration, LookUp, Replay, StepTerms
from ..documents import CallKind
from .patience import PATIENCE

if TYPE_CHECKING:
    from datetime import datetime

    from ..documents import Call, QueueEntry
    from .patience import Patience

__all__ = [
    "asks_a_person",
    "conclusive_from",
    "first_look_up",
    "next_look_up",
    "replayable",
    "settled",
    "settles_at",
    "terms_of",
]


def terms_of(call: Call, erp: Declaration | None) -> StepTerms:
    """Return the terms that hold for a call; the cautious ones where the adapter is gone."""
    return erp.terms_of(call.step_kind) if erp else StepTerms()


def conclusive_from(call: Call, erp: Declaration | None) -> datetime | None:
    """
    Return the moment after which absence counts (UTC); ``None`` where it never does.

    It is counted from the nominal end of the lease under which the call was started.
    """
    terms = terms_of(call, erp)
    if terms.settles_within is None:
        return None
    return call.lease_until + terms.settles_within + terms.visible_after


def settled(entry: QueueEntry, at: datetime, erp: Declaration | None) -> bool:
    """Whether a person may rule absence: the settle moment, where there is one, is over for all."""
    moments = (conclusive_from(call, erp) for call in entry.in_doubt)
    return all(moment is None or at >= moment for moment in moments)


def settles_at(entry: QueueEntry, erp: Declaration | None) -> datetime | None:
    """Return the moment from which absence counts for all calls in doubt that have one (UTC)."""
    moments = (conclusive_from(call, erp) for call in entry.in_doubt)
    return max((moment for moment in moments if moment is not None), default=None)


def _may_repeat(call: Call, entry: QueueEntry, at: datetime, erp: Declaration | None) -> bool:
    terms = terms_of(call, erp)
    # A step that has its receipt is not carried out again, so that its doubt would never end.
    has_receipt = call.key.step in {held.receipt.step for held in entry.standing}
    return (
        call.kind is CallKind.WRITE
        and not has_receipt
        and (call.key.generation, call.key.attempt) == (entry.generation, entry.attempt)
        and call.digest == entry.digest
        and terms.replay is Replay.EVERYTHING
        and (terms.replay_for is None or at < call.started_at + terms.replay_for)
    )


def replayable(entry: QueueEntry, at: datetime, erp: Declaration | None) -> bool:
    """Whether every call in doubt may be repeated under its key."""
    return all(_may_repeat(call, entry, at, erp) for call in entry.in_doubt)


def asks_a_person(entry: QueueEntry, at: datetime, erp: Declaration | None) -> bool:
    """
    Whether no look-up and no repeat can end the doubt, so that only a person can.

    Where the adapter is gone nobody knows: it may come back.
    """
    blind = erp is not None and all(
        call.kind is CallKind.WRITE and terms_of(call, erp).look_up is LookUp.NONE
        for call in entry.in_doubt
    )
    return blind and not replayable(entry, at, erp)


def first_look_up(
    entry: QueueEntry, at: datetime, erp: Declaration | None, patience: Patience = PATIENCE
) -> datetime | None:
    """
    Return when to look first: as soon as absence could count, within the first waiting time.

    ``None``: at once a person is asked.
    """
    if asks_a_person(entry, at, erp):
        return None
    moments = [conclusive_from(call, erp) for call in entry.in_doubt]
    soon = at + patience.look_ups[0]
    known = [moment for moment in moments if moment is not None]
    if not moments:
        return at
    if len(known) < len(moments):
        return soon
    return max(at, min(soon, max(known)))


def next_look_up(entry: QueueEntry, at: datetime, patience: Patience = PATIENCE) -> datetime | None:
    """Return when to look again after an inconclusive look-up; ``None``: a person is asked."""
    waits = patience.look_ups
    return at + waits[entry.lookups] if entry.lookups < len(waits) else None

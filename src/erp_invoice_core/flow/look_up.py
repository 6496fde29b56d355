"""Schedule of look-ups: when they are due, and which ones count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..documents import WORKER
from ..vocabulary import Action
from .change import apply_transition, build_delay
from .knowledge import find_settle_time, needs_person
from .retry_policy import DEFAULT_RETRY_POLICY
from .watch import MOST_WATCHES, WATCH_EVERY

if TYPE_CHECKING:
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import QueueEntry
    from ..events import Change
    from .retry_policy import RetryPolicy


def plan_first_look_up(
    entry: QueueEntry,
    at: datetime,
    erp: Declaration | None,
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
) -> datetime | None:
    """
    Return when the first look-up is due; ``None`` if a person is asked at once.

    It is due as soon as it can prove that the calls did not happen, but no later than after the
    first waiting time of the retry policy.
    """
    if needs_person(entry, at, erp):
        return None
    moments = [find_settle_time(call, erp) for call in entry.in_doubt]
    soon = at + retry_policy.look_ups[0]
    known = [moment for moment in moments if moment is not None]
    if not moments:
        return at
    if len(known) < len(moments):
        return soon
    return max(at, min(soon, max(known)))


def plan_next_look_up(
    entry: QueueEntry, at: datetime, retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY
) -> datetime | None:
    """Return when the next look-up is due; ``None`` after the last one: a person is asked."""
    waits = retry_policy.look_ups
    return at + waits[entry.lookups] if entry.lookups < len(waits) else None


def postpone(
    entry: QueueEntry,
    *,
    at: datetime,
    facts: dict[str, str],
    needs_person: bool = False,
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
) -> Change:
    """Put off the look-up or withdrawal of an entry because the ERP could not be asked."""
    last = at + retry_policy.look_ups[-1] if entry.withdrawing else None
    return apply_transition(
        Action.RECORD,
        entry,
        at=at,
        actor=WORKER.id,
        facts=facts,
        lease=None,
        due_at=plan_next_look_up(entry, at, retry_policy) or last,
        delay=build_delay(facts, needs_person),
    )


def watch(entry: QueueEntry, *, at: datetime) -> Change:
    """
    Plan the next daily look-up for late documents, before the worker begins the current one.

    Late documents are those of writes that were found not to have happened. :func:`count_watch`
    counts the current look-up once the ERP has answered it. If the worker stops or the ERP does not
    answer, the planned look-up takes its place.
    """
    facts = {"watch": str(entry.lookups + 1)}
    due_at = at + WATCH_EVERY
    return apply_transition(
        Action.RECORD, entry, at=at, actor=WORKER.id, facts=facts, due_at=due_at
    )


def count_watch(entry: QueueEntry, *, at: datetime) -> Change:
    """Count an answered daily look-up for late documents; after the last one no more is planned."""
    looks = entry.lookups + 1
    due_at = entry.due_at if looks < MOST_WATCHES else None
    facts = {"watched": str(looks)}
    return apply_transition(
        Action.RECORD, entry, at=at, actor=WORKER.id, facts=facts, due_at=due_at, lookups=looks
    )

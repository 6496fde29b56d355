"""
Conclusion: the transition that follows from the known answers of an entry.

A call without an answer puts the entry in doubt (``lose``). Answers, receipts and look-ups add to
what is known, and ``conclude`` then chooses the transition: the export is posted if it is complete,
resumed if no call is in doubt any more, looked up again if one still is, and otherwise failed.
``refuse`` and ``defer`` do the same for a negative answer; both make the entry unknown while a call
is in doubt.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from ..rules import decide
from ..vocabulary import Action, ExportStatus
from .case import build_system_case
from .change import build_delay, choose_attempt, store_knowledge
from .knowledge import is_complete, needs_person
from .look_up import plan_first_look_up, plan_next_look_up
from .retry_policy import DEFAULT_RETRY_POLICY, compute_backoff, give_up

if TYPE_CHECKING:
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import QueueEntry, Restore
    from ..events import Change
    from ..verdict import Verdict
    from .retry_policy import RetryPolicy


def lose(
    entry: QueueEntry,
    known: QueueEntry,
    *,
    at: datetime,
    erp: Declaration | None,
    facts: dict[str, str],
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
) -> Change:
    """Make an entry unknown because the answer of a call is lost, and plan its look-up."""
    planned = plan_next_look_up(entry, at, retry_policy)
    return store_knowledge(
        Action.LOSE,
        entry,
        known,
        at=at,
        facts=facts,
        lease=None,
        due_at=plan_first_look_up(known, at, erp, retry_policy) if planned else None,
        lost_claims=entry.lost_claims + 1,
        delay=build_delay(facts),
    )


def _decide(action: Action, known: QueueEntry, at: datetime, erp: Declaration | None) -> Verdict:
    return decide(action, build_system_case(known, at=at, erp=erp))


def conclude(
    entry: QueueEntry,
    known: QueueEntry,
    *,
    at: datetime,
    erp: Declaration | None,
    facts: dict[str, str] | None = None,
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
) -> Change:
    """
    Return the change that follows from what is known: post, continue, resume, fail or look up.

    Args:
        entry: The entry as stored.
        known: The entry with the new answers and receipts.
        at: Now (UTC).
        erp: The declaration of the ERP, if its adapter is loaded.
        facts: Further facts of the event.
        retry_policy: When look-ups are due, and after how many lost answers a person is asked.
    """
    if is_complete(known) and not known.in_doubt:
        verdict = _decide(Action.POST, known, at, erp)
        settle = _post if verdict else partial(fail, verdict=verdict)
        return settle(entry, known, at=at, facts=facts)
    if known.status is ExportStatus.EXPORTING:
        if known.in_doubt:
            return lose(entry, known, at=at, erp=erp, facts=facts or {}, retry_policy=retry_policy)
        return store_knowledge(Action.RECORD, entry, known, at=at, facts=facts)
    return _conclude_unknown(entry, known, at=at, erp=erp, facts=facts, retry_policy=retry_policy)


def _conclude_unknown(
    entry: QueueEntry,
    known: QueueEntry,
    *,
    at: datetime,
    erp: Declaration | None,
    facts: dict[str, str] | None,
    retry_policy: RetryPolicy,
) -> Change:
    """Return the change of an unknown entry that is not posted: resume, fail or look up again."""
    verdict = _decide(Action.RESUME, known, at, erp)
    if verdict and known.lost_claims >= retry_policy.lost_claims:
        verdict = give_up(known.lost_claims, cause="answers_lost")
    if verdict and not is_complete(known):
        return _resume(entry, known, at=at, facts=facts)
    if known.in_doubt:
        again = None if needs_person(known, at, erp) else plan_next_look_up(known, at, retry_policy)
        return store_knowledge(
            Action.RECORD,
            entry,
            known,
            at=at,
            facts=facts,
            lease=None,
            due_at=again,
            delay=build_delay(facts),
        )
    return fail(entry, known, verdict=verdict, at=at, facts=facts)


def _post(
    entry: QueueEntry, known: QueueEntry, *, at: datetime, facts: dict[str, str] | None
) -> Change:
    return store_knowledge(
        Action.POST, entry, known, at=at, facts=facts, lease=None, due_at=None, refusal=()
    )


def _resume(
    entry: QueueEntry, known: QueueEntry, *, at: datetime, facts: dict[str, str] | None
) -> Change:
    anew = not known.in_doubt and not known.standing
    return store_knowledge(
        Action.RESUME,
        entry,
        known,
        at=at,
        facts=facts,
        lease=None,
        due_at=at,
        lookups=known.lookups if known.in_doubt else 0,
        attempt=choose_attempt(known) if anew else known.attempt,
        plan=() if anew else known.plan,
    )


def fail(
    entry: QueueEntry,
    known: QueueEntry,
    *,
    verdict: Verdict,
    at: datetime,
    facts: dict[str, str] | None,
    restore: Restore | None = None,
) -> Change:
    """
    Make an entry failed with the reasons of a refusal; a person decides what follows.

    ``known`` is the entry with the new answers and receipts. ``restore`` is the restore of the
    database if the person is asked because of one.
    """
    return store_knowledge(
        Action.REFUSE,
        entry,
        known,
        at=at,
        facts=facts,
        denials=verdict.denials,
        lease=None,
        due_at=None,
        refusal=verdict.denials,
        restore_checked=restore.number if restore else entry.restore_checked,
    )


def refuse(
    entry: QueueEntry,
    verdict: Verdict,
    *,
    at: datetime,
    erp: Declaration | None,
    known: QueueEntry | None = None,
    facts: dict[str, str] | None = None,
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
    restore: Restore | None = None,
) -> Change:
    """
    Make an entry failed with the reasons of ``verdict``, or unknown while a call is in doubt.

    ``restore`` is the restore of the database if a person is asked because of one. The entry stores
    its number, so the person is asked only once about each restore.
    """
    known = known or entry
    if known.in_doubt:
        return lose(entry, known, at=at, erp=erp, facts=facts or {}, retry_policy=retry_policy)
    return fail(entry, known, verdict=verdict, at=at, facts=facts, restore=restore)


def defer(
    entry: QueueEntry,
    *,
    at: datetime,
    erp: Declaration | None,
    until: datetime | None,
    needs_person: bool = False,
    known: QueueEntry | None = None,
    facts: dict[str, str],
    chance: float = 0.0,
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
) -> Change:
    """
    Put an entry off until later, or fail it after too many deferrals.

    Args:
        entry: The claimed entry.
        at: Now (UTC).
        erp: The declaration of the ERP, if its adapter is loaded.
        until: The earliest time (UTC) of the next try, if the ERP named one.
        needs_person: True if only a person can remove the cause.
        known: The entry with the new answers and receipts.
        facts: Facts of the event; ``why`` is the reason.
        chance: The jitter from 0 to 1; 1 halves the waiting time.
        retry_policy: After how many deferrals a person is asked.
    """
    known = known or entry
    times = entry.deferrals + 1
    if known.in_doubt:
        return lose(entry, known, at=at, erp=erp, facts=facts, retry_policy=retry_policy)
    if times >= retry_policy.deferrals:
        verdict = give_up(times, why=facts.get("why", ""))
        return refuse(entry, verdict, at=at, erp=erp, known=known, facts=facts)
    wait = compute_backoff(times, chance)
    return store_knowledge(
        Action.DEFER,
        entry,
        known,
        at=at,
        facts=facts,
        lease=None,
        due_at=max(until, at + timedelta(seconds=1)) if until else at + wait,
        deferrals=times,
        delay=build_delay(facts, needs_person),
    )

"""Change of an entry: a recorded denial, or a transition of the state table."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypedDict, Unpack

from ..documents import WORKER, Delay, QueueEntry
from ..events import Change, build_event
from ..rules.state_table import find_next_status
from ..values import begin, copy_to_draft, evolve, finish
from ..verdict import ALLOWED
from .number_slot import free_slot
from .watch import plan_watch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..documents import Acceptance, Answer, Call, ExportDocument, Holding, Lease, Step
    from ..verdict import Denial, Verdict
    from ..vocabulary import Action, ExportStatus


class EntryChanges(TypedDict, total=False):
    """
    The fields of an entry that a caller of :func:`apply_changes` may change.

    That function itself sets the status, the version and ``seq``.
    """

    connection: str | None
    generation: int
    attempt: int
    document: ExportDocument | None
    digest: str
    sent_by: str | None
    acceptance: Acceptance | None
    plan: tuple[Step, ...]
    calls: tuple[Call, ...]
    holdings: tuple[Holding, ...]
    lease: Lease | None
    fencing: int
    due_at: datetime | None
    deferrals: int
    lost_claims: int
    lookups: int
    withdrawing: bool
    slot: str | None
    refusal: tuple[Denial, ...]
    delay: Delay | None
    restore_checked: int | None


def _build_change(
    action: Action,
    before: QueueEntry,
    after: QueueEntry,
    *,
    at: datetime,
    actor: str,
    verdict: Verdict,
    denials: tuple[Denial, ...],
    facts: Mapping[str, str] | None,
    command: str | None,
) -> Change:
    change = begin(Change)
    change.action = action
    change.before = before
    change.after = after
    change.at = at
    change.actor = actor
    change.verdict = verdict
    change.denials = denials
    change.facts = MappingProxyType(dict(facts)) if facts else _NO_FACTS
    change.command = command
    change.event = build_event(change)
    return finish(Change, change)


_NO_FACTS: Mapping[str, str] = MappingProxyType({})


def record_denial(
    action: Action,
    entry: QueueEntry,
    verdict: Verdict,
    *,
    at: datetime,
    actor: str,
    facts: Mapping[str, str] | None = None,
    command: str | None = None,
) -> Change:
    """Return the change of a denied action: an event with the denials; only ``seq`` grows."""
    after = evolve(entry, {"seq": entry.seq + 1})
    return _build_change(
        action,
        entry,
        after,
        at=at,
        actor=actor,
        verdict=verdict,
        denials=(),
        facts=facts,
        command=command,
    )


def _learns(entry: QueueEntry, status: ExportStatus, changes: EntryChanges) -> bool:
    """Return whether the version must grow, because a person must see this change before acting."""
    if status is not entry.status:
        return True
    if changes.get("withdrawing", entry.withdrawing) is not entry.withdrawing:
        return True
    if changes.get("holdings", entry.holdings) != entry.holdings:
        return True
    return _list_answers(changes.get("calls", entry.calls)) != _list_answers(entry.calls)


def _list_answers(calls: tuple[Call, ...]) -> list[Answer]:
    return [call.answer for call in calls if call.answer]


def apply_transition(
    action: Action,
    entry: QueueEntry,
    *,
    at: datetime,
    actor: str,
    to: ExportStatus | None = None,
    verdict: Verdict = ALLOWED,
    denials: tuple[Denial, ...] = (),
    facts: Mapping[str, str] | None = None,
    command: str | None = None,
    **changes: Unpack[EntryChanges],
) -> Change:
    """Return the change of :func:`apply_changes`; the changed fields are keyword arguments."""
    return apply_changes(
        action,
        entry,
        changes,
        at=at,
        actor=actor,
        to=to,
        verdict=verdict,
        denials=denials,
        facts=facts,
        command=command,
    )


def apply_changes(
    action: Action,
    entry: QueueEntry,
    changes: EntryChanges,
    *,
    at: datetime,
    actor: str,
    to: ExportStatus | None = None,
    verdict: Verdict = ALLOWED,
    denials: tuple[Denial, ...] = (),
    facts: Mapping[str, str] | None = None,
    command: str | None = None,
) -> Change:
    """
    Return the change that an allowed action makes.

    The state table gives the new status; ``to`` chooses one where the table has several. The
    version grows if the status, the receipts, the answer of a call or a pending withdrawal has
    changed. An entry that no longer needs its number slot gives it up. If a write was found not to
    have happened and nothing else is due, a daily look-up for its document is planned. The stored
    reason of a delay is removed unless ``changes`` has a new one.
    """
    status = find_next_status(action, entry.status, to)
    draft = copy_to_draft(entry)
    draft.delay = None
    for name, changed in changes.items():
        setattr(draft, name, changed)
    draft.status = status
    draft.seq = entry.seq + 1
    draft.version = entry.version + _learns(entry, status, changes)
    after = plan_watch(entry, finish(QueueEntry, draft), at)
    return _build_change(
        action,
        entry,
        free_slot(after),
        at=at,
        actor=actor,
        verdict=verdict,
        denials=denials,
        facts=facts,
        command=command,
    )


def store_knowledge(
    action: Action,
    entry: QueueEntry,
    known: QueueEntry,
    *,
    at: datetime,
    facts: Mapping[str, str] | None,
    denials: tuple[Denial, ...] = (),
    **changes: Unpack[EntryChanges],
) -> Change:
    """
    Return the worker's change that stores new answers and receipts.

    ``known`` is the entry with them. Its calls and its holdings (the receipts with their keys)
    replace those of ``entry``.
    """
    news: EntryChanges = {"calls": known.calls, "holdings": known.holdings, **changes}
    return apply_transition(
        action, entry, at=at, actor=WORKER.id, denials=denials, facts=facts, **news
    )


def build_delay(facts: Mapping[str, str] | None, needs_person: bool = False) -> Delay | None:  # noqa: FBT001, FBT002 - as Deferred has it
    """Return the delay with the reason ``why`` of an event's facts; ``None`` without a reason."""
    why = (facts or {}).get("why")
    return Delay(why, needs_person) if why else None


def choose_attempt(entry: QueueEntry) -> int:
    """
    Return the number of a new attempt, or the current one if its keys were never used.

    An idempotency key is used by a call. It is also used by a document that was found after a
    restore and whose call is not on record.
    """
    if not entry.calls and not entry.holdings:
        return entry.attempt
    used = [call.key for call in entry.calls] + [holding.key for holding in entry.holdings]
    current = (entry.generation, entry.attempt)
    is_used = any((key.generation, key.attempt) == current for key in used)
    return entry.attempt + 1 if is_used else entry.attempt

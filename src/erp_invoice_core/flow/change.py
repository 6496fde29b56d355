"""Change of an entry: a denial, or a transition of the state table."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from ..documents import WORKER, Delay
from ..events import Change
from ..rules.state_table import find_next_status
from ..values import evolve
from ..verdict import ALLOWED
from .number_slot import free_slot
from .watch import plan_watch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..documents import Acceptance, Call, ExportDocument, Holding, Lease, QueueEntry, Step
    from ..verdict import Denial, Verdict
    from ..vocabulary import Action, ExportStatus


class EntryChanges(TypedDict, total=False):
    """The fields of :class:`QueueEntry` that a change may set; the others follow from it."""

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
    """Return the change that a denied action makes: only ``seq`` grows."""
    return Change(
        action=action,
        before=entry,
        after=evolve(entry, seq=entry.seq + 1),
        at=at,
        actor=actor,
        verdict=verdict,
        facts=facts or {},
        command=command,
    )


def _list_knowledge(
    status: ExportStatus,
    holdings: tuple[Holding, ...],
    calls: tuple[Call, ...],
    *,
    withdrawing: bool,
) -> tuple[object, ...]:
    """Return the values of an entry that its version counts."""
    answers = tuple(call.answer for call in calls if call.answer)
    return (status, holdings, withdrawing, answers)


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
    """
    Return the change that an allowed action makes.

    The state table gives the new status. ``to`` chooses one where the table has several.
    The version grows when the status, the receipts, an answer or a pending withdrawal changes.
    The entry gives up its number slot once it needs none. Keys that were resolved as absent are
    looked up daily. The previous delay is removed unless the changes name a new one.
    """
    status = find_next_status(action, entry.status, to)
    known = _list_knowledge(
        status,
        changes.get("holdings", entry.holdings),
        changes.get("calls", entry.calls),
        withdrawing=changes.get("withdrawing", entry.withdrawing),
    )
    learnt = known != _list_knowledge(
        entry.status, entry.holdings, entry.calls, withdrawing=entry.withdrawing
    )
    version = entry.version + learnt
    changes.setdefault("delay", None)
    after = evolve(entry, status=status, seq=entry.seq + 1, version=version, **changes)
    after = plan_watch(entry, after, at)
    return Change(
        action=action,
        before=entry,
        after=free_slot(after),
        at=at,
        actor=actor,
        verdict=verdict,
        denials=denials,
        facts=facts or {},
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
    """Return the change that a worker makes with what is known: its calls and documents."""
    news: EntryChanges = {"calls": known.calls, "holdings": known.holdings, **changes}
    return apply_transition(
        action, entry, at=at, actor=WORKER.id, denials=denials, facts=facts, **news
    )


def build_delay(facts: Mapping[str, str] | None, needs_person: bool = False) -> Delay | None:  # noqa: FBT001, FBT002 - as Deferred has it
    """Return the delay of an entry with the reason ``why`` of the facts of its event."""
    why = (facts or {}).get("why")
    return Delay(why, needs_person) if why else None


def choose_attempt(entry: QueueEntry) -> int:
    """Return the number of a new attempt, or the current one if no call was made under it."""
    called = any(
        (call.key.generation, call.key.attempt) == (entry.generation, entry.attempt)
        for call in entry.calls
    )
    return entry.attempt + 1 if called else entry.attempt

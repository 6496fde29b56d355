"""The worker takes an entry, gives it back, or has to say no."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..documents import WORKER, Lease, QueueEntry
from ..rules import decide
from ..vocabulary import Action, ExportStatus
from .doubt import next_look_up
from .facing import facing_itself
from .move import delay_of, moved, refused
from .patience import PATIENCE, back_off, gave_up
from .resolve import fail, lose
from .watching import MOST_WATCHES, WATCH_EVERY

if TYPE_CHECKING:
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Restore
    from ..events import Change
    from ..verdict import Verdict
    from .patience import Patience

__all__ = ["claim", "hand_back", "postpone", "refuse", "watch", "watched_once"]


def claim(entry: QueueEntry, *, at: datetime, holder: str, lease: timedelta) -> Change:
    """Take the entry: an accepted one for export, an unknown or failed one to look or withdraw."""
    case = facing_itself(entry, at=at, erp=None)
    verdict = decide(Action.CLAIM, case)
    if not verdict:
        return refused(Action.CLAIM, entry, verdict, at=at, actor=WORKER.id)
    fencing = entry.fencing + 1
    accepted = entry.status is ExportStatus.ACCEPTED
    return moved(
        Action.CLAIM,
        entry,
        at=at,
        actor=WORKER.id,
        to=ExportStatus.EXPORTING if accepted else None,
        facts={"holder": holder, "fencing": str(fencing)},
        lease=Lease(holder=holder, fencing=fencing, until=at + lease),
        fencing=fencing,
        due_at=None if accepted else entry.due_at,
        lookups=entry.lookups + (entry.status is ExportStatus.UNKNOWN),
    )


def refuse(
    entry: QueueEntry,
    verdict: Verdict,
    *,
    at: datetime,
    erp: Declaration | None,
    known: QueueEntry | None = None,
    facts: dict[str, str] | None = None,
    patience: Patience = PATIENCE,
    restore: Restore | None = None,
) -> Change:
    """
    The answer is no: failed, with the reasons; unknown while another call is in doubt.

    ``restore``: the restore because of which a person is asked; this is remembered.
    """
    known = known or entry
    if known.in_doubt:
        return lose(entry, known, at=at, erp=erp, facts=facts or {}, patience=patience)
    return fail(entry, known, verdict=verdict, at=at, facts=facts, restore=restore)


def hand_back(
    entry: QueueEntry,
    *,
    at: datetime,
    erp: Declaration | None,
    until: datetime | None,
    needs_person: bool = False,
    known: QueueEntry | None = None,
    facts: dict[str, str],
    chance: float = 0.0,
    patience: Patience = PATIENCE,
) -> Change:
    """
    Not now, but later: nothing was sent by this call. Given up after many times.

    Args:
        entry: The claimed entry.
        at: Now (UTC).
        erp: The ERP's declaration, if its adapter is here.
        until: Not before then (UTC), if the ERP said so.
        needs_person: Only a person can repair what puts it off.
        known: The entry with what was learned meanwhile.
        facts: What belongs to the event; ``why`` above all.
        chance: From 0 to 1, spreads the waits of many entries: by so much of a half it is shorter.
        patience: After how many times it is given up.
    """
    known = known or entry
    times = entry.deferrals + 1
    if known.in_doubt:
        return lose(entry, known, at=at, erp=erp, facts=facts, patience=patience)
    if times >= patience.deferrals:
        verdict = gave_up(facts.get("why", "deferred"), times)
        return refuse(entry, verdict, at=at, erp=erp, known=known, facts=facts)
    wait = back_off(times, chance)
    return moved(
        Action.DEFER,
        entry,
        at=at,
        actor=WORKER.id,
        to=ExportStatus.ACCEPTED,
        facts=facts,
        calls=known.calls,
        holdings=known.holdings,
        lease=None,
        due_at=max(until, at + timedelta(seconds=1)) if until else at + wait,
        deferrals=times,
        delay=delay_of(facts, needs_person),
    )


def postpone(
    entry: QueueEntry,
    *,
    at: datetime,
    facts: dict[str, str],
    needs_person: bool = False,
    patience: Patience = PATIENCE,
) -> Change:
    """The ERP could not be asked about an unknown or withdrawing entry: it is asked later."""
    last = at + patience.look_ups[-1] if entry.withdrawing else None
    return moved(
        Action.RECORD,
        entry,
        at=at,
        actor=WORKER.id,
        facts=facts,
        lease=None,
        due_at=next_look_up(entry, at, patience) or last,
        delay=delay_of(facts, needs_person),
    )


def watch(entry: QueueEntry, *, at: datetime) -> Change:
    """
    Its watched keys are about to be looked up: the next time is planned first.

    The look does not count yet: its worker may stop, or the ERP may give no answer.
    """
    facts = {"watch": str(entry.lookups + 1)}
    due_at = at + WATCH_EVERY
    return moved(Action.RECORD, entry, at=at, actor=WORKER.id, facts=facts, due_at=due_at)


def watched_once(entry: QueueEntry, *, at: datetime) -> Change:
    """The ERP answered a look at the watched keys: it counts, and the last one ends the watch."""
    looks = entry.lookups + 1
    due_at = entry.due_at if looks < MOST_WATCHES else None
    facts = {"watched": str(looks)}
    return moved(
        Action.RECORD, entry, at=at, actor=WORKER.id, facts=facts, due_at=due_at, lookups=looks
    )

"""How doubt begins and ends, and what follows from what is known."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..documents import WORKER, QueueEntry
from ..rules import decide
from ..vocabulary import Action, ExportStatus
from .doubt import asks_a_person, first_look_up, next_look_up
from .facing import facing_itself, is_complete
from .move import delay_of, moved, next_attempt
from .patience import PATIENCE, gave_up

if TYPE_CHECKING:
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Restore
    from ..events import Change
    from ..verdict import Verdict
    from .patience import Patience

__all__ = ["conclude", "fail", "lose"]


def lose(
    entry: QueueEntry,
    known: QueueEntry,
    *,
    at: datetime,
    erp: Declaration | None,
    facts: dict[str, str],
    patience: Patience = PATIENCE,
) -> Change:
    """The answer of a call is lost: unknown, to be looked up."""
    planned = next_look_up(entry, at, patience)
    return moved(
        Action.LOSE,
        entry,
        at=at,
        actor=WORKER.id,
        to=ExportStatus.UNKNOWN,
        facts=facts,
        calls=known.calls,
        holdings=known.holdings,
        lease=None,
        due_at=first_look_up(known, at, erp, patience) if planned else None,
        lost_claims=entry.lost_claims + 1,
        delay=delay_of(facts),
    )


def _decides(action: Action, known: QueueEntry, at: datetime, erp: Declaration | None) -> Verdict:
    return decide(action, facing_itself(known, at=at, erp=erp))


def conclude(
    entry: QueueEntry,
    known: QueueEntry,
    *,
    at: datetime,
    erp: Declaration | None,
    facts: dict[str, str] | None = None,
    patience: Patience = PATIENCE,
) -> Change:
    """
    Return the move that what is known now allows: post, go on, resume, refuse, look again.

    Args:
        entry: The entry as it stands.
        known: The same with the answers and receipts that were learned.
        at: Now (UTC).
        erp: The ERP's declaration, if its adapter is here.
        facts: What else belongs to the event.
        patience: For how long it is looked up, and after how many lost answers it is given up.
    """
    if is_complete(known) and not known.in_doubt:
        verdict = _decides(Action.POST, known, at, erp)
        settle = _posted if verdict else partial(fail, verdict=verdict)
        return settle(entry, known, at=at, facts=facts)
    if known.status is ExportStatus.EXPORTING:
        if known.in_doubt:
            return lose(entry, known, at=at, erp=erp, facts=facts or {}, patience=patience)
        return _noted(entry, known, at=at, facts=facts)
    return _looked_up(entry, known, at=at, erp=erp, facts=facts, patience=patience)


def _looked_up(
    entry: QueueEntry,
    known: QueueEntry,
    *,
    at: datetime,
    erp: Declaration | None,
    facts: dict[str, str] | None,
    patience: Patience,
) -> Change:
    """Return the move of an unknown entry that is not posted: resume, refuse, look again."""
    verdict = _decides(Action.RESUME, known, at, erp)
    if verdict and known.lost_claims >= patience.lost_claims:
        verdict = gave_up("its answers were lost", known.lost_claims)
    if verdict and not is_complete(known):
        return _resumed(entry, known, at=at, facts=facts)
    if known.in_doubt:
        again = None if asks_a_person(known, at, erp) else next_look_up(known, at, patience)
        return _noted(
            entry, known, at=at, facts=facts, lease=None, due_at=again, delay=delay_of(facts)
        )
    return fail(entry, known, verdict=verdict, at=at, facts=facts)


def _noted(
    entry: QueueEntry,
    known: QueueEntry,
    *,
    at: datetime,
    facts: dict[str, str] | None,
    **changes: Any,  # noqa: ANN401 - the entry's own fields, checked when it is built
) -> Change:
    news = {"calls": known.calls, "holdings": known.holdings, **changes}
    return moved(Action.RECORD, entry, at=at, actor=WORKER.id, facts=facts, **news)


def _posted(
    entry: QueueEntry, known: QueueEntry, *, at: datetime, facts: dict[str, str] | None
) -> Change:
    return moved(
        Action.POST,
        entry,
        at=at,
        actor=WORKER.id,
        to=ExportStatus.SYNCED,
        facts=facts,
        calls=known.calls,
        holdings=known.holdings,
        lease=None,
        due_at=None,
        refusal=(),
    )


def _resumed(
    entry: QueueEntry, known: QueueEntry, *, at: datetime, facts: dict[str, str] | None
) -> Change:
    anew = not known.in_doubt and not known.standing
    return moved(
        Action.RESUME,
        entry,
        at=at,
        actor=WORKER.id,
        to=ExportStatus.ACCEPTED,
        facts=facts,
        calls=known.calls,
        holdings=known.holdings,
        lease=None,
        due_at=at,
        lookups=known.lookups if known.in_doubt else 0,
        attempt=next_attempt(known) if anew else known.attempt,
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
    """The answer is no, and nothing is in doubt: a person decides."""
    return moved(
        Action.REFUSE,
        entry,
        at=at,
        actor=WORKER.id,
        to=ExportStatus.FAILED,
        denials=verdict.denials,
        facts=facts,
        calls=known.calls,
        holdings=known.holdings,
        lease=None,
        due_at=None,
        refusal=verdict.denials,
        restore_checked=restore.number if restore else entry.restore_checked,
    )

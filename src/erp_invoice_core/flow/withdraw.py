"""Withdrawal: the approver asks for it, the worker removes leftover documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import attrs

from ..documents import Answer, Call, CallKind, QueueEntry
from ..exchange import Deferred, Done, Outcome, Refused, Unknown
from ..rules import decide
from ..vocabulary import Action
from .change import apply_transition, build_delay, record_denial, store_knowledge
from .knowledge import mark_gone, record_answer
from .look_up import plan_first_look_up, plan_next_look_up
from .retry_policy import DEFAULT_RETRY_POLICY, give_up

if TYPE_CHECKING:
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Actor
    from ..events import Change
    from ..rules import Case
    from ..verdict import Denial
    from .retry_policy import RetryPolicy


def _mark_removed(call: Call) -> Call:
    in_doubt = call.kind is CallKind.WITHDRAW and call.answer is None
    return attrs.evolve(call, answer=Answer.RECEIPT) if in_doubt else call


def ask_withdrawal(
    entry: QueueEntry,
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    evidence: str | None,
    command: str | None = None,
) -> Change:
    """Ask the worker to remove leftover documents, or record with evidence that they are gone."""
    verdict = decide(Action.WITHDRAW, case)
    facts = {"evidence": evidence} if evidence else {}
    if not verdict:
        return record_denial(
            Action.WITHDRAW, entry, verdict, at=at, actor=actor.id, facts=facts, command=command
        )
    # The rules ask for evidence where no worker can remove the documents.
    by_hand = bool(evidence and evidence.strip())
    return apply_transition(
        Action.WITHDRAW,
        entry,
        at=at,
        actor=actor.id,
        verdict=verdict,
        facts=facts,
        command=command,
        calls=tuple(map(_mark_removed, entry.calls)) if by_hand else entry.calls,
        holdings=(mark_gone(entry, None) if by_hand else entry).holdings,
        withdrawing=not by_hand,
        lease=None,
        due_at=None if by_hand else at,
        lookups=0,
    )


def record_withdrawal(
    entry: QueueEntry,
    place: int,
    outcome: Outcome,
    *,
    at: datetime,
    erp: Declaration | None,
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
) -> Change:
    """
    Record the outcome of a removal, or of reading back the document that was to be removed.

    After ``Done`` the document is gone. After ``Refused`` it stays, and a person decides. After
    ``Deferred`` nothing was removed, and the removal is tried again. After ``Unknown`` the document
    is read back. The last two follow the schedule of look-ups, and at its end a person decides.
    """
    call = entry.calls[place]
    facts = {"key": call.key.text, "erp_id": call.erp_id or ""}
    refusal: tuple[Denial, ...] | None = None
    needs_person = False
    lookups = entry.lookups + 1
    due_at: datetime | None = None
    match outcome:
        case Done(_):
            known = mark_gone(record_answer(entry, place, Answer.RECEIPT), call.erp_id)
            due_at, lookups = (at, 0) if known.living else (None, 0)
        case Refused(verdict):
            known, refusal = record_answer(entry, place, Answer.REFUSED), verdict.denials
        case Deferred(until, why, needs_person):
            known, facts["why"] = record_answer(entry, place, Answer.DEFERRED), why
            due_at = plan_next_look_up(entry, at, retry_policy)
            due_at = due_at and (until or due_at)
            refusal = None if due_at else give_up(lookups, why=why).denials
        case Unknown(why):
            known, facts["why"] = entry, why
            again = plan_next_look_up(entry, at, retry_policy)
            due_at = again if entry.lookups else plan_first_look_up(entry, at, erp, retry_policy)
        case _:
            assert_never(outcome)
    return store_knowledge(
        Action.RECORD,
        entry,
        known,
        at=at,
        facts=facts,
        denials=refusal or (),
        withdrawing=due_at is not None,
        due_at=due_at,
        lease=None,
        lookups=lookups,
        delay=build_delay(facts, needs_person) if due_at else None,
        refusal=entry.refusal if refusal is None else refusal,
    )

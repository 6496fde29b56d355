"""
Knowledge of an entry: answers, documents, and when absence counts.

Some functions return an entry to which an answer or a document is added. The others say what the
calls and documents of an entry mean. *Absence counts* from the moment at which a look-up that finds
nothing proves that a call did not happen.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..declaration import Declaration, LookUp, Replay, StepTerms
from ..documents import Answer, CallKind, Holding, QueueEntry
from ..values import evolve

if TYPE_CHECKING:
    from datetime import datetime

    from ..documents import Call, Key, Receipt, Restore


def find_terms(call: Call, erp: Declaration | None) -> StepTerms:
    """Return what the ERP guarantees for a call; cautious terms if the adapter is not loaded."""
    return erp.terms_of(call.step_kind) if erp else StepTerms()


def find_settle_time(call: Call, erp: Declaration | None) -> datetime | None:
    """
    Return from when a look-up that finds nothing proves that a call did not happen (UTC).

    ``None`` if such a look-up never proves it. The moment is counted from the end of the lease
    under which the call was started; a renewal of the lease does not move it.
    """
    terms = find_terms(call, erp)
    if terms.settles_within is None:
        return None
    return call.lease_until + terms.settles_within + terms.visible_after


def find_end_of_requests(terms: StepTerms, restore: Restore) -> datetime:
    """
    Return when all requests from before a restore are executed and can be found (UTC).

    It is the moment of the restore plus the times that the ERP declares for both; a time that it
    does not declare counts as zero.
    """
    return restore.at + (terms.settles_within or timedelta()) + terms.visible_after


def find_last_settle_time(
    entry: QueueEntry, erp: Declaration | None, restore: Restore | None = None
) -> datetime | None:
    """
    Return from when a person may state that a document is absent (UTC); ``None``: at any time.

    It is the latest settle time of the calls in doubt. If the ERP does not declare how long a
    request may take, a call has no settle time and delays nothing. Calls after a backup are not on
    record; after ``restore``, requests of every kind of step therefore count as under way.
    """
    if not entry.calls and restore is None:
        return None
    moments = [find_settle_time(call, erp) for call in entry.in_doubt]
    if restore is not None and erp is not None:
        moments += [find_end_of_requests(terms, restore) for terms in erp.terms.values()]
    return max((moment for moment in moments if moment is not None), default=None)


def _may_repeat(call: Call, entry: QueueEntry, at: datetime, erp: Declaration | None) -> bool:
    terms = find_terms(call, erp)
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


def can_repeat(entry: QueueEntry, at: datetime, erp: Declaration | None) -> bool:
    """Return whether every call in doubt may be repeated under its key."""
    return not entry.calls or all(_may_repeat(call, entry, at, erp) for call in entry.in_doubt)


def needs_person(entry: QueueEntry, at: datetime, erp: Declaration | None) -> bool:
    """
    Return whether no look-up and no repeat can end the doubt, so that only a person can.

    If the adapter is not loaded the answer is no, as it may be loaded again later.
    """
    blind = erp is not None and all(
        call.kind is CallKind.WRITE and find_terms(call, erp).look_up is LookUp.NONE
        for call in entry.in_doubt
    )
    return blind and not can_repeat(entry, at, erp)


def record_answer(entry: QueueEntry, place: int, answer: Answer) -> QueueEntry:
    """Return the entry with an answer for the call at the index ``place`` of ``entry.calls``."""
    calls = list(entry.calls)
    calls[place] = evolve(calls[place], {"answer": answer})
    return evolve(entry, {"calls": tuple(calls)})


def is_gone(entry: QueueEntry, erp_id: str) -> bool:
    """Return whether the entry's document with this ERP id is known to be gone."""
    return any(held.gone and held.receipt.erp_id == erp_id for held in entry.holdings)


def build_holding(entry: QueueEntry, key: Key, receipt: Receipt, digest: str) -> Holding:
    """
    Return a receipt as the entry stores it: with its key and the digest of what was sent.

    A receipt of the current attempt gets its role from the plan, and not from the adapter's answer:
    a document without a role would belong to no entry.
    """
    planned = {step.name: step.role for step in entry.plan}
    is_current = (key.generation, key.attempt) == (entry.generation, entry.attempt)
    role = planned.get(key.step, receipt.role) if is_current else receipt.role
    kept = evolve(receipt, {"step": key.step, "digest": digest, "role": role})
    return Holding(kept, key, is_gone(entry, receipt.erp_id))


def add_holding(entry: QueueEntry, holding: Holding) -> QueueEntry:
    """Return the entry with the holding added; unchanged if the entry has this holding already."""
    holdings = _list_with(entry.holdings, holding)
    return entry if holdings is entry.holdings else evolve(entry, {"holdings": holdings})


def _list_with(holdings: tuple[Holding, ...], holding: Holding) -> tuple[Holding, ...]:
    same = (holding.receipt.step, holding.receipt.erp_id, holding.key)
    for known in holdings:
        if (known.receipt.step, known.receipt.erp_id, known.key) == same:
            return holdings
    return (*holdings, holding)


def add_receipt(
    entry: QueueEntry, place: int, receipt: Receipt, erp: Declaration | None
) -> QueueEntry:
    """
    Return the entry with the receipt of the call at the index ``place`` of ``entry.calls``.

    If the ERP enforces idempotency keys, the receipt also answers the other calls in doubt with the
    same key.
    """
    call = entry.calls[place]
    calls = list(entry.calls)
    calls[place] = evolve(call, {"answer": Answer.RECEIPT})
    if find_terms(call, erp).enforces_key:
        for other, twin in enumerate(calls):
            if twin.answer is None and twin.kind is call.kind and twin.key == call.key:
                calls[other] = evolve(twin, {"answer": Answer.RECEIPT})
    holding = build_holding(entry, call.key, receipt, call.digest)
    # One copy of the entry for the calls and the holding (line 4c of the benchmarks).
    return evolve(entry, {"calls": tuple(calls), "holdings": _list_with(entry.holdings, holding)})


def mark_gone(entry: QueueEntry, erp_id: str | None) -> QueueEntry:
    """Return the entry with a document marked as gone; without an id, with all of them."""
    holdings = tuple(
        evolve(held, {"gone": held.gone or erp_id in {None, held.receipt.erp_id}})
        for held in entry.holdings
    )
    return evolve(entry, {"holdings": holdings})


def _is_torn(entry: QueueEntry) -> bool:
    """True if a document of the current attempt is gone, so that this attempt cannot continue."""
    this_try = (entry.generation, entry.attempt)
    return any(
        held.gone and held.receipt.role and (held.key.generation, held.key.attempt) == this_try
        for held in entry.holdings
    )


def is_left_accepted(entry: QueueEntry) -> bool:
    """
    Return whether the documents in the ERP are those that were accepted, one for each role.

    It is False if a document of the current attempt is gone and another one is left. The key of the
    gone document is used up, and a new attempt must begin without leftover documents.
    """
    if not entry.holdings:
        return True
    standing, living = entry.standing, entry.living
    if len(standing) != len(living) or (living and _is_torn(entry)):
        return False
    documents = {
        (holding.receipt.role, holding.receipt.erp_id)
        for holding in standing
        if holding.receipt.role
    }
    return len({role for role, _ in documents}) == len(documents)


def is_complete(entry: QueueEntry) -> bool:
    """Return whether each planned step has a receipt whose accepted document still exists."""
    if not (entry.plan and entry.holdings):
        return False
    done = {holding.receipt.step for holding in entry.standing}
    return all(step.name in done for step in entry.plan)

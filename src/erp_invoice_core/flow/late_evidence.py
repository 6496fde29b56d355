"""
Late evidence: receipts and finds that arrive after the lease was lost.

A worker may lose its lease while a call is under way. The answer still proves what happened in the
ERP, so it is stored whatever the status of the entry is. It changes the status only if it proves a
document that the entry does not know: ``sight`` then makes the entry unknown, and the next look-up
decides. On a synced entry, or for an earlier generation, such a document raises an alarm instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, assert_never

import attrs

from ..documents import Answer, CallKind, QueueEntry
from ..exchange import Deferred, Done, Found, Outcome, Refused, Unknown
from ..message_template import MessageTemplate
from ..verdict import Source
from ..vocabulary import Action, ExportStatus
from .change import store_knowledge
from .evidence import find_digest, find_matching_key, is_same_attempt
from .knowledge import add_holding, add_receipt, build_holding, mark_gone, record_answer
from .watch import find_watched_calls

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Call, Key, Receipt, Step
    from ..events import Change
    from ..verdict import Denial
    from .change import EntryChanges


_SECOND = MessageTemplate(
    "erp.second_document",
    "The ERP has document {erp_id} of this invoice besides the one that is on record. Compare the"
    " two in the ERP, and remove the one that is not needed.",
    source=Source.ERP,
)
_GONE = MessageTemplate(
    "erp.document_gone",
    "Document {erp_id} of this invoice was removed from the ERP. Unlink the invoice and send it again.",
    source=Source.ERP,
)
_SEVERAL = MessageTemplate(
    "erp.several",
    "The ERP has several documents of this invoice with the same idempotency key, {key}, and one of"
    " them is not on record. Check these documents in the ERP, and remove those that are not"
    " needed.",
    source=Source.ERP,
)


def _find_wake_time(entry: QueueEntry, known: QueueEntry, at: datetime) -> datetime | None:
    """
    Return when the entry is due after new answers (UTC); ``None`` if no worker has to act.

    It is ``at`` if the answers in ``known`` end the doubt of an unknown entry that no worker has
    claimed. Otherwise the entry is due as before.
    """
    settled = entry.status is ExportStatus.UNKNOWN and not known.in_doubt and entry.lease is None
    return at if settled else entry.due_at


def sight(
    entry: QueueEntry,
    key: Key,
    receipt: Receipt,
    *,
    at: datetime,
    digest: str,
    calls: tuple[Call, ...] | None = None,
    plan: Sequence[Step] | None = None,
) -> Change:
    """
    Store a receipt that was found, whatever the status of the entry.

    A document that the entry does not know makes the entry unknown and ends its lease. On a synced
    entry, or for an earlier generation, it raises an alarm and the status stays. The status also
    stays if the entry has the document on record already, or has recorded it as gone.

    Args:
        entry: The entry as stored.
        key: The key under which the document was made.
        receipt: The receipt of the ERP.
        at: Now (UTC).
        digest: Digest of what was sent under the key.
        calls: The calls, if the receipt also settles some of them.
        plan: The steps of the current attempt, if they were not stored yet.
    """
    facts = {"key": key.text, "erp_id": receipt.erp_id}
    held = build_holding(entry, key, receipt, digest)
    after = attrs.evolve(add_holding(entry, held), calls=entry.calls if calls is None else calls)
    former = key.generation != entry.generation
    rests = former or entry.status is ExportStatus.SYNCED
    there = receipt.erp_id in {one.receipt.erp_id for one in entry.living}
    if held.gone or after.holdings == entry.holdings or (rests and there):
        return _record(entry, after, at=at, facts=facts, due_at=_find_wake_time(entry, after, at))
    if rests:
        kept = attrs.evolve(after, holdings=entry.holdings) if former else after
        alarm = (_SECOND.deny({"erp_id": receipt.erp_id}),)
        return _record(entry, kept, at=at, facts=facts, denials=alarm)
    return store_knowledge(
        Action.SIGHT,
        entry,
        after,
        at=at,
        facts=facts,
        plan=entry.plan if plan is None else tuple(plan),
        lease=None,
        due_at=at,
        lookups=0,
        withdrawing=False,
    )


def sight_several(entry: QueueEntry, key: Key, why: str, *, at: datetime) -> Change:
    """
    Record an alarm: several documents have the key of a write that was taken for absent.

    A look-up or a person had found that the write did not happen. The worker cannot know which of
    the documents it made, and therefore stores no receipt.
    """
    return _record(
        entry,
        entry,
        at=at,
        facts={"key": key.text, "why": why},
        denials=(_SEVERAL.deny({"key": key.text}),),
    )


def _record(
    entry: QueueEntry,
    known: QueueEntry,
    *,
    at: datetime,
    facts: dict[str, str],
    denials: tuple[Denial, ...] = (),
    **changes: Unpack[EntryChanges],
) -> Change:
    return store_knowledge(
        Action.RECORD, entry, known, at=at, facts=facts, denials=denials, **changes
    )


def record_late_answer(
    entry: QueueEntry,
    place: int,
    answer: Answer,
    receipt: Receipt | None,
    *,
    at: datetime,
    erp: Declaration | None,
) -> Change:
    """
    Record an answer that arrived after the lease of its call was lost.

    If it is the receipt of a write, :func:`sight` stores it.
    """
    call = entry.calls[place]
    if receipt is not None and call.kind is CallKind.WRITE:
        known = add_receipt(entry, place, receipt, erp) if call.answer is None else entry
        return sight(entry, call.key, receipt, at=at, digest=call.digest, calls=known.calls)
    known = record_answer(entry, place, answer) if call.answer is None else entry
    removed = receipt is not None and call.erp_id is not None
    lost = removed and call.erp_id in {held.receipt.erp_id for held in entry.living}
    if removed:
        known = mark_gone(known, call.erp_id)
    withdrawing = entry.withdrawing and bool(known.living)
    ended = entry.withdrawing and not withdrawing
    alarm = lost and entry.status is ExportStatus.SYNCED
    return _record(
        entry,
        known,
        at=at,
        facts={"key": call.key.text, "testimony": answer.value},
        denials=(_GONE.deny({"erp_id": str(call.erp_id)}),) if alarm else (),
        withdrawing=withdrawing,
        due_at=None if ended else _find_wake_time(entry, known, at),
        lease=None if ended else entry.lease,
    )


def record_late_outcome(
    entry: QueueEntry, place: int, outcome: Outcome, *, at: datetime, erp: Declaration | None
) -> Change | None:
    """
    Return the change that the outcome of a call makes if it arrives after the lease was lost.

    The outcome is stored as evidence and does not continue the export. ``None`` if the outcome is
    unknown, as that proves nothing.

    Args:
        entry: The entry as stored now.
        place: The index of the call in ``entry.calls``.
        outcome: The outcome of the call.
        at: Now (UTC).
        erp: The declaration of the ERP, if its adapter is loaded.
    """
    match outcome:
        case Done(receipt):
            return record_late_answer(entry, place, Answer.RECEIPT, receipt, at=at, erp=erp)
        case Refused():
            return record_late_answer(entry, place, Answer.REFUSED, None, at=at, erp=erp)
        case Deferred():
            return record_late_answer(entry, place, Answer.DEFERRED, None, at=at, erp=erp)
        case Unknown():
            return None
        case _:
            assert_never(outcome)


def record_late_sighting(
    entry: QueueEntry,
    place: int,
    key: Key,
    receipt: Receipt,
    *,
    at: datetime,
    erp: Declaration | None,
) -> Change:
    """
    Return the change for a document that a look-up of a call found after the lease was lost.

    Args:
        entry: The entry as stored now.
        place: The index in ``entry.calls`` of the call that was looked up.
        key: The key of this entry under which the document was made.
        receipt: The document's receipt.
        at: Now (UTC).
        erp: The declaration of the ERP, if its adapter is loaded.
    """
    if is_same_attempt(key, entry.calls[place]):
        return record_late_answer(entry, place, Answer.RECEIPT, receipt, at=at, erp=erp)
    return sight(entry, key, receipt, at=at, digest=find_digest(entry, key))


def record_late_find(
    entry: QueueEntry,
    step: Step,
    found: Found,
    *,
    asked_at: datetime,
    at: datetime,
    erp: Declaration,
    taken: Collection[str],
) -> Change | None:
    """
    Return the change for a document that a look-up of a step found after the lease was lost.

    It is ``None`` if the document is not proved to be this entry's.

    Args:
        entry: The entry as stored now.
        step: The step whose document was looked up.
        found: The document.
        asked_at: When the ERP was asked (UTC).
        at: Now (UTC).
        erp: The declaration of the ERP.
        taken: ERP ids of documents that are, or may be, another entry's or another generation's.
    """
    in_doubt = {
        place: call
        for place, call in enumerate(entry.calls)
        if call.answer is None and call.kind is CallKind.WRITE and call.key.step == step.name
    }
    absent = [call for call in find_watched_calls(entry) if call.key.step == step.name]
    calls = [*in_doubt.values(), *absent]
    key = find_matching_key(found, entry, calls, erp=erp, at=asked_at, taken=taken)
    if key is None:
        return None
    for place, call in in_doubt.items():
        if is_same_attempt(key, call):
            return record_late_sighting(entry, place, key, found.receipt, at=at, erp=erp)
    return sight(entry, key, found.receipt, at=at, digest=find_digest(entry, key))

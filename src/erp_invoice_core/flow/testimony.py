"""Evidence is always taken: receipts that turn up, answers of holders whose lease is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..documents import WORKER, Answer, CallKind, QueueEntry
from ..verdict import Denial, Source
from ..vocabulary import Action, ExportStatus
from .known import answered, holding_of, with_holding, with_receipt, withdrawn
from .move import moved

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Call, Key, Receipt, Step
    from ..events import Change

__all__ = ["sight", "sight_several", "testify"]


def _second(erp_id: str) -> Denial:
    message = (
        f"Check document {erp_id} in the ERP: it was made for this invoice "
        "besides the one that is on record."
    )
    return Denial("erp.second_document", message, Source.ERP, {"erp_id": erp_id})


def _gone(erp_id: str) -> Denial:
    message = f"Unlink this invoice and send it again: its document {erp_id} was removed there."
    return Denial("erp.document_gone", message, Source.ERP, {"erp_id": erp_id})


def _several(key: Key) -> Denial:
    message = (
        f"Check the ERP: it has several documents of this invoice under {key.text}, "
        "and one of them is not on record."
    )
    return Denial("erp.several", message, Source.ERP, {"key": key.text})


def _wakes(entry: QueueEntry, known: QueueEntry, at: datetime) -> datetime | None:
    """Return when to look next: at once where nothing is in doubt any more."""
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
    A receipt turned up: it is kept, whatever the status.

    One that the entry does not know makes it unknown and breaks a live lease. On a synced entry, or
    for an earlier generation, it raises an alarm and moves nothing; nor does one whose document is
    known, or known to be gone.

    Args:
        entry: The entry as it stands.
        key: The key under which the document was made.
        receipt: What the ERP says.
        at: Now (UTC).
        digest: Digest of what was sent under the key.
        calls: The calls, where the receipt also settles some of them.
        plan: The steps of the standing try, where they were not frozen yet.
    """
    facts = {"key": key.text, "erp_id": receipt.erp_id}
    held = holding_of(entry, key, receipt, digest)
    after = attrs.evolve(with_holding(entry, held), calls=entry.calls if calls is None else calls)
    former = key.generation != entry.generation
    rests = former or entry.status is ExportStatus.SYNCED
    there = receipt.erp_id in {one.receipt.erp_id for one in entry.living}
    if held.gone or after.holdings == entry.holdings or (rests and there):
        return _recorded(entry, after, at=at, facts=facts, due_at=_wakes(entry, after, at))
    if rests:
        kept = attrs.evolve(after, holdings=entry.holdings) if former else after
        alarm = (_second(receipt.erp_id),)
        return _recorded(entry, kept, at=at, facts=facts, denials=alarm)
    return moved(
        Action.SIGHT,
        entry,
        at=at,
        actor=WORKER.id,
        to=ExportStatus.UNKNOWN,
        facts=facts,
        plan=entry.plan if plan is None else tuple(plan),
        calls=after.calls,
        holdings=after.holdings,
        lease=None,
        due_at=at,
        lookups=0,
        withdrawing=False,
    )


def sight_several(entry: QueueEntry, key: Key, why: str, *, at: datetime) -> Change:
    """
    Under a key that was ruled absent several documents turned up: an alarm, and no move.

    Which of them is not on record nobody can tell from here, so none becomes a receipt.
    """
    return _recorded(
        entry, entry, at=at, facts={"key": key.text, "why": why}, denials=(_several(key),)
    )


def _recorded(
    entry: QueueEntry,
    known: QueueEntry,
    *,
    at: datetime,
    facts: dict[str, str],
    denials: tuple[Denial, ...] = (),
    **changes: Any,  # noqa: ANN401 - the entry's own fields, checked when it is built
) -> Change:
    news = {"calls": known.calls, "holdings": known.holdings, **changes}
    return moved(Action.RECORD, entry, at=at, actor=WORKER.id, denials=denials, facts=facts, **news)


def testify(
    entry: QueueEntry,
    place: int,
    answer: Answer,
    receipt: Receipt | None,
    *,
    at: datetime,
    erp: Declaration | None,
) -> Change:
    """A holder whose lease is over answers: its call is settled; a receipt is sighted."""
    call = entry.calls[place]
    if receipt is not None and call.kind is CallKind.WRITE:
        known = with_receipt(entry, place, receipt, erp) if call.answer is None else entry
        return sight(entry, call.key, receipt, at=at, digest=call.digest, calls=known.calls)
    known = answered(entry, place, answer) if call.answer is None else entry
    removed = receipt is not None and call.erp_id is not None
    lost = removed and call.erp_id in {held.receipt.erp_id for held in entry.living}
    if removed:
        known = withdrawn(known, call.erp_id)
    withdrawing = entry.withdrawing and bool(known.living)
    ended = entry.withdrawing and not withdrawing
    alarm = lost and entry.status is ExportStatus.SYNCED
    return _recorded(
        entry,
        known,
        at=at,
        facts={"key": call.key.text, "testimony": answer.value},
        denials=(_gone(str(call.erp_id)),) if alarm else (),
        withdrawing=withdrawing,
        due_at=None if ended else _wakes(entry, known, at),
        lease=None if ended else entry.lease,
    )

"""The export of one claimed entry: judge, check, look first, then step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..declaration import LookUp
from ..exchange import Absent, CannotTell, Deferred, Found, Several
from ..flow import (
    conclude,
    hand_back,
    lose,
    record,
    refuse,
    replayable,
    sight,
    slot_of,
    watched,
)
from ..stores import SlotTaken
from ..verdict import Denial, Source, Verdict
from ..vocabulary import ExportStatus
from .evidence import counted, digest_under, has_number, keys_of
from .judging import judged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..documents import Call, Step
    from ..exchange import ExportRequest
    from ..queue import ExportQueue
    from .job import Job

__all__ = ["export"]


def _no(code: str, message: str) -> Verdict:
    return Verdict((Denial(code, message, Source.ERP),))


_ALREADY = _no(
    "erp.already_there",
    "Find out who entered this number in the ERP: a document with it is there already.",
)
_NUMBER = _no(
    "export.number_taken",
    "Change the invoice number or withdraw the other invoice: its number is taken in the ERP.",
)


def _refuse(job: Job, verdict: Verdict) -> None:
    at = job.now()
    job.commit(lambda entry: refuse(entry, verdict, at=at, erp=job.erp))


def _defer(job: Job, deferred: Deferred) -> None:
    job.reconnect()
    at, facts = job.now(), {"why": deferred.why}
    job.commit(
        lambda entry: hand_back(entry, at=at, erp=job.erp, until=deferred.until, facts=facts)
    )


def _lose(job: Job) -> None:
    at, facts = job.now(), {"why": "The call in doubt may not be repeated any more."}
    job.commit(lambda entry: lose(entry, entry, at=at, erp=job.erp, facts=facts))


def export(queue: ExportQueue, job: Job) -> None:
    """
    Carry the export as far as it goes.

    Once something of it is written, or in doubt, it is finished and not judged again.

    Raises:
        Lost: The lease is another's by now.
    """
    untouched = not job.entry.living and not job.entry.in_doubt
    if untouched and _stops(job, judged(queue, job)):
        return
    request = job.request(job.now() + job.lease)
    plan = job.entry.plan or job.adapter.steps(request)
    if isinstance(plan, Deferred):
        _defer(job, plan)
    elif not untouched or _may_begin(job, request, plan):
        _write(job, plan)


def _stops(job: Job, answer: Verdict | Deferred) -> bool:
    """Give the entry back, or refuse it, as the answer says; whether that ends it here."""
    if isinstance(answer, Deferred):
        _defer(job, answer)
    elif not answer:
        _refuse(job, answer)
    else:
        return False
    return True


def _may_begin(job: Job, request: ExportRequest, plan: Sequence[Step]) -> bool:
    stops = _stops(job, job.adapter.check(job.session, request))
    return not stops and _clear(job, request, plan)


def _clear(job: Job, request: ExportRequest, plan: Sequence[Step]) -> bool:
    """Look before the first write, where it tells something; whether the way is clear."""
    late = {call.key.step for call in watched(job.entry)}
    return all(_is_clear(job, request, step) for step in plan if step.role or step.name in late)


def _is_clear(job: Job, request: ExportRequest, step: Step) -> bool:
    terms = job.erp.terms_of(step.kind)
    late = [call for call in watched(job.entry) if call.key.step == step.name]
    by_number = terms.look_up is LookUp.NUMBER
    if terms.look_up is LookUp.NONE or (by_number and not has_number(job.entry, job.erp)):
        return True
    if terms.enforces_key and not late:
        return True
    keys = [key.text for key in keys_of(job.entry, step.name)]
    asked_at = job.now()
    sighting = job.adapter.find(job.session, request, step, keys)
    match sighting:
        case Absent():
            return True
        case Found():
            _meet(job, sighting, late, asked_at)
        case Several():
            _refuse(job, _ALREADY)
        case CannotTell(why):
            _defer(job, Deferred(None, why))
    return False


def _meet(job: Job, found: Found, late: Sequence[Call], asked_at: datetime) -> None:
    """A document is there before the first write: ours from a try ruled absent, or foreign."""
    taken = job.taken([found.receipt.erp_id])
    key = counted(found, job.entry, late, erp=job.erp, at=asked_at, taken=taken)
    if key is None:
        _refuse(job, _ALREADY)
        return
    digest, receipt = digest_under(job.entry, key), found.receipt
    at = job.now()
    job.commit(lambda entry: sight(entry, key, receipt, at=at, digest=digest))


def _write(job: Job, plan: Sequence[Step]) -> None:
    for step in plan:
        if step.name in {holding.receipt.step for holding in job.entry.standing}:
            continue
        slot = job.entry.slot or slot_of(job.entry, job.erp)
        if not replayable(job.entry, job.now() + job.lease, job.erp):
            return _lose(job)
        try:
            place = job.start(step, plan=plan, slot=slot)
        except SlotTaken:
            return _refuse(job, _NUMBER)
        receipts = [holding.receipt for holding in job.entry.standing]
        request = job.request(job.deadline(place))
        outcome = job.adapter.write(job.session, request, step, receipts)
        job.settle(
            place,
            outcome,
            lambda entry, at_place, came: record(entry, at_place, came, at=job.now(), erp=job.erp),
        )
        if job.entry.status is not ExportStatus.EXPORTING:
            return None
    at = job.now()
    return job.commit(lambda entry: conclude(entry, entry, at=at, erp=job.erp))

"""Watching keys that were ruled absent: what turns up late is sighted, in whatever status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..declaration import LookUp
from ..documents import Step
from ..exchange import Found, Several
from ..flow import sight, sight_several, watched
from .committing import commit
from .evidence import counted, digest_under

if TYPE_CHECKING:
    from ..documents import Call, QueueEntry
    from ..events import Change
    from .job import Job

__all__ = ["look_for_late"]


def look_for_late(job: Job) -> None:
    """Look up every watched key; no lease is needed, as evidence is always taken."""
    for call in watched(job.entry):
        look_up = job.erp.terms_of(call.step_kind).look_up
        if look_up is LookUp.NONE:
            continue
        asked_at = job.now()
        request = attrs.evolve(job.request(asked_at), attempt=call.key.attempt, digest=call.digest)
        named = (step for step in job.entry.plan if step.name == call.key.step)
        step = next(named, Step(call.key.step, call.step_kind))
        seen = job.adapter.find(job.session, request, step, [call.key.text])
        known = {held.receipt.erp_id for held in job.entry.holdings}
        if isinstance(seen, Found) and seen.receipt.erp_id not in known:
            _sight(job, call, seen)
        elif isinstance(seen, Several) and look_up is LookUp.KEY:
            _alarm(job, call, seen)


def _alarm(job: Job, call: Call, several: Several) -> None:
    """Raise the alarm, once for each key."""
    told = (denial for event in job.queue.history(job.id) for denial in event.denials)
    if any(one.code == "erp.several" and one.facts["key"] == call.key.text for one in told):
        return

    def make(entry: QueueEntry) -> Change:
        return sight_several(entry, call.key, several.why, at=job.now())

    job.entry = commit(job.queue.store, job.entry.id, make, job.queue.observe)


def _sight(job: Job, call: Call, found: Found) -> None:
    taken = job.taken([found.receipt.erp_id])
    key = counted(found, job.entry, [call], erp=job.erp, at=job.now(), taken=taken)
    if key is None:
        return

    def make(entry: QueueEntry) -> Change:
        digest = digest_under(entry, key)
        return sight(entry, key, found.receipt, at=job.now(), digest=digest)

    job.entry = commit(job.queue.store, job.entry.id, make, job.queue.observe)

"""Watching keys that were ruled absent: what turns up late is sighted, in whatever status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..declaration import LookUp
from ..exchange import CannotTell, Found, Several
from ..flow import (
    find_digest,
    find_step,
    is_resting,
    matching_key,
    sight,
    sight_several,
    watched,
    watched_once,
)
from .committing import commit
from .lost import Lost

if TYPE_CHECKING:
    from ..documents import Call, QueueEntry
    from ..events import Change
    from ..exchange import Sighting
    from .job import Job

__all__ = ["look_for_late"]

#: The alarms, by the fact that says of what.
_ALARMS = {"erp_id": "erp.second_document", "key": "erp.several"}


def look_for_late(job: Job) -> None:
    """
    Look up every watched key; no lease is needed, as evidence is always taken.

    The look counts once the ERP has answered for each of them.
    """
    answers = [_seen(job, call) for call in watched(job.entry) if _is_shown(job, call)]
    if is_resting(job.entry) and not any(isinstance(seen, CannotTell) for seen in answers):
        _count(job)


def _is_shown(job: Job, call: Call) -> bool:
    return job.erp.terms_of(call.step_kind).look_up is not LookUp.NONE


def _seen(job: Job, call: Call) -> Sighting:
    """Return what the ERP shows under a key, once that is told."""
    key = call.key
    request = attrs.evolve(
        job.request(job.now()), generation=key.generation, attempt=key.attempt, digest=call.digest
    )
    step = find_step(job.entry, call)
    seen = job.adapter.find(job.session, request, step, [key.text])
    match seen:
        case Found(receipt):
            known = {held.receipt.erp_id for held in job.entry.holdings}
            if receipt.erp_id not in known and not _is_told(job, "erp_id", receipt.erp_id):
                _sight(job, call, seen)
        case Several(why):
            by_key = job.erp.terms_of(call.step_kind).look_up is LookUp.KEY
            if by_key and not _is_told(job, "key", key.text):
                _alarm(job, call, why)
        case CannotTell():
            job.reconnect()
    return seen


def _count(job: Job) -> None:
    """Count the look, unless another one is planned by now."""
    stood = (job.entry.status, job.entry.due_at)

    def make(entry: QueueEntry) -> Change:
        if (entry.status, entry.due_at) != stood:
            raise Lost
        return watched_once(entry, at=job.now())

    job.entry = commit(job.queue.store, job.entry.id, make, job.queue.observe)


def _is_told(job: Job, fact: str, value: str) -> bool:
    """Whether an alarm was raised already: each is raised once."""
    told = (denial for event in job.queue.history(job.id) for denial in event.denials)
    return any(one.code == _ALARMS[fact] and one.facts[fact] == value for one in told)


def _alarm(job: Job, call: Call, why: str) -> None:

    def make(entry: QueueEntry) -> Change:
        return sight_several(entry, call.key, why, at=job.now())

    job.entry = commit(job.queue.store, job.entry.id, make, job.queue.observe)


def _sight(job: Job, call: Call, found: Found) -> None:
    taken = job.taken([found])
    key = matching_key(found, job.entry, [call], erp=job.erp, at=job.now(), taken=taken)
    if key is None:
        return

    def make(entry: QueueEntry) -> Change:
        digest = find_digest(entry, key)
        return sight(entry, key, found.receipt, at=job.now(), digest=digest)

    job.entry = commit(job.queue.store, job.entry.id, make, job.queue.observe)

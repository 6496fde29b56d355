"""
Daily look-ups for documents that appear in the ERP late.

A look-up or a person may find that a write has no document in the ERP, and yet the ERP may make it
later. While an entry has no other work, a worker therefore looks up the keys of such writes once a
day, until the ERP has answered five times since the last change of the entry's status. It needs no
lease for that, because evidence is always stored.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs

from ..declaration import LookUp
from ..exchange import CannotTell, Found, Several
from ..flow import (
    count_watch,
    find_digest,
    find_matching_key,
    find_step,
    find_watched_calls,
    is_resting,
    sight,
    sight_several,
)
from .commits import LeaseLost

if TYPE_CHECKING:
    from datetime import datetime

    from ..documents import Call, Key, QueueEntry, Receipt
    from ..events import Change
    from ..exchange import Sighting
    from ..vocabulary import ExportStatus
    from .job import Job

#: The codes of the alarms, by the fact with the subject of the alarm.
_ALARMS = {"erp_id": "erp.second_document", "key": "erp.several"}


def watch_absent_keys(job: Job) -> None:
    """
    Look up the key of every write whose document was absent from the ERP.

    The day's look-up is counted, and the next one is scheduled, if the ERP answers for every key.
    """
    answers = [
        _look(job, call) for call in find_watched_calls(job.entry) if _has_look_up(job, call)
    ]
    if is_resting(job.entry) and not any(isinstance(shown, CannotTell) for shown in answers):
        job.commit_evidence(partial(_count_look, job, job.entry.status, job.entry.due_at))


def _has_look_up(job: Job, call: Call) -> bool:
    return job.erp.terms_of(call.step_kind).look_up is not LookUp.NONE


def _look(job: Job, call: Call) -> Sighting:
    """Look up the key of a call in the ERP, record a found document, and return the answer."""
    key = call.key
    request = attrs.evolve(
        job.build_request(job.clock()),
        generation=key.generation,
        attempt=key.attempt,
        digest=call.digest,
    )
    shown = job.find(request, find_step(job.entry, call), [key.text])
    match shown:
        case Found(receipt):
            known = {held.receipt.erp_id for held in job.entry.holdings}
            if receipt.erp_id not in known and not _is_alarmed(job, "erp_id", receipt.erp_id):
                _record_find(job, call, shown)
        case Several(why):
            by_key = job.erp.terms_of(call.step_kind).look_up is LookUp.KEY
            if by_key and not _is_alarmed(job, "key", key.text):
                job.commit_evidence(partial(_raise_alarm, job, key, why))
        case CannotTell():
            job.client.reconnect()
    return shown


def _is_alarmed(job: Job, fact: str, value: str) -> bool:
    """
    Return whether an event of the entry already has this alarm, which is raised only once.

    If ``fact`` is ``erp_id``, the alarm is about a second document, and ``value`` is its ERP id. If
    it is ``key``, the alarm is about several documents under one key, and ``value`` is the key.
    """
    denials = (denial for event in job.store.events(job.entry.id) for denial in event.denials)
    return any(one.code == _ALARMS[fact] and one.facts[fact] == value for one in denials)


def _record_find(job: Job, call: Call, found: Found) -> None:
    taken = job.list_taken([found])
    key = find_matching_key(found, job.entry, [call], erp=job.erp, at=job.clock(), taken=taken)
    if key is not None:
        job.commit_evidence(partial(_sight, job, key, found.receipt))


def _count_look(
    job: Job, status: ExportStatus, due_at: datetime | None, entry: QueueEntry
) -> Change:
    if (entry.status, entry.due_at) != (status, due_at):  # another look-up is scheduled already
        raise LeaseLost
    return count_watch(entry, at=job.clock())


def _raise_alarm(job: Job, key: Key, why: str, entry: QueueEntry) -> Change:
    return sight_several(entry, key, why, at=job.clock())


def _sight(job: Job, key: Key, receipt: Receipt, entry: QueueEntry) -> Change:
    return sight(entry, key, receipt, at=job.clock(), digest=find_digest(entry, key))

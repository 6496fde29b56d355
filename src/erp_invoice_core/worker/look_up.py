"""
Look-up of an unknown entry: asks about every call in doubt.

The worker asks the ERP without a lock, and then applies the answers to the stored entry. If the
lease was lost in between, a found document is stored as late evidence. An answer that nothing was
found is dropped, because another worker may have written since.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs

from ..documents import CallKind
from ..exchange import CannotTell, Found
from ..flow import (
    Observation,
    conclude_look_up,
    find_matching_key,
    find_removed,
    find_step,
    list_keys,
    record_late_sighting,
)
from ..stores import ErpIdTaken
from .commits import LeaseLost

if TYPE_CHECKING:
    from ..documents import Call, Key, QueueEntry, Receipt
    from ..events import Change
    from ..exchange import Contents, Gone, Sighting
    from .job import Job


def look_up(job: Job) -> None:
    """Ask the ERP about every call in doubt, and commit the conclusions."""
    observations = _ask(job)
    found = [one.shown for one in observations if isinstance(one.shown, Found)]
    taken = job.list_taken(found)

    def make(entry: QueueEntry) -> Change:
        return conclude_look_up(
            entry,
            observations,
            at=job.clock(),
            erp=job.erp,
            taken=taken,
            retry_policy=job.retry_policy,
        )

    try:
        job.commit(make)
    except ErpIdTaken:  # the documents belong to another entry now, so they prove nothing
        taken.update(one.receipt.erp_id for one in found)
        job.commit(make)
    except LeaseLost:
        for one in observations:
            if isinstance(one.shown, Found):
                _record_late(job, one, one.shown, taken)


def _ask(job: Job) -> list[Observation]:
    observations = []
    for place, call in enumerate(job.entry.calls):
        if call.answer is None:
            at = job.clock()
            shown = _find(job, call) if call.kind is CallKind.WRITE else read_back(job, call)
            observations.append(Observation(place=place, at=at, shown=shown))
            if isinstance(shown, CannotTell):
                job.client.reconnect()
    return observations


def _find(job: Job, call: Call) -> Sighting:
    request = attrs.evolve(
        job.build_request(job.clock()), attempt=call.key.attempt, digest=call.digest
    )
    keys = [key.text for key in list_keys(job.entry, call.key.step)]
    return job.find(request, find_step(job.entry, call), keys)


def read_back(job: Job, call: Call) -> Gone | Contents | CannotTell:
    """Read the document of a removal in doubt, to see whether it is gone."""
    return job.client.read(find_removed(job.entry, call))


def _record_late(job: Job, observation: Observation, found: Found, taken: set[str]) -> None:
    calls = [job.entry.calls[observation.place]]
    key = find_matching_key(found, job.entry, calls, erp=job.erp, at=observation.at, taken=taken)
    if key is not None:
        make = partial(_make_late, job, observation.place, key, found.receipt)
        job.commit_evidence(make)


def _make_late(job: Job, place: int, key: Key, receipt: Receipt, entry: QueueEntry) -> Change:
    return record_late_sighting(entry, place, key, receipt, at=job.clock(), erp=job.erp)

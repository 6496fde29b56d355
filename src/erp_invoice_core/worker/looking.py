"""Looking up an unknown entry: every call in doubt is asked about, then the entry moves on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..documents import CallKind
from ..exchange import CannotTell, Found
from ..flow import (
    Observation,
    conclude_look_up,
    find_step,
    list_keys,
    matching_key,
    record_late_sighting,
)
from ..stores import ErpIdTaken
from .committing import commit
from .job import Lost

if TYPE_CHECKING:
    from ..documents import Call, QueueEntry
    from ..events import Change
    from ..exchange import Contents, Gone, Sighting
    from .job import Job

__all__ = ["look_up", "read_back"]


def _sighting(job: Job, call: Call) -> Sighting:
    request = attrs.evolve(job.request(job.now()), attempt=call.key.attempt, digest=call.digest)
    keys = [key.text for key in list_keys(job.entry, call.key.step)]
    return job.adapter.find(job.session, request, find_step(job.entry, call), keys)


def read_back(job: Job, call: Call) -> Gone | Contents | CannotTell:
    """Read the document that a withdrawal in doubt was to remove."""
    held = next(
        holding.receipt for holding in job.entry.holdings if holding.receipt.erp_id == call.erp_id
    )
    return job.adapter.read(job.session, held)


def _ask(job: Job) -> list[Observation]:
    asked = []
    for place, call in enumerate(job.entry.calls):
        if call.answer is None:
            at = job.now()
            shown = _sighting(job, call) if call.kind is CallKind.WRITE else read_back(job, call)
            asked.append(Observation(place=place, at=at, shown=shown))
            if isinstance(shown, CannotTell):
                job.reconnect()
    return asked


def look_up(job: Job) -> None:
    """
    Ask about every call in doubt and commit what that proves.

    If the lease is another's by now, what was found is still recorded; what was absent is not.
    """
    asked = _ask(job)
    found = [one.shown for one in asked if isinstance(one.shown, Found)]
    taken = job.taken(found)

    def make(entry: QueueEntry) -> Change:
        return conclude_look_up(
            entry, asked, at=job.now(), erp=job.erp, taken=taken, patience=job.patience
        )

    try:
        job.commit(make)
    except ErpIdTaken:  # somebody else's by now: what was found proves nothing
        taken.update(seen.receipt.erp_id for seen in found)
        job.commit(make)
    except Lost:
        for one in asked:
            if isinstance(one.shown, Found):
                _tell(job, one, one.shown, taken)


def _tell(job: Job, asked: Observation, found: Found, taken: set[str]) -> None:
    """Record what was found, though the lease is another's by now."""
    calls = [job.entry.calls[asked.place]]
    key = matching_key(found, job.entry, calls, erp=job.erp, at=asked.at, taken=taken)
    if key is None:
        return

    def make(entry: QueueEntry) -> Change:
        at, receipt = job.now(), found.receipt
        return record_late_sighting(entry, asked.place, key, receipt, at=at, erp=job.erp)

    job.entry = commit(job.queue.store, job.entry.id, make, job.queue.observe)

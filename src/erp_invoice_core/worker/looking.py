"""Looking up an unknown entry: every call in doubt is asked about, then the entry moves on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..documents import Answer, CallKind, Step
from ..exchange import CannotTell, Contents, Found, Gone, Several, Sighting
from ..flow import answered, conclude, conclusive_from, sight, testify, withdrawn
from ..stores import ErpIdTaken
from .committing import commit
from .difference import facts_of_find
from .evidence import counted, digest_under, keys_of, proved
from .job import Lost

if TYPE_CHECKING:
    from ..documents import Call, QueueEntry
    from ..events import Change
    from .job import Job

__all__ = ["look_up", "read_back"]

_Seen: TypeAlias = "Sighting | Gone | Contents"


@attrs.frozen(kw_only=True)
class _Asked:
    """What was seen of the call at a place, and when it was asked for (UTC)."""

    place: int
    at: datetime
    seen: _Seen


def _step_of(entry: QueueEntry, call: Call) -> Step:
    named = (step for step in entry.plan if step.name == call.key.step)
    return next(named, Step(call.key.step, call.step_kind))


def _sighting(job: Job, call: Call) -> Sighting:
    request = attrs.evolve(job.request(job.now()), attempt=call.key.attempt, digest=call.digest)
    keys = [key.text for key in keys_of(job.entry, call.key.step)]
    return job.adapter.find(job.session, request, _step_of(job.entry, call), keys)


def read_back(job: Job, call: Call) -> Gone | Contents | CannotTell:
    """Read the document that a withdrawal in doubt was to remove."""
    held = next(
        holding.receipt for holding in job.entry.holdings if holding.receipt.erp_id == call.erp_id
    )
    return job.adapter.read(job.session, held)


def _ask(job: Job) -> list[_Asked]:
    asked = []
    for place, call in enumerate(job.entry.calls):
        if call.answer is None:
            at = job.now()
            seen = _sighting(job, call) if call.kind is CallKind.WRITE else read_back(job, call)
            asked.append(_Asked(place=place, at=at, seen=seen))
            if isinstance(seen, CannotTell):
                job.reconnect()
    return asked


def look_up(job: Job) -> None:
    """
    Ask about every call in doubt and commit what that proves.

    If the lease is another's by now, what was found is still told; what was absent is not.
    """
    asked = _ask(job)
    found = [one.seen for one in asked if isinstance(one.seen, Found)]
    taken = job.taken(found)

    def make(entry: QueueEntry) -> Change:
        known = entry
        for one in asked:
            known = _learned(job, known, one, taken)
        return conclude(
            entry,
            known,
            at=job.now(),
            erp=job.erp,
            facts=_facts(job, entry, known, asked),
            patience=job.patience,
        )

    try:
        job.commit(make)
    except ErpIdTaken:  # somebody else's by now: what was found proves nothing
        taken.update(seen.receipt.erp_id for seen in found)
        job.commit(make)
    except Lost:
        _tell(job, asked, taken)


def _facts(job: Job, entry: QueueEntry, known: QueueEntry, asked: list[_Asked]) -> dict[str, str]:
    """Return why a look-up gave no answer that counts, and what was found that does not."""
    facts: dict[str, str] = {}
    whys = [one.seen.why for one in asked if isinstance(one.seen, CannotTell | Several)]
    held = {holding.receipt.erp_id for holding in known.holdings}
    for one in asked:
        if isinstance(one.seen, Found) and one.seen.receipt.erp_id not in held:
            facts |= facts_of_find(one.seen, entry, job.erp)
            whys.append(_of_find(facts))
    return {**facts, "why": " ".join(dict.fromkeys(whys))} if whys else facts


def _of_find(facts: dict[str, str]) -> str:
    """Return what is said of a document that was found and does not count."""
    of = f"Document {facts['erp_id']} was found"
    if "disagrees" not in facts:
        return f"{of}: it agrees, but does not count as this invoice's yet, or is another one's."
    values = (
        f"{name} {facts[f'{name}_in_erp'] or 'none'} instead of {facts[f'{name}_as_sent'] or 'none'}"
        for name in facts["disagrees"].split(", ")
    )
    return f"{of}, but it has another {', another '.join(values)}."


def _learned(job: Job, known: QueueEntry, asked: _Asked, taken: set[str]) -> QueueEntry:
    call, seen = known.calls[asked.place], asked.seen
    if call.answer is not None:
        return known
    if isinstance(seen, Gone):
        return withdrawn(answered(known, asked.place, Answer.RECEIPT), call.erp_id)
    if isinstance(seen, Contents):
        moment = conclusive_from(call, job.erp)
        over = moment is not None and asked.at >= moment
        return answered(known, asked.place, Answer.ABSENT) if over else known
    return proved(known, asked.place, seen, erp=job.erp, at=asked.at, taken=taken)


def _tell(job: Job, asked: list[_Asked], taken: set[str]) -> None:
    """Tell what was found, though the lease is another's by now."""
    for one in asked:
        seen = one.seen
        if isinstance(seen, Found):
            _tell_one(job, one, seen, taken)


def _tell_one(job: Job, asked: _Asked, found: Found, taken: set[str]) -> None:
    call = job.entry.calls[asked.place]
    key = counted(found, job.entry, [call], erp=job.erp, at=asked.at, taken=taken)
    if key is None:
        return

    def make(entry: QueueEntry) -> Change:
        at, receipt = job.now(), found.receipt
        if (key.generation, key.attempt) == (call.key.generation, call.key.attempt):
            return testify(entry, asked.place, Answer.RECEIPT, receipt, at=at, erp=job.erp)
        return sight(entry, key, receipt, at=at, digest=digest_under(entry, key))

    job.entry = commit(job.queue.store, job.entry.id, make, job.queue.observe)

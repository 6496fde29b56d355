"""The export of one claimed entry: judge, check, look first, then step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..exchange import Deferred, Found
from ..flow import Adoption, is_untouched, sight
from ..verdict import Verdict
from .answering import defer, refuse
from .content import missing_content
from .judging import judged
from .restore import before_write
from .writing import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..documents import Step
    from ..exchange import ExportRequest
    from ..queue import ExportQueue
    from .job import Job
    from .onward import Onward

__all__ = ["export"]


def export(queue: ExportQueue, job: Job, onward: Onward) -> None:
    """
    Carry the export as far as it goes.

    Once something of it is written, or in doubt, it is finished and not judged again.

    Args:
        queue: Whose facts are asked.
        job: The claimed entry; its first step may be started already.
        onward: What can be done for the next entry meanwhile.

    Raises:
        Lost: The lease is another's by now.
    """
    if job.is_started:
        write(job, job.entry.plan, onward)
        return
    untouched = is_untouched(job.entry)
    if untouched and _stops(job, judged(queue, job)):
        return
    request = job.request(job.now() + job.lease)
    plan = job.entry.plan or job.adapter.steps(request)
    if isinstance(plan, Deferred):
        defer(job, plan)
    elif _may_begin(job, request, plan) if untouched else _may_go_on(job, request, plan):
        write(job, plan, onward)


def _stops(job: Job, answer: Verdict | Deferred) -> bool:
    """Give the entry back, or refuse it, as the answer says; whether that ends it here."""
    if isinstance(answer, Deferred):
        defer(job, answer)
    elif not answer:
        refuse(job, answer)
    else:
        return False
    return True


def _may_begin(job: Job, request: ExportRequest, plan: Sequence[Step]) -> bool:
    if _stops(job, job.adapter.check(job.session, request)):
        return False
    missing = missing_content(job, request, plan)
    if missing is not None:
        defer(job, missing)
        return False
    return _clear(job, request, plan)


def _may_go_on(job: Job, request: ExportRequest, plan: Sequence[Step]) -> bool:
    """After a restore, look for the documents that are still to be made."""
    done = {held.receipt.step for held in job.entry.standing}
    open_steps = [step for step in plan if step.name not in done]
    asked = [step for step in open_steps if before_write(job, step).has_demand]
    return all(_is_clear(job, request, step, plan) for step in asked)


def _clear(job: Job, request: ExportRequest, plan: Sequence[Step]) -> bool:
    """Look before the first write, where it tells something; whether the way is clear."""
    return all(_is_clear(job, request, step, plan) for step in plan)


def _is_clear(job: Job, request: ExportRequest, step: Step, plan: Sequence[Step]) -> bool:
    before = before_write(job, step)
    obstacle = before.find_obstacle(job.now())
    if isinstance(obstacle, Deferred):
        defer(job, obstacle)
        return False
    if obstacle is not None:
        refuse(job, obstacle, restore=before.restore)
        return False
    if not before.asks_erp:
        return True
    asked_at = job.now()
    sighting = job.adapter.find(job.session, request, step, before.list_keys())
    taken = job.taken([sighting]) if isinstance(sighting, Found) else set()
    learned = before.learn(sighting, asked_at=asked_at, taken=taken, plan=plan)
    match learned:
        case None:
            return True
        case Deferred():
            defer(job, learned)
        case Verdict():
            refuse(job, learned)
        case Adoption(key=key, receipt=receipt, digest=digest, plan=frozen):
            job.commit(
                lambda entry: sight(entry, key, receipt, at=job.now(), digest=digest, plan=frozen)
            )
    return False

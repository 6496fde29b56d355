"""The export of one claimed entry: judge, check, look first, then step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..declaration import LookUp
from ..exchange import Absent, CannotTell, Deferred, Found, Several
from ..flow import RestoreCheck, later_keys, sight, watched_in_generation
from ..verdict import Denial, Source, Verdict
from .answering import defer, refuse, saying
from .content import missing_content
from .difference import facts_of_find
from .evidence import counted, digest_under, has_number, keys_of
from .judging import judged
from .restore import check_of, is_confirmed, key_before_restore, refuse_other
from .writing import write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..documents import Call, Step
    from ..exchange import ExportRequest
    from ..queue import ExportQueue
    from .job import Job
    from .onward import Onward

__all__ = ["asks_first", "export", "looks_first"]

#: Where several are there.
_ALREADY = saying(
    "erp.already_there",
    "Find out who entered this number in the ERP: a document with it is there already.",
)


def _already(found: Found, job: Job) -> Verdict:
    """Return the refusal of an export of which the ERP has a document that is not ours."""
    facts = facts_of_find(found, job.entry, job.erp)
    message = (
        f"Find out who entered document {facts['erp_id']} in the ERP: it has the number "
        f"{facts['number'] or 'of this invoice'}."
    )
    return Verdict((Denial("erp.already_there", message, Source.ERP, facts),))


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
    untouched = not job.entry.living and not job.entry.in_doubt
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
    asked = [step for step in open_steps if check_of(job, step) in _BEFORE]
    return all(_is_clear(job, request, step, plan) for step in asked)


def _clear(job: Job, request: ExportRequest, plan: Sequence[Step]) -> bool:
    """Look before the first write, where it tells something; whether the way is clear."""
    return all(_is_clear(job, request, step, plan) for step in plan)


def _late(job: Job, step: Step) -> list[Call]:
    late = watched_in_generation(job.entry)
    return [call for call in late if call.key.step == step.name]


def looks_first(job: Job, step: Step) -> bool:
    """Whether the ERP is asked for this step's document before the first write."""
    terms, late = job.erp.terms_of(step.kind), _late(job, step)
    by_number = terms.look_up is LookUp.NUMBER
    if terms.look_up is LookUp.NONE or (by_number and not has_number(job.entry, job.erp)):
        return False
    return bool(late) or (step.role is not None and not terms.enforces_key)


def asks_first(job: Job, step: Step) -> bool:
    """Whether the ERP, or a person, is asked about this step before the first write."""
    return looks_first(job, step) or check_of(job, step) in _BEFORE


#: What a restore demands before a call, not after it.
_BEFORE = frozenset({RestoreCheck.LOOK_UP, RestoreCheck.PERSON})


def _is_clear(job: Job, request: ExportRequest, step: Step, plan: Sequence[Step]) -> bool:
    if not is_confirmed(job, step):
        return False
    if not (looks_first(job, step) or check_of(job, step) is RestoreCheck.LOOK_UP):
        return True
    keys = [key.text for key in keys_of(job.entry, step.name)]
    if check_of(job, step) is RestoreCheck.LOOK_UP:
        keys += (key.text for key in later_keys(job.entry, step.name))
    asked_at = job.now()
    sighting = job.adapter.find(job.session, request, step, keys)
    match sighting:
        case Absent():
            return True
        case Found():
            _meet(job, sighting, step, plan, asked_at)
        case Several():
            refuse(job, _ALREADY)
        case CannotTell(why):
            defer(job, Deferred(None, why))
    return False


def _meet(job: Job, found: Found, step: Step, plan: Sequence[Step], asked_at: datetime) -> None:
    """
    A document is there before the first write.

    It is ours from a try ruled absent or from before a restore, or foreign.
    """
    taken, late = job.taken([found]), _late(job, step)
    key = counted(found, job.entry, late, erp=job.erp, at=asked_at, taken=taken)
    frozen: Sequence[Step] | None = None
    if key is None:
        key, frozen = key_before_restore(job, found, step, taken), plan
    if key is None:
        ours = (*keys_of(job.entry, step.name), *later_keys(job.entry, step.name))
        if (
            found.contents.key in {each.text for each in ours}
            and check_of(job, step) is RestoreCheck.LOOK_UP
        ):
            refuse_other(job, found)
        else:
            refuse(job, _already(found, job))
        return
    digest, receipt = digest_under(job.entry, key), found.receipt
    job.commit(lambda entry: sight(entry, key, receipt, at=job.now(), digest=digest, plan=frozen))

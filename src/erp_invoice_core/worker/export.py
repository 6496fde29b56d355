"""
Export of a claimed entry: revalidate, look up, write step by step.

Before the first write the export may still be refused or deferred; after a restore of the database
the ERP is asked first. Once a document exists or a call is in doubt, the export is completed, and
no rule is checked again. The start of each step is committed before its call. The answer of a call
is committed together with the start of the next step or the claim of the next entry.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from ..adapters.callers import do_nothing
from ..exchange import Deferred, Done, Found, Refused
from ..flow import (
    Adoption,
    BeforeWrite,
    RestoreCheck,
    ask_after_refusal,
    can_repeat,
    compare_outcome,
    conclude,
    find_following_step,
    find_next_step,
    find_slot,
    is_untouched,
    judge_read_back,
    list_read_back,
    record,
    refuse_taken_number,
    sight,
)
from ..rules import Case
from ..rules.remedy_rows import with_remedies
from ..stores import SlotTaken
from ..verdict import ALLOWED, Verdict
from ..vocabulary import ExportStatus
from .content import add_content, fetch_content, find_missing_content
from .revalidate import revalidate_job

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from ..documents import QueueEntry, Step
    from ..events import Change
    from ..exchange import ExportRequest, Outcome
    from ..stores import WorkTransaction
    from .job import Job
    from .prefetch import NextEntry

#: The statuses of an entry whose export has ended.
_ENDED = frozenset({ExportStatus.SYNCED, ExportStatus.FAILED})


def export(job: Job, next_entry: NextEntry) -> None:
    """
    Carry out the export until it is complete, or until it is refused, deferred or in doubt.

    Args:
        job: The claimed entry; the start of its first step may be committed already.
        next_entry: Claims the next entry during the last call.

    Raises:
        LeaseLost: The claim of this job no longer holds the lease.
    """
    if job.is_started:
        _write(job, job.entry.plan, next_entry)
        return
    is_first, refusal = is_untouched(job.entry), None
    if is_first:
        answer = revalidate_job(job)
        if isinstance(answer, Verdict) and not answer and job.context.find_restore():
            refusal = answer
        elif _stop(job, answer):
            return
    request = job.build_request()
    plan = job.entry.plan or job.client.plan(request)
    if isinstance(plan, Deferred):
        job.defer(plan)
    elif refusal is not None:
        _refuse_after_restore(job, request, plan, refusal)
    elif _may_begin(job, request, plan) if is_first else _may_go_on(job, request, plan):
        _write(job, plan, next_entry)


# ── before the first write ──────────────────────────────────────────────────────────────────────


def _stop(job: Job, answer: Verdict | Deferred) -> bool:
    """Defer or refuse the export unless the answer allows it; return whether that was done."""
    if isinstance(answer, Deferred):
        job.defer(answer)
    elif not answer:
        job.refuse(answer)
    else:
        return False
    return True


def _may_begin(job: Job, request: ExportRequest, plan: Sequence[Step]) -> bool:
    answer = job.client.check(request)
    if isinstance(answer, Verdict) and not answer and job.context.find_restore():
        _refuse_after_restore(job, request, plan, answer)
        return False
    if _stop(job, answer):
        return False
    missing = find_missing_content(job, request, plan)
    if missing is not None:
        job.defer(missing)
        return False
    return all(_is_clear(job, request, step, plan) for step in plan)


def _refuse_after_restore(
    job: Job, request: ExportRequest, plan: Sequence[Step], refusal: Verdict
) -> None:
    """
    Refuse the export, after the look-ups for documents that were written before the restore.

    If the ERP names such a document only in its answer to a write, a look-up is not possible. The
    refusal then also asks a person to look for one.
    """
    if _may_go_on(job, request, plan):
        job.refuse(_add_question(job, refusal, plan))


def _add_question(job: Job, refusal: Verdict, steps: Sequence[Step]) -> Verdict:
    """
    Return a refusal, to which a question is added after a restore of the database.

    It asks a person to look for a document from before. It is added if the ERP names the document
    of one of the steps only in its answer to a write.
    """
    restore = job.context.find_restore()
    if restore is None:
        return refusal
    if all(_build_before_write(job, step).check is not RestoreCheck.READ_BACK for step in steps):
        return refusal
    return ask_after_refusal(job.entry, refusal, job.erp, restore)


def _may_go_on(job: Job, request: ExportRequest, plan: Sequence[Step]) -> bool:
    """
    Look up the document of each step without a receipt if a restore of the database demands it.

    Return whether the steps may be written; otherwise the export was deferred or refused, or a
    found document was recorded.
    """
    done = {held.receipt.step for held in job.entry.standing}
    open_steps = [step for step in plan if step.name not in done]
    demanded = [step for step in open_steps if _build_before_write(job, step).has_demand]
    return all(_is_clear(job, request, step, plan) for step in demanded)


def _build_before_write(job: Job, step: Step) -> BeforeWrite:
    return BeforeWrite(
        entry=job.entry,
        step=step,
        erp=job.erp,
        restore=job.context.find_restore(),
        can_read=job.adapter.has_read,
    )


def _is_clear(job: Job, request: ExportRequest, step: Step, plan: Sequence[Step]) -> bool:
    """
    Return whether a step may be written; look up its document first if the ERP has to be asked.

    If false, the export was deferred or refused, or the found document was recorded.
    """
    before = _build_before_write(job, step)
    obstacle = before.find_obstacle(job.clock())
    if isinstance(obstacle, Deferred):
        job.defer(obstacle)
        return False
    if obstacle is not None:
        job.refuse(obstacle, restore=before.restore)
        return False
    if not before.asks_erp:
        return True
    asked_at = job.clock()
    sighting = job.find(request, step, before.list_keys())
    taken = job.list_taken([sighting]) if isinstance(sighting, Found) else set()
    learned = before.learn(sighting, asked_at=asked_at, taken=taken, plan=plan)
    match learned:
        case None:
            return True
        case Deferred():
            job.defer(learned)
        case Verdict():
            job.refuse(learned)
        case Adoption():
            job.commit(partial(_adopt, job, learned))
    return False


def _adopt(job: Job, adoption: Adoption, entry: QueueEntry) -> Change:
    return sight(
        entry,
        adoption.key,
        adoption.receipt,
        at=job.clock(),
        digest=adoption.digest,
        plan=adoption.plan,
    )


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


def _write(job: Job, plan: Sequence[Step], next_entry: NextEntry) -> None:
    """Carry out the steps that have no receipt, in order; stop at the first that is not done."""
    while (step := find_next_step(job.entry, plan)) is not None:
        content = fetch_content(job, step)
        if isinstance(content, Deferred):
            job.defer(content)
            return
        with content or nullcontext():
            if not job.is_started and not _start(job, step, plan):
                return
            job.is_started = False
            place = len(job.entry.calls) - 1
            is_last = step.name == plan[-1].name
            meanwhile = next_entry.prepare if is_last else do_nothing
            outcome = _call(job, step, place, content, meanwhile)
        checked = _read_back(job, plan, outcome)
        follow = partial(_save_next, job, plan, next_entry)
        changes = job.record_result(place, outcome, partial(_record, job, checked), follow)
        next_entry.take(changes)
        if job.entry.status is not ExportStatus.EXPORTING:
            return
    if _stop(job, _read_back(job, plan)):
        return
    job.commit(
        lambda entry: conclude(
            entry, entry, at=job.clock(), erp=job.erp, retry_policy=job.retry_policy
        )
    )


def _start(job: Job, step: Step, plan: Sequence[Step]) -> bool:
    """
    Commit the start of a step, and return true.

    Return false if the step must not start: a call in doubt may not be repeated, so the entry
    becomes unknown; a shutdown was requested, so the entry is released; or another entry holds the
    number slot, so the export is refused.
    """
    if not can_repeat(job.entry, job.clock() + job.context.lease, job.erp):
        job.lose()
        return False
    if job.can_give_back():
        job.give_back()
        return False
    try:
        job.start(step, plan=plan, slot=job.entry.slot or find_slot(job.entry, job.erp))
    except SlotTaken as taken:
        job.refuse(_add_question(job, refuse_taken_number(job.entry, taken.holder), [step]))
        return False
    return True


def _call(
    job: Job,
    step: Step,
    place: int,
    content: BinaryIO | None,
    meanwhile: Callable[[], None],
) -> Outcome:
    """
    Make the call of a step and return its outcome.

    After a restore of the database, the ERP may answer with a document from before. That document
    is then read and compared first, and a refusal also asks a person to look for such a document.

    Args:
        job: The claimed entry.
        step: The step, whose start is committed.
        place: The index of the call in the entry's calls.
        content: The content of the step's attachment, if it has one.
        meanwhile: Called once, during the call.
    """
    receipts = [holding.receipt for holding in job.entry.standing]
    request = add_content(job.build_request(job.find_deadline(place)), step, content)
    on_late = partial(job.record_late, place)
    outcome = job.client.write(request, step, receipts, on_late, meanwhile)
    if job.context.find_restore() is None or not isinstance(outcome, (Done, Refused)):
        return outcome
    if isinstance(outcome, Refused):
        verdict = _add_question(job, outcome.verdict, [step])
        return outcome if verdict is outcome.verdict else Refused(verdict)
    if _build_before_write(job, step).check is not RestoreCheck.READ_BACK:
        return outcome
    shown = job.client.read(outcome.receipt)
    return compare_outcome(job.entry, outcome, shown, job.erp)


def _read_back(
    job: Job, plan: Sequence[Step], outcome: Outcome | None = None
) -> Verdict | Deferred:
    """
    Read the documents of a complete export and compare them, if the policy asks for it.

    Return the verdict of the comparison; allowed if nothing is to be compared.
    """
    policy = job.context.queue.policy
    if not policy.read_back or not job.adapter.has_read:
        return ALLOWED
    fresh = [outcome.receipt] if isinstance(outcome, Done) else []
    if outcome is not None and not fresh:
        return ALLOWED
    receipts = list_read_back(job.entry, plan, fresh)
    shown = [(receipt, job.client.read(receipt)) for receipt in receipts]
    answer = judge_read_back(shown, job.build_request(), job.erp)
    if isinstance(answer, Deferred):
        return answer
    return with_remedies(answer, Case(policy=policy, erp=job.erp))


def _record(
    job: Job, checked: Verdict | Deferred, entry: QueueEntry, place: int, outcome: Outcome
) -> Change:
    return record(
        entry,
        place,
        outcome,
        at=job.clock(),
        erp=job.erp,
        chance=job.context.chance(),
        retry_policy=job.retry_policy,
        read_back=checked,
    )


def _save_next(
    job: Job,
    plan: Sequence[Step],
    next_entry: NextEntry,
    transaction: WorkTransaction,
    change: Change,
) -> list[Change]:
    """
    Save the start of the next step, or the claim of the next entry; return the saved changes.

    Both are saved in the transaction that records the answer of the last call.
    """
    job.is_started = False
    entry = change.after
    if entry.status in _ENDED:
        return next_entry.claim(transaction)
    step = find_following_step(entry, plan)
    if step is None or job.shutdown.check():
        return []
    begins = job.make_start(entry, step, plan=plan)
    transaction.save(begins)
    job.is_started = True
    return [begins]

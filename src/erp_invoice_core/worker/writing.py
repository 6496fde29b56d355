"""Writing an export step by step: each start durable before its call, each answer after it."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from ..exchange import Deferred
from ..flow import (
    conclude,
    find_following_step,
    find_next_step,
    record,
    refuse_taken_number,
    replayable,
    slot_of,
)
from ..stores import SlotTaken
from ..vocabulary import ExportStatus
from .answering import defer, lose, refuse
from .content import fetch_content, with_content
from .restore import compare_with_erp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from ..documents import QueueEntry, Step
    from ..events import Change
    from ..exchange import Outcome
    from ..stores import WorkTransaction
    from .job import Job
    from .onward import Onward

__all__ = ["write"]

#: Where an entry stands once its ERP has spoken.
_ANSWERED = frozenset({ExportStatus.SYNCED, ExportStatus.FAILED})


def write(job: Job, plan: Sequence[Step], onward: Onward) -> None:
    """
    Carry out the steps that have no receipt yet, as far as the ERP lets us.

    The answer of each call goes into one transaction with what follows from it: the start of the
    next step, or the claim of the next entry.

    Raises:
        Lost: The lease is another's by now.
    """
    while (step := find_next_step(job.entry, plan)) is not None:
        content = fetch_content(job, step)
        if isinstance(content, Deferred):
            defer(job, content)
            return
        with content or nullcontext():
            if not job.is_started and not _starts(job, step, plan):
                return
            job.is_started = False
            place = len(job.entry.calls) - 1
            outcome = _written(job, step, place, content, onward)
        then = partial(_follow, job, plan, onward)
        onward.take(job.settle(place, outcome, partial(_recorded, job), then))
        if job.entry.status is not ExportStatus.EXPORTING:
            return
    job.commit(
        lambda entry: conclude(entry, entry, at=job.now(), erp=job.erp, patience=job.patience)
    )


def _written(job: Job, step: Step, place: int, content: BinaryIO | None, onward: Onward) -> Outcome:
    """Make the call at that place and return its outcome."""
    receipts = [holding.receipt for holding in job.entry.standing]
    request = with_content(job.request(job.deadline(place)), step, content)
    session = job.session
    outcome = job.adapter.write(session, request, step, receipts, onward.prepare)
    return compare_with_erp(job, step, outcome)


def _starts(job: Job, step: Step, plan: Sequence[Step]) -> bool:
    """Commit that the step begins, unless something speaks against it; whether it did."""
    if not replayable(job.entry, job.now() + job.lease, job.erp):
        lose(job)
        return False
    if job.may_return:
        job.give_back()
        return False
    try:
        job.start(step, plan=plan, slot=job.entry.slot or slot_of(job.entry, job.erp))
    except SlotTaken as taken:
        refuse(job, refuse_taken_number(job.entry, taken.holder))
        return False
    return True


def _recorded(job: Job, entry: QueueEntry, place: int, outcome: Outcome) -> Change:
    return record(
        entry,
        place,
        outcome,
        at=job.now(),
        erp=job.erp,
        chance=job.chance(),
        patience=job.patience,
    )


def _follow(
    job: Job, plan: Sequence[Step], onward: Onward, transaction: WorkTransaction, change: Change
) -> list[Change]:
    """Save what goes into the transaction of an answer: the next step's start, or a claim."""
    job.is_started = False
    entry = change.after
    if entry.status in _ANSWERED:
        return onward.claim(transaction)
    step = find_following_step(entry, plan)  # without an answer the next one is not risked, too
    if step is None or job.stopping.is_asked:
        return []
    begins = job.started(entry, step, plan=plan)
    transaction.save(begins)
    job.is_started = True
    return [begins]

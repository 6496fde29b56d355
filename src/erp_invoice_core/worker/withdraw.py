"""Withdrawal: removes the documents of an entry from the ERP."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..documents import Step
from ..flow import conclude_read_back, find_removed, find_youngest_document, record_withdrawal
from .look_up import read_back

if TYPE_CHECKING:
    from ..documents import Call, QueueEntry
    from ..events import Change
    from ..exchange import Outcome
    from .job import Job


def withdraw(job: Job) -> None:
    """
    If a removal is in doubt, read its document; otherwise remove the newest leftover document.

    Raises:
        LeaseLost: The claim of this job no longer holds the lease.
    """
    record = partial(_record, job)
    for place, call in enumerate(job.entry.calls):
        if call.answer is None:
            job.record_result(place, _read_back(job, call), record)
            return
    receipt = find_youngest_document(job.entry)
    step = next(
        (step for step in job.entry.plan if step.name == receipt.step),
        Step(receipt.step, receipt.step, receipt.role),
    )
    place = job.start(step, erp_id=receipt.erp_id)
    outcome = job.client.withdraw(receipt, step.kind, partial(job.record_late, place))
    job.record_result(place, outcome, record)


def _read_back(job: Job, call: Call) -> Outcome:
    asked_at = job.clock()
    shown = read_back(job, call)
    receipt = find_removed(job.entry, call)
    return conclude_read_back(call, receipt, shown, asked_at=asked_at, at=job.clock(), erp=job.erp)


def _record(job: Job, entry: QueueEntry, place: int, outcome: Outcome) -> Change:
    return record_withdrawal(
        entry, place, outcome, at=job.clock(), erp=job.erp, retry_policy=job.retry_policy
    )

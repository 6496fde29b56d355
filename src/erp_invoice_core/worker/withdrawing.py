"""Removing what was left in the ERP, document by document, each call durable before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..documents import Step
from ..flow import conclude_read_back, find_youngest_document, record_withdrawal
from .looking import read_back

if TYPE_CHECKING:
    from ..documents import Call, QueueEntry
    from ..events import Change
    from ..exchange import Outcome
    from .job import Job

__all__ = ["withdraw"]


def _record(job: Job, entry: QueueEntry, place: int, outcome: Outcome) -> Change:
    return record_withdrawal(
        entry, place, outcome, at=job.now(), erp=job.erp, patience=job.patience
    )


def _read(job: Job, call: Call) -> Outcome:
    """Return what reading the document back says about a removal in doubt."""
    asked_at = job.now()
    seen = read_back(job, call)
    held = next(one.receipt for one in job.entry.holdings if one.receipt.erp_id == call.erp_id)
    return conclude_read_back(call, held, seen, asked_at=asked_at, at=job.now(), erp=job.erp)


def withdraw(job: Job) -> None:
    """
    Read back a removal in doubt, else remove the youngest living document.

    Raises:
        Lost: The lease is another's by now.
    """

    def record(entry: QueueEntry, place: int, outcome: Outcome) -> Change:
        return _record(job, entry, place, outcome)

    for place, call in enumerate(job.entry.calls):
        if call.answer is None:
            job.settle(place, _read(job, call), record)
            return
    receipt = find_youngest_document(job.entry)
    step = next(
        (step for step in job.entry.plan if step.name == receipt.step),
        Step(receipt.step, receipt.step, receipt.role),
    )
    place = job.start(step, erp_id=receipt.erp_id)
    job.settle(place, job.adapter.withdraw(job.session, receipt), record)

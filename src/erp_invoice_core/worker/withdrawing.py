"""Removing what was left in the ERP, document by document, each call durable before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..documents import QueueEntry, Receipt, Step
from ..exchange import Contents, Deferred, Done, Gone, Outcome, Unknown
from ..flow import conclusive_from, record_withdrawal
from .looking import read_back

if TYPE_CHECKING:
    from ..documents import Call
    from ..events import Change
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
    if isinstance(seen, Gone):
        return Done(held)
    moment = conclusive_from(call, job.erp)
    if isinstance(seen, Contents) and moment is not None and asked_at >= moment:
        return Deferred(job.now(), "The document is still there: it is asked to go again.")
    return Unknown("The document could not be read back conclusively.")


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
    receipt = _youngest(job.entry)
    step = next(
        (step for step in job.entry.plan if step.name == receipt.step),
        Step(receipt.step, receipt.step, receipt.role),
    )
    place = job.start(step, erp_id=receipt.erp_id)
    job.settle(place, job.adapter.withdraw(job.session, receipt), record)


def _youngest(entry: QueueEntry) -> Receipt:
    documents = [holding.receipt for holding in entry.living if holding.receipt.role]
    return documents[-1] if documents else entry.living[-1].receipt

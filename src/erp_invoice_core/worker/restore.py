"""What the worker asks of the ERP before it creates anything after a restore of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..exchange import Done
from ..flow import BeforeWrite, RestoreCheck, compare_outcome

if TYPE_CHECKING:
    from ..documents import Step
    from ..exchange import Outcome
    from .job import Job

__all__ = ["before_write", "compare_with_erp"]


def before_write(job: Job, step: Step) -> BeforeWrite:
    """Return what is decided about a step before it is written."""
    return BeforeWrite(
        entry=job.entry,
        step=step,
        erp=job.erp,
        restore=job.means.restore(),
        can_read=job.plugin.has_read,
    )


def compare_with_erp(job: Job, step: Step, outcome: Outcome) -> Outcome:
    """Return the outcome of a creating call, after a restore compared with what was accepted."""
    if not isinstance(outcome, Done):
        return outcome
    if before_write(job, step).check is not RestoreCheck.READ_BACK:
        return outcome
    shown = job.adapter.read(job.session, outcome.receipt)
    return compare_outcome(job.entry, outcome, shown, job.erp)

"""What a worker answers for an entry itself: no, not now, nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..flow import hand_back
from ..flow import lose as lost
from ..flow import refuse as refused
from ..rules import Case
from ..rules.refusals import with_remedies

if TYPE_CHECKING:
    from ..documents import Restore
    from ..exchange import Deferred
    from ..verdict import Verdict
    from .job import Job

__all__ = ["defer", "lose", "refuse"]


def refuse(job: Job, verdict: Verdict, *, restore: Restore | None = None) -> None:
    """Commit that the answer is no, with its reasons; ``restore``: because of which it is."""
    why = with_remedies(verdict, Case(policy=job.means.queue.policy, erp=job.erp))
    job.commit(
        lambda entry: refused(
            entry, why, at=job.now(), erp=job.erp, patience=job.patience, restore=restore
        )
    )


def defer(job: Job, deferred: Deferred) -> None:
    """Commit that nothing was written, and that it is tried again later, over a new session."""
    job.reconnect()
    facts = {"why": deferred.why}
    job.commit(
        lambda entry: hand_back(
            entry,
            at=job.now(),
            erp=job.erp,
            until=deferred.until,
            needs_person=deferred.needs_person,
            facts=facts,
            chance=job.chance(),
            patience=job.patience,
        )
    )


def lose(job: Job) -> None:
    """Commit that what is in doubt must be looked up first."""
    facts = {"why": "The call in doubt may not be repeated any more."}
    job.commit(
        lambda entry: lost(
            entry, entry, at=job.now(), erp=job.erp, facts=facts, patience=job.patience
        )
    )

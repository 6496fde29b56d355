"""What came of a call, committed: with the lease a move, without it testimony; never dropped."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import attrs

from ..exchange import Deferred, Unknown
from ..stores import CommitUnknown, ErpIdTaken, StoreBusy, StoreError, StoreFault
from .calling import TookTooLong, nothing, unheard
from .committing import commit, commit_all, holds
from .log import log_late, log_prefetch
from .lost import Lost
from .telling import patiently

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..documents import QueueEntry
    from ..events import Change
    from ..exchange import Outcome
    from ..stores import WorkTransaction
    from .job import Job

__all__ = ["Settling", "no_more", "tell_outcome"]


def no_more(_transaction: WorkTransaction, _change: Change) -> list[Change]:
    """Save nothing else in the same transaction."""
    return []


@attrs.define
class Settling:
    """
    The outcome of one call of a job.

    Attributes:
        place: The call's place.
        record: Makes the move of the entry as it stands.
        then: Saves what can go into the same transaction.
    """

    job: Job
    place: int
    outcome: Outcome
    record: Callable[[QueueEntry, int, Outcome], Change]
    then: Callable[[WorkTransaction, Change], list[Change]]

    def put(self) -> list[Change]:
        """
        Commit it and return what was committed.

        A receipt whose ERP id belongs to another invoice proves nothing: it is :class:`Unknown`.
        Where the store does not take it now, the line's caller stays behind to tell it later.

        Raises:
            Lost: The entry is out of this job's hands.
        """
        job = self.job
        if isinstance(self.outcome, Unknown | Deferred):
            job.reconnect()
        try:
            return commit_all(job.queue.store, job.id, self._save, job.queue.observe, patient=False)
        except ErpIdTaken as error:
            unproved = Unknown(str(error))
            return attrs.evolve(self, outcome=unproved, then=no_more).put()
        except (CommitUnknown, StoreBusy, StoreFault) as error:
            log_late(job, self.outcome, error)
            self._leave_behind()
            raise Lost from error
        except Exception as error:
            if self.then is no_more or isinstance(error, Lost | StoreError):
                raise
            # What goes wrong with the next entry must not keep this one's answer from the store.
            log_prefetch(job, error)
            return attrs.evolve(self, then=no_more).put()

    def _change(self, entry: QueueEntry) -> Change:
        if holds(entry, self.job.fencing):
            return self.record(entry, self.place, self.outcome)
        return self.job.testimony(entry, self.place, self.outcome)

    def _save(self, transaction: WorkTransaction, entry: QueueEntry) -> list[Change]:
        change = self._change(entry)
        transaction.save(change)
        is_mine = holds(entry, self.job.fencing)
        return [change, *(self.then(transaction, change) if is_mine else ())]

    def _leave_behind(self) -> None:
        job = self.job
        store, observe = job.queue.store, job.queue.observe

        def put() -> None:
            patiently(job, lambda: commit(store, job.id, self._change, observe))

        with suppress(TookTooLong):
            job.line.call(put, seconds=0.0, every=1.0, beat=nothing, late=unheard)


def tell_outcome(job: Job, place: int, outcome: Outcome) -> None:
    """Tell what a call answered that nobody waited for any more: testimony, always taken."""
    if isinstance(outcome, Unknown):
        return
    store, observe = job.queue.store, job.queue.observe

    def change(entry: QueueEntry) -> Change:
        return job.testimony(entry, place, outcome)

    patiently(job, lambda: commit(store, job.id, change, observe))

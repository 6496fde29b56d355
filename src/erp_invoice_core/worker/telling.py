"""What is learned too late is told all the same: evidence is always taken, absence never."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..flow import record_late_find
from ..stores import EntryUnreadable, ErpIdTaken, StoreError
from .committing import commit_all
from .log import log_not_stored
from .lost import Lost
from .taken import taken_by_others

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..documents import QueueEntry, Step
    from ..events import Change
    from ..exchange import Found
    from ..stores import WorkTransaction
    from .job import Job

__all__ = ["patiently", "tell_found"]

#: For so many seconds each a teller waits for a store that does not take it; the last one often.
_WAITS = (0.1, 0.5, 2.0, 10.0, *(60.0,) * 60)


def patiently(job: Job, act: Callable[[], object]) -> None:
    """Do what the store may not take yet, again and again for an hour; nobody waits for it."""
    for wait in (*_WAITS, None):
        try:
            act()
        except (Lost, ErpIdTaken, EntryUnreadable) as error:  # no try will change that
            log_not_stored(job, error)
            return
        except StoreError as error:
            if wait is None:
                log_not_stored(job, error)
                return
            job.means.sleep(wait)
        except Exception as error:  # noqa: BLE001 - the thread is nobody's: it would print it raw
            log_not_stored(job, error)
            return
        else:
            return


def tell_found(job: Job, step: Step, found: Found, at: datetime) -> None:
    """
    Tell what a look-up found that nobody waited for any more.

    Args:
        job: Whose look-up it was.
        step: The step whose document was looked for.
        found: What was found.
        at: When it was asked for (UTC).
    """

    def save(transaction: WorkTransaction, entry: QueueEntry) -> list[Change]:
        taken = taken_by_others(transaction, entry, job.erp, [found])
        change = record_late_find(
            entry, step, found, asked_at=at, at=job.now(), erp=job.erp, taken=taken
        )
        if change is None:
            raise Lost
        transaction.save(change)
        return [change]

    patiently(job, lambda: commit_all(job.queue.store, job.id, save, job.queue.observe))

"""
Lane: a thread that claims and works on one entry after another.

A lane serves its connections in turn, over channels of its own. After an unexpected error in the
work on an entry, that entry is deferred. An error of the store ends the lane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..adapters.callers import do_nothing
from ..adapters.erp_client import Channels, ErpClient
from ..exchange import Deferred
from ..flow import defer, is_resting, postpone
from ..stores import CommitUnknown, EntryUnreadable, StoreBusy, StoreError
from ..vocabulary import ExportStatus
from .claim import RoundRobin, claim_next
from .commits import LeaseLost
from .export import export
from .job import open_job
from .log import log_claim, log_lost
from .look_up import look_up
from .prefetch import Prefetch
from .set_aside import OF_ONE_ENTRY, set_aside
from .watch import watch_absent_keys
from .withdraw import withdraw

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..documents import QueueEntry
    from ..events import Change
    from .claim import ClaimedEntry
    from .context import WorkerContext
    from .job import Job
    from .prefetch import NextEntry
    from .shutdown import ShutdownSignal


@attrs.define
class Lane:
    """
    Works on one entry at a time, for its connections in turn.

    Attributes:
        context: Configuration and dependencies of the worker.
        shutdown: The shutdown request.
        claims: The number of entries that it has taken.
        turns: The order of its connections.
        channels: Its channels to the ERPs.
    """

    context: WorkerContext
    shutdown: ShutdownSignal
    claims: int = 0
    turns: RoundRobin = attrs.Factory(lambda self: RoundRobin(self.context), takes_self=True)
    channels: Channels = attrs.Factory(lambda self: Channels(self.context.calls), takes_self=True)

    def close(self) -> None:
        """Close every channel."""
        self.channels.close()

    def drain(
        self,
        names: Collection[str],
        can_continue: Callable[[], bool],
        touch: Callable[[QueueEntry], None],
    ) -> None:
        """
        Work until no entry is due, or until no more entries may be claimed.

        Args:
            names: The connections to serve in turn.
            can_continue: Returns whether another entry may be claimed.
            touch: Called with each taken entry, except those only looked up for late documents.
        """
        prefetch = Prefetch(
            context=self.context,
            shutdown=self.shutdown,
            turns=self.turns,
            channels=self.channels,
            names=names,
            can_continue=can_continue,
        )
        try:
            while claimed := prefetch.pop() or (self._claim(names) if can_continue() else None):
                self.turns.note_served(claimed.entry.connection)
                self.claims += 1
                if not is_resting(claimed.entry):
                    touch(claimed.entry)
                self._work(claimed, prefetch)
        finally:
            prefetch.release()

    def find_wait(self) -> float | None:
        """
        Return the number of seconds for which rate limits delay a due entry of the lane.

        ``None`` if the last poll skipped no due entry because of a rate limit, or if a shutdown was
        requested.

        Raises:
            StoreBusy: Other processes locked the store for too long.
        """
        return None if self.shutdown.check() else self.turns.find_wait()

    def _claim(self, names: Collection[str]) -> ClaimedEntry | None:
        trials = [name for name in names if self.context.find_limits(name).breaker.begin_trial()]
        reached = [name for name in trials if self._try_connection(name)]
        claimed = None
        try:
            claimed = claim_next(self.context, [*self.turns.list_ready(names), *reached])
        finally:
            for name in trials:
                if claimed is None or claimed.entry.connection != name:
                    self.context.find_limits(name).breaker.end_trial()
        return claimed

    def _try_connection(self, name: str) -> bool:
        """Make the trial call of a half-open breaker; return whether the ERP opens a session."""
        lines = self.context.queue.connections
        adapter = lines.find_adapter(name)
        if adapter is None:
            return False
        client = ErpClient(
            adapter=adapter,
            connection=lines.get_connection(name),
            channel=self.channels.open(name),
            limits=self.context.find_limits(name),
            beat=do_nothing,
            every=self.context.cadence,
        )
        client.reconnect()
        return not isinstance(client.connect(), Deferred)

    def _work(self, claimed: ClaimedEntry, next_entry: NextEntry) -> None:
        job = claimed.job or self._open_job(claimed)
        if job is None:
            return
        log_claim(claimed.entry)
        try:
            _run(job, next_entry)
        except EntryUnreadable:  # the entry is ignored until its row is restored
            return
        except (
            LeaseLost,
            CommitUnknown,
            StoreBusy,
        ) as error:  # its lease expires, and then the entry is looked up
            log_lost(job.entry, job.fencing, error)
        except StoreError as error:
            if not isinstance(error, OF_ONE_ENTRY):
                raise
            set_aside(job, error)
        except Exception as error:  # noqa: BLE001 - no error of one entry may stop the others
            set_aside(job, error)
        finally:
            job.client.limits.breaker.end_trial()

    def _open_job(self, claimed: ClaimedEntry) -> Job | None:
        """Return the job of an entry; ``None`` if its adapter is not loaded or it has no work."""
        entry, name = claimed.entry, claimed.entry.connection
        adapter = self.context.queue.connections.find_adapter(name)
        if adapter is None or name is None or not (claimed.is_claimed or is_resting(entry)):
            return None
        return open_job(
            self.context,
            entry,
            adapter=adapter,
            channel=self.channels.open(name),
            shutdown=self.shutdown,
        )


def _run(job: Job, next_entry: NextEntry) -> None:
    """Export, look up or withdraw the entry, or look for its late documents, by its status."""
    if is_resting(job.entry):
        watch_absent_keys(job)
        return
    if job.can_give_back():
        job.give_back()
        return
    session = job.client.connect()
    if isinstance(session, Deferred) and not job.is_started:
        job.commit(lambda entry: _postpone(job, session, entry))
    elif job.entry.status is ExportStatus.EXPORTING:
        export(job, next_entry)
    elif job.entry.status is ExportStatus.UNKNOWN:
        look_up(job)
    else:
        withdraw(job)


def _postpone(job: Job, deferred: Deferred, entry: QueueEntry) -> Change:
    """Return the change that defers work on an entry because its ERP cannot be reached."""
    at, facts = job.clock(), {"why": deferred.why}
    if entry.status is not ExportStatus.EXPORTING:
        return postpone(
            entry,
            at=at,
            facts=facts,
            needs_person=deferred.needs_person,
            retry_policy=job.retry_policy,
        )
    return defer(
        entry,
        at=at,
        erp=job.erp,
        until=deferred.until,
        needs_person=deferred.needs_person,
        facts=facts,
        chance=job.context.chance(),
        retry_policy=job.retry_policy,
    )

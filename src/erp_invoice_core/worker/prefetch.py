"""
Prefetch: claims the next entry in the transaction of the last answer.

This saves a commit for each entry. During a call, the lane chooses a candidate and asks the host
and the adapter about it, without a lock and without the ERP. The transaction of the call's answer
then claims that entry if it has not changed, and also commits the start of its first step. The
start is not committed if the ERP must be asked first. It is not committed either if the ERP has no
look-up: after a crash before the call, a person would have to check the ERP. If the entry has
changed, only the answer is stored.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

import attrs

from ..adapters.containment import Raised, call_contained, format_traceback
from ..exchange import Deferred
from ..flow import can_prefetch, can_start_unasked, claim, claim_again, find_slot
from ..stores import EntryChanged, SlotTaken, StoreError
from ..verdict import Verdict
from ..vocabulary import Action, ExportStatus
from .claim import ClaimedEntry
from .job import Job, open_job
from .log import LOG
from .revalidate import revalidate_job

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from ..adapters.erp_client import Channels
    from ..documents import QueueEntry, Step
    from ..events import Change
    from ..exchange import ExportRequest
    from ..stores import WorkTransaction
    from .candidates import Candidate
    from .claim import RoundRobin
    from .context import WorkerContext
    from .shutdown import ShutdownSignal


class NextEntry(Protocol):
    """
    Claims the next entry during the last call of the current one.

    The export calls ``prepare`` during the call, ``claim`` in the transaction of its answer, and
    ``take`` after the commit.
    """

    def prepare(self) -> None:
        """Choose and prepare the next entry, without asking the ERP."""
        ...

    def claim(self, transaction: WorkTransaction) -> list[Change]:
        """Claim the next entry, and start it if it was prepared; return the saved changes."""
        ...

    def take(self, changes: Sequence[Change]) -> None:
        """Keep the claimed entry for the lane, if the committed changes have a claim."""
        ...


@attrs.frozen(kw_only=True)
class _FirstStep:
    """
    The first step of a chosen entry, if its start may be committed with the claim.

    Attributes:
        job: The job for the entry, as if it were claimed. If the claim is committed, it goes on.
        plan: The steps of the export.
        slot: The number slot that the entry takes.
    """

    job: Job
    plan: tuple[Step, ...]
    slot: str | None


@attrs.frozen
class _Chosen:
    """
    The entry that a lane has chosen.

    Attributes:
        entry: The entry when it was chosen.
        first_step: Its first step; ``None`` if its start may not be committed with the claim.
    """

    entry: QueueEntry
    first_step: _FirstStep | None


@attrs.define(kw_only=True)
class Prefetch:
    """
    Claims the next entry of a lane during the last call of the current one.

    Attributes:
        context: Configuration and dependencies of the worker.
        shutdown: The shutdown request.
        turns: The order of the connections.
        channels: The channels of the lane.
        names: The connections.
        can_continue: Returns whether another entry may be claimed.
    """

    context: WorkerContext
    shutdown: ShutdownSignal
    turns: RoundRobin
    channels: Channels
    names: Collection[str]
    can_continue: Callable[[], bool]
    _claimed: ClaimedEntry | None = None
    _candidate: Candidate | None = None
    _chosen: _Chosen | None = None
    _started: Job | None = None
    _is_tried: bool = False

    def _is_wanted(self) -> bool:
        return not self.shutdown.check() and self.can_continue()

    def pop(self) -> ClaimedEntry | None:
        """
        Return the prefetched entry and forget it; ``None`` if no entry was claimed.

        An entry that was chosen but not claimed is released, so that any lane may take it.
        """
        self.release()
        claimed, self._claimed = self._claimed, None
        return claimed

    def release(self) -> None:
        """Release the chosen entry, so that any lane may take it."""
        candidate, self._candidate, self._chosen = self._candidate, None, None
        if candidate is not None:
            self.context.candidates.release(candidate)
            self.context.candidates.outdate(candidate.name)

    def prepare(self) -> None:
        """
        Choose and prepare the next entry, without asking the ERP and without a lock.

        It raises nothing, because a running call of another entry must not be abandoned.
        """
        prepared = call_contained(self._prepare)
        if isinstance(prepared, Raised):
            self._chosen = None
            text = format_traceback(prepared.error, self.context.queue.connections.redaction)
            LOG.error("The next entry could not be prepared.\n%s", text)

    def _prepare(self) -> None:
        self.release()
        if not self._is_wanted():
            return
        self._candidate = self._choose()
        if self._candidate is not None:
            entry = self._candidate.entry
            self._chosen = _Chosen(entry, self._ask(entry))

    def _choose(self) -> Candidate | None:
        """
        Return the next entry to export.

        ``None`` if no entry is due, if an entry with other work is due first, or if the store is
        busy.
        """
        candidates = self.context.candidates
        try:
            for name in self.turns.list_ready(self.names):
                candidate = candidates.choose(name, partial(_is_exportable, name))
                # An entry that must be looked up or released first keeps its turn.
                if candidate is not None or candidates.has_entries(name):
                    return candidate
        except StoreError:
            pass
        return None

    def _ask(self, entry: QueueEntry) -> _FirstStep | None:
        """Return the first step; ``None`` if its start may not be committed with the claim."""
        context, name = self.context, entry.connection or ""
        adapter = context.queue.connections.find_adapter(name)
        if adapter is None or not can_prefetch(entry) or adapter.has("erp_check"):
            return None
        channel = self.channels.open(name)
        if channel.find_session(adapter) is None:
            return None
        job = open_job(
            context,
            self._make_claim(entry).after,
            adapter=adapter,
            channel=channel,
            shutdown=self.shutdown,
        )
        request = job.build_request()
        plan = entry.plan or job.client.plan(request, self.channels.open(name, is_planning=True))
        if isinstance(plan, Deferred) or not _can_start(job, request, plan):
            return None
        answer = revalidate_job(job)
        if not (isinstance(answer, Verdict) and answer.allowed):
            return None
        return _FirstStep(job=job, plan=tuple(plan), slot=entry.slot or find_slot(entry, job.erp))

    def _make_claim(self, entry: QueueEntry) -> Change:
        context = self.context
        at = context.queue.clock()
        return claim(entry, at=at, holder=context.holder, lease=context.lease)

    def claim(self, transaction: WorkTransaction) -> list[Change]:
        """
        Claim the chosen entry if it is unchanged, and start its first step if that may start.

        A second call for the same entry claims nothing. So if the transaction fails because that
        entry has changed, it is repeated without the claim, and the answer of the call is stored.

        Raises:
            EntryChanged: Another entry holds the number slot. A store that compares only at the end
                of the transaction raises it then for a changed entry, too.
        """
        chosen, self._chosen, self._started = self._chosen, None, None
        if chosen is None or not self._is_wanted():
            return []
        if not self.turns.is_ready(chosen.entry.connection or ""):
            return []
        self._is_tried = True
        try:
            entry = transaction.expect(chosen.entry)
        except EntryChanged:  # this store compares at once, and its transaction goes on
            return []
        if chosen.first_step:
            return self._start(transaction, entry, chosen.first_step)
        claimed = self._make_claim(entry)
        if not claimed.verdict:
            return []
        transaction.save(claimed)
        return [claimed]

    def _start(
        self, transaction: WorkTransaction, entry: QueueEntry, first: _FirstStep
    ) -> list[Change]:
        """Claim an entry and start its first step, both at the same time; return the changes."""
        context, job = self.context, first.job
        at = context.queue.clock()
        claimed = claim_again(entry, at=at, holder=context.holder, lease=context.lease)
        begins = job.make_start(
            claimed.after, first.plan[0], at=at, plan=first.plan, slot=first.slot
        )
        transaction.save(claimed)
        try:
            transaction.save(begins)
        except SlotTaken as taken:  # the entry is refused in the usual way after it is claimed
            raise EntryChanged(str(taken)) from taken
        self._started = job
        return [claimed, begins]

    def take(self, changes: Sequence[Change]) -> None:
        """Keep the claimed entry for :meth:`pop`, if the committed changes have a claim."""
        is_claimed = any(change.action is Action.CLAIM for change in changes)
        if self._candidate is not None and self._is_tried:
            self.context.candidates.note(self._candidate, collided=not is_claimed)
            self.context.candidates.release(self._candidate)
            self._candidate = None
        self._is_tried = False
        if is_claimed:
            entry, job = changes[-1].after, self._started
            if job is not None:
                job.entry, job.is_started = entry, True
            self._claimed = ClaimedEntry(entry=entry, is_claimed=True, job=job)


def _is_exportable(name: str, entry: QueueEntry) -> bool:
    return entry.status is ExportStatus.ACCEPTED and entry.connection == name


def _can_start(job: Job, request: ExportRequest, plan: Sequence[Step]) -> bool:
    return can_start_unasked(
        job.entry,
        request,
        plan,
        erp=job.erp,
        restore=job.context.find_restore(),
        can_read=job.adapter.has_read,
    )

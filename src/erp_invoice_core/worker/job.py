"""
Job: one claimed entry, and the changes that its holder commits.

Every change is fenced: it is made from the stored entry, and only while this claim holds the lease.
The result of a call after the lease was lost becomes late evidence, which is always stored. A
result that the store refuses now is stored in the background.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import attrs

from ..adapters.callers import TookTooLong, do_nothing, ignore
from ..adapters.erp_client import ErpClient
from ..exchange import Deferred, Found, Unknown
from ..flow import (
    build_request,
    defer,
    find_slot,
    has_same_request,
    record_late_find,
    record_late_outcome,
    release,
    renew_request,
    start,
)
from ..flow import lose as lose_answer
from ..flow import refuse as refuse_entry
from ..rules import Case
from ..rules.remedy_rows import with_remedies
from ..stores import CommitUnknown, ErpIdTaken, StoreBusy, StoreError, StoreFault
from ..vocabulary import ExportStatus
from .commits import LeaseLost, commit_change, commit_changes, has_lease, retry_until_stored
from .heartbeat import Heartbeat
from .log import log_late, log_prefetch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ..adapters import Adapter
    from ..adapters.erp_client import Channel
    from ..declaration import Declaration
    from ..documents import QueueEntry, Restore, Step
    from ..events import AuditEvent, Change
    from ..exchange import ExportRequest, Outcome, Sighting
    from ..flow import RetryPolicy
    from ..stores import PeopleTransaction, Store, WorkTransaction
    from ..verdict import Verdict
    from .context import WorkerContext
    from .shutdown import ShutdownSignal


def list_taken(
    transaction: PeopleTransaction, entry: QueueEntry, erp: Declaration, found: Sequence[Found]
) -> set[str]:
    """
    Return the ERP ids of found documents that belong, or may belong, to another entry.

    A document belongs to the entry whose receipts name it; an earlier generation of this entry
    counts as another entry. A document without an idempotency key may belong to the entry that
    holds the number slot, even if its receipt is not recorded yet.
    """
    owners = transaction.find_owners(entry.connection or "", [one.receipt.erp_id for one in found])
    own = (entry.id, entry.generation)
    taken = {erp_id for erp_id, owner in owners.items() if owner != own}
    keyless = {one.receipt.erp_id for one in found if one.contents.key is None}
    slot = find_slot(entry, erp) if keyless else None
    if slot and transaction.find_slot_holders([slot]).get(slot, entry.id) != entry.id:
        taken |= keyless
    return taken


def save_nothing(_transaction: WorkTransaction, _change: Change) -> list[Change]:
    """Save no further changes with the result of a call; the default of ``follow``."""
    return []


@attrs.define(kw_only=True)
class Job:
    """
    One claimed entry.

    Attributes:
        entry: The entry, as last committed.
        fencing: The fencing token of the claim.
        context: Configuration and dependencies of the worker.
        adapter: The adapter of the entry's connection.
        erp: The declaration of the ERP.
        client: The ERP client, which calls the adapter.
        heartbeat: Renews the lease.
        shutdown: The shutdown request.
        store: The store of the entry.
        clock: Returns the current time (UTC).
        observe: Called with each committed event.
        retry_policy: The retry policy of the connection.
        is_started: True if the start of the next step is committed already.
    """

    entry: QueueEntry
    fencing: int
    context: WorkerContext
    adapter: Adapter
    erp: Declaration
    client: ErpClient
    heartbeat: Heartbeat
    shutdown: ShutdownSignal
    store: Store
    clock: Callable[[], datetime]
    observe: Callable[[AuditEvent], None]
    retry_policy: RetryPolicy
    is_started: bool = False
    _built: tuple[QueueEntry, ExportRequest] | None = attrs.field(default=None, init=False)

    # ── questions ───────────────────────────────────────────────────────────────────────────────

    def can_give_back(self) -> bool:
        """Return whether a shutdown was requested and no call of the export is in doubt."""
        if not self.shutdown.check():
            return False
        return self.entry.status is not ExportStatus.EXPORTING or not self.entry.in_doubt

    def build_request(self, deadline: datetime | None = None) -> ExportRequest:
        """
        Return the request for the adapter.

        Its deadline is on the clock of this machine; without ``deadline`` it is the duration of a
        lease from now. The request that the job built before is taken again if only the deadline
        and the started calls differ (line 4c of the benchmarks).
        """
        entry = self.entry
        left = self.context.lease if deadline is None else deadline - self.clock()
        here = self.context.wall() + left
        if self._built is not None and has_same_request(self._built[0], entry):
            return renew_request(self._built[1], entry, here)
        request = build_request(entry, self.erp, here, self.context.queue.content)
        self._built = entry, request
        return request

    def find_deadline(self, place: int) -> datetime:
        """
        Return the latest time (UTC) at which the call with the index ``place`` may be sent.

        It is the end of the call's time limit or of its lease, whichever is earlier.
        """
        call = self.entry.calls[place]
        limit = self.erp.terms_of(call.step_kind).time_limit
        return min(call.started_at + limit, call.lease_until)

    def list_taken(self, found: Sequence[Found]) -> set[str]:
        """Return the ERP ids of found documents that belong, or may belong, to another entry."""
        if not found:
            return set()
        with self.store.work() as transaction:
            return list_taken(transaction, self.entry, self.erp, found)

    # ── commits ─────────────────────────────────────────────────────────────────────────────────

    def commit(self, make: Callable[[QueueEntry], Change]) -> None:
        """
        Commit a change of the stored entry.

        Raises:
            LeaseLost: The claim of this job no longer holds the lease; nothing was changed.
        """

        def make_fenced(entry: QueueEntry) -> Change:
            if not has_lease(entry, self.fencing):
                raise LeaseLost
            return make(entry)

        self.entry = commit_change(
            self.store, self.entry.id, make_fenced, self.observe, expected=self.entry
        )

    def commit_evidence(self, make: Callable[[QueueEntry], Change]) -> None:
        """Commit a change that needs no lease, because evidence is always stored."""
        self.entry = commit_change(self.store, self.entry.id, make, self.observe)

    def give_back(self) -> None:
        """
        Release the entry unchanged.

        Raises:
            LeaseLost: The claim of this job no longer holds the lease.
        """
        why = "The worker was asked to stop."
        self.commit(lambda entry: release(entry, at=self.clock(), why=why))

    def refuse(self, verdict: Verdict, *, restore: Restore | None = None) -> None:
        """Refuse the export; ``restore`` is the restore of the database that is the reason."""
        why = with_remedies(verdict, Case(policy=self.context.queue.policy, erp=self.erp))
        self.commit(
            lambda entry: refuse_entry(
                entry,
                why,
                at=self.clock(),
                erp=self.erp,
                retry_policy=self.retry_policy,
                restore=restore,
            )
        )

    def defer(self, deferred: Deferred) -> None:
        """Defer the export before its next write; a later try opens a new session with the ERP."""
        self.client.reconnect()
        facts = {"why": deferred.why}
        self.commit(
            lambda entry: defer(
                entry,
                at=self.clock(),
                erp=self.erp,
                until=deferred.until,
                needs_person=deferred.needs_person,
                facts=facts,
                chance=self.context.chance(),
                retry_policy=self.retry_policy,
            )
        )

    def lose(self) -> None:
        """Mark the entry as unknown, so that a worker looks up its calls in doubt."""
        facts = {"why": "The call in doubt may not be repeated any more."}
        self.commit(
            lambda entry: lose_answer(
                entry,
                entry,
                at=self.clock(),
                erp=self.erp,
                facts=facts,
                retry_policy=self.retry_policy,
            )
        )

    def make_start(
        self,
        entry: QueueEntry,
        step: Step,
        *,
        at: datetime | None = None,
        plan: Sequence[Step] | None = None,
        slot: str | None = None,
        erp_id: str | None = None,
    ) -> Change:
        """
        Return the change that starts a call and renews the lease; the caller saves it.

        Args:
            entry: The claimed entry.
            step: The step to carry out; of a removal, the step that made the document.
            at: The time of the start (UTC); by default now.
            plan: The steps of the export, at the first start of an attempt.
            slot: The number slot that the entry takes, at the first start.
            erp_id: The ERP id of the document to remove; ``None`` for a write.
        """
        self.heartbeat.note_renewal()
        return start(
            entry,
            step,
            at=self.clock() if at is None else at,
            lease=self.context.lease,
            plan=plan,
            slot=slot,
            erp_id=erp_id,
        )

    def start(
        self,
        step: Step,
        *,
        plan: Sequence[Step] | None = None,
        slot: str | None = None,
        erp_id: str | None = None,
    ) -> int:
        """
        Commit the start of a call, and return the index of the call in the entry's calls.

        The arguments are those of :meth:`make_start`, whose time is that of the commit.

        Raises:
            LeaseLost: The claim of this job no longer holds the lease.
            SlotTaken: Another entry holds the number slot.
        """
        self.commit(lambda entry: self.make_start(entry, step, plan=plan, slot=slot, erp_id=erp_id))
        return len(self.entry.calls) - 1

    def record_result(
        self,
        place: int,
        outcome: Outcome,
        record: Callable[[QueueEntry, int, Outcome], Change],
        follow: Callable[[WorkTransaction, Change], list[Change]] = save_nothing,
    ) -> list[Change]:
        """
        Commit the result of a call and return the committed changes.

        While the lease is held, the result changes the entry; later it is stored as late evidence.
        A receipt with the ERP id of another invoice proves nothing, so it counts as
        :class:`Unknown`. If the store refuses the result now, it is stored in the background.

        Args:
            place: The index of the call in the entry's calls.
            outcome: The outcome of the call.
            record: Builds the change from the stored entry, ``place`` and ``outcome``.
            follow: Saves further changes in the same transaction, and returns them.

        Raises:
            LeaseLost: The job must end: the lease is lost and the outcome proves nothing, or the
                store refused the result.
        """
        if isinstance(outcome, Unknown | Deferred):
            self.client.reconnect()

        def make(entry: QueueEntry) -> Change:
            if has_lease(entry, self.fencing):
                return record(entry, place, outcome)
            return self._make_late_change(place, outcome, entry)

        try:
            changes = self._commit_result(make, follow)
        except ErpIdTaken as error:
            return self.record_result(place, Unknown(str(error)), record)
        except (CommitUnknown, StoreBusy, StoreFault) as error:
            log_late(self.entry, outcome, error)
            self._record_in_background(make)
            raise LeaseLost from error
        except Exception as error:
            if follow is save_nothing or isinstance(error, LeaseLost | StoreError):
                raise
            # An error of the next entry must not prevent that this result is stored.
            log_prefetch(self.entry, error, self.context.queue.connections.redaction)
            return self.record_result(place, outcome, record)
        own = [change.after for change in changes if change.after.id == self.entry.id]
        self.entry = own[-1]
        return changes

    def _commit_result(
        self,
        make: Callable[[QueueEntry], Change],
        follow: Callable[[WorkTransaction, Change], list[Change]],
    ) -> list[Change]:
        """Commit a change and, while the lease is held, the changes that ``follow`` saves."""

        def save(transaction: WorkTransaction, entry: QueueEntry) -> list[Change]:
            change = make(entry)
            transaction.save(change)
            is_held = has_lease(entry, self.fencing)
            return [change, *(follow(transaction, change) if is_held else ())]

        return commit_changes(
            self.store,
            self.entry.id,
            save,
            self.observe,
            expected=self.entry,
            retry_if_busy=False,
        )

    # ── late evidence ───────────────────────────────────────────────────────────────────────────

    def _make_late_change(self, place: int, outcome: Outcome, entry: QueueEntry) -> Change:
        change = record_late_outcome(entry, place, outcome, at=self.clock(), erp=self.erp)
        if change is None:
            raise LeaseLost
        return change

    def _store_late(self, make: Callable[[QueueEntry], Change]) -> None:
        retry_until_stored(
            lambda: commit_change(self.store, self.entry.id, make, self.observe),
            self.entry,
            sleep=self.context.sleep,
            redaction=self.context.queue.connections.redaction,
        )

    def _record_in_background(self, make: Callable[[QueueEntry], Change]) -> None:
        """Let the thread of the channel store the result of a call, without waiting for it."""
        with suppress(TookTooLong):
            self.client.channel.call(
                lambda: self._store_late(make),
                seconds=0.0,
                every=1.0,
                beat=do_nothing,
                late=ignore,
            )

    def record_late(self, place: int, outcome: Outcome) -> None:
        """Store the answer of an abandoned call as late evidence."""
        if not isinstance(outcome, Unknown):
            self._store_late(partial(self._make_late_change, place, outcome))

    def record_late_sighting(self, step: Step, asked_at: datetime, sighting: Sighting) -> None:
        """
        Store a document that an abandoned look-up found, as late evidence.

        Args:
            step: The step whose document was looked up.
            asked_at: When the ERP was asked (UTC).
            sighting: The result of the look-up.
        """
        if not isinstance(sighting, Found):
            return

        def save(transaction: WorkTransaction, entry: QueueEntry) -> list[Change]:
            change = record_late_find(
                entry,
                step,
                sighting,
                asked_at=asked_at,
                at=self.clock(),
                erp=self.erp,
                taken=list_taken(transaction, entry, self.erp, [sighting]),
            )
            if change is None:
                raise LeaseLost
            transaction.save(change)
            return [change]

        retry_until_stored(
            lambda: commit_changes(self.store, self.entry.id, save, self.observe),
            self.entry,
            sleep=self.context.sleep,
            redaction=self.context.queue.connections.redaction,
        )

    def find(self, request: ExportRequest, step: Step, keys: Sequence[str]) -> Sighting:
        """Look up the document of a step; if it is found too late, store it as late evidence."""
        on_late = partial(self.record_late_sighting, step, self.clock())
        return self.client.find(request, step, keys, on_late)


def open_job(
    context: WorkerContext,
    entry: QueueEntry,
    *,
    adapter: Adapter,
    channel: Channel,
    shutdown: ShutdownSignal,
) -> Job:
    """
    Return the job of a claimed entry.

    Args:
        context: Configuration and dependencies of the worker.
        entry: The entry.
        adapter: The adapter of its connection.
        channel: The channel to its ERP.
        shutdown: The shutdown request.
    """
    queue, name = context.queue, entry.connection or ""
    connection = queue.connections.get_connection(name)
    heartbeat = _build_heartbeat(context, entry, shutdown)
    client = ErpClient(
        adapter=adapter,
        connection=connection,
        channel=channel,
        limits=context.find_limits(name),
        beat=heartbeat.beat,
        every=shutdown.shorten(context.cadence),
    )
    return Job(
        entry=entry,
        fencing=entry.fencing,
        context=context,
        adapter=adapter,
        erp=adapter.declaration,
        client=client,
        heartbeat=heartbeat,
        shutdown=shutdown,
        store=queue.store,
        clock=queue.clock,
        observe=queue.observe,
        retry_policy=connection.retry_policy or context.retry_policy,
    )


def _build_heartbeat(
    context: WorkerContext, entry: QueueEntry, shutdown: ShutdownSignal
) -> Heartbeat:
    return Heartbeat(
        store=context.queue.store,
        clock=context.queue.clock,
        observe=context.queue.observe,
        steady=context.steady,
        lease=context.lease,
        cadence=context.cadence,
        entry_id=entry.id,
        fencing=entry.fencing,
        shutdown=shutdown,
    )

"""Fewer commits: the claim of the next entry goes into the transaction of the last answer."""

from __future__ import annotations

from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

import attrs

from ..adapters.containment import Raised, contained, traceback_of
from ..exchange import Deferred
from ..flow import can_prefetch, can_start_unasked, claim, slot_of
from ..stores import SlotTaken, StoreError
from ..verdict import Verdict
from ..vocabulary import Action, ExportStatus
from .job import Job
from .judging import judged
from .log import LOG
from .onward import Taken
from .taking import seen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from ..documents import QueueEntry, Step
    from ..events import Change
    from ..stores import WorkTransaction
    from .lane import Lane

__all__ = ["Fusing"]

#: Among so many of those that wait longest a lane chooses at most, so that lanes do not collide.
_WIDEST = 16


@attrs.frozen(kw_only=True)
class _Prepared:
    """
    An entry about which everything was asked: nothing speaks against it.

    Attributes:
        job: The entry as it would be, claimed.
        seq: Of the entry as it was.
        place: How many were due before it.
    """

    job: Job
    plan: tuple[Step, ...]
    seq: int
    place: int

    def is_still(self, entry: QueueEntry) -> bool:
        """Whether that is the entry, as it was."""
        return (self.job.id, self.seq) == (entry.id, entry.seq)


@attrs.define(kw_only=True)
class Fusing:
    """
    A lane's next entry.

    It is only claimed together with the last answer, never started, where anything must be asked of
    the ERP first, and where the ERP has no look-up: a crash right after would need a person.
    """

    lane: Lane
    names: Collection[str]
    goes_on: Callable[[], bool]
    _taken: Taken | None = None
    _prepared: _Prepared | None = None

    @property
    def _is_wanted(self) -> bool:
        return not self.lane.stopping.is_asked and self.goes_on()

    def next(self) -> Taken | None:
        """Return what was claimed on the way, once."""
        taken, self._taken, self._prepared = self._taken, None, None
        return taken

    def _due(self, transaction: WorkTransaction, most: int) -> list[QueueEntry]:
        """Return the next entries to be exported, if it is their connection's turn."""
        at = self.lane.means.queue.clock()
        for name in self.lane.turns.of(self.names):
            if due := transaction.due(at, [name], most):
                # What must be looked up or freed first is not overtaken.
                return list(takewhile(partial(_is_plain, name), due))
        return []

    def prepare(self) -> None:
        """
        Ask about the next entry all that can be asked without the ERP, and without a lock.

        It raises nothing: a call of another entry is under way, and must not be left behind for it.
        """
        prepared = contained(self._prepare)
        if isinstance(prepared, Raised):
            self._prepared = None
            text = traceback_of(prepared.error, self.lane.means.queue.lines.redaction)
            LOG.error("The next entry could not be prepared.\n%s", text)

    def _prepare(self) -> None:
        self._prepared = None
        if not self._is_wanted:
            return
        due = self._seen()
        if due:
            place = int(self.lane.means.chance() * len(due)) % len(due)
            self._prepared = self._asked(due[place], place)

    def _seen(self) -> Sequence[QueueEntry]:
        """Return what is due; nothing where the store is busy: it is claimed later, then."""
        lane = self.lane
        try:
            return seen(lane.means.queue.store, lambda look: self._due(look, lane.spread))
        except StoreError:
            return ()

    def _asked(self, entry: QueueEntry, place: int) -> _Prepared | None:
        lane, name = self.lane, entry.connection or ""
        queue, line = lane.means.queue, lane.line(name)
        plugin = queue.lines.adapter(name)
        if (
            plugin is None
            or not can_prefetch(entry)
            or plugin.has("erp_check")
            or not line.has_session(plugin)
        ):
            return None
        claimed = self._claimed(entry)
        job = Job(
            means=lane.means,
            entry=claimed.after,
            fencing=claimed.after.fencing,
            plugin=plugin,
            line=lane.scout(name),
            stopping=lane.stopping,
        )
        plan = entry.plan or job.adapter.steps(job.request(job.now() + job.lease))
        if isinstance(plan, Deferred) or not _is_startable(job, plan):
            return None
        answer = judged(queue, job)
        if not (isinstance(answer, Verdict) and answer.allowed):
            return None
        return _Prepared(job=job, plan=tuple(plan), seq=entry.seq, place=place)

    def _claimed(self, entry: QueueEntry) -> Change:
        means = self.lane.means
        at = means.queue.clock()
        return claim(entry, at=at, holder=means.holder, lease=means.lease)

    def claim(self, transaction: WorkTransaction) -> list[Change]:
        """Claim the next entry, and start it if it is as it was prepared."""
        if not self._is_wanted:
            return []
        ready = self._prepared
        due = self._due(transaction, ready.place + 1 if ready else 1)
        if not due:
            return []
        same = next((entry for entry in due if ready and ready.is_still(entry)), None)
        claimed = self._claimed(same or due[0])
        if not claimed.verdict:
            return []
        if ready is not None:
            self._note(forestalled=same is None)
            if same is not None and (changes := self._started(transaction, claimed, ready)):
                return changes
        transaction.save(claimed)
        return [claimed]

    def _note(self, *, forestalled: bool) -> None:
        """Choose among more where somebody else was faster, among fewer where nobody was."""
        lane = self.lane
        lane.spread = min(lane.spread * 2, _WIDEST) if forestalled else max(lane.spread - 1, 1)

    def _started(
        self, transaction: WorkTransaction, claimed: Change, ready: _Prepared
    ) -> list[Change]:
        entry = claimed.after
        slot = entry.slot or slot_of(entry, ready.job.erp)
        begins = ready.job.started(entry, ready.plan[0], plan=ready.plan, slot=slot)
        try:
            with transaction.item():
                transaction.save(claimed)
                transaction.save(begins)
        except SlotTaken:  # it is refused in the usual way
            return []
        return [claimed, begins]

    def take(self, changes: Sequence[Change]) -> None:
        """Take what was claimed, if anything was, among changes that are committed by now."""
        if any(change.action is Action.CLAIM for change in changes):
            last = changes[-1]
            is_started = last.action is Action.START
            self._taken = Taken(entry=last.after, is_ours=True, is_started=is_started)


def _is_plain(name: str, entry: QueueEntry) -> bool:
    return entry.status is ExportStatus.ACCEPTED and entry.connection == name


def _is_startable(job: Job, plan: Sequence[Step]) -> bool:
    """Whether nothing must be asked of the ERP first, and what is in doubt can be looked up."""
    request = job.request(job.now() + job.lease)
    return can_start_unasked(
        job.entry,
        request,
        plan,
        erp=job.erp,
        restore=job.means.restore(),
        can_read=job.plugin.has_read,
    )

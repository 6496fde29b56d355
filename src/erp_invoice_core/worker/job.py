"""A claimed entry in a worker's hands: its adapter, its session, its commits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from ..adapters import Adapter, Session
from ..documents import Answer, QueueEntry
from ..exchange import Deferred, Done, Outcome, Refused, Unknown
from ..flow import request_of, start, testify
from ..queue import ExportQueue
from ..stores import ErpIdTaken
from .committing import commit, holds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Step
    from ..events import Change
    from ..exchange import ExportRequest

__all__ = ["Job", "Lost"]


class Lost(Exception):
    """The lease is another's by now: nothing more may be written."""


@attrs.define
class Job:
    """
    One claimed entry.

    Attributes:
        entry: As it stood after the last commit.
        fencing: The number of this claim.
        session: An open session of the adapter.
    """

    queue: ExportQueue
    entry: QueueEntry
    fencing: int
    adapter: Adapter
    session: Session
    lease: timedelta

    @property
    def erp(self) -> Declaration:
        """What the ERP declares."""
        return self.adapter.declaration

    def now(self) -> datetime:
        """Return the moment (UTC)."""
        return self.queue.clock()

    def request(self, deadline: datetime) -> ExportRequest:
        """Return what the adapter is asked, to be handed over before the deadline (UTC)."""
        return request_of(self.entry, self.erp, deadline)

    def taken(self, erp_ids: Collection[str]) -> set[str]:
        """Return those of the ERP ids that other entries, or former generations, own."""
        if not erp_ids or self.entry.connection is None:
            return set()
        with self.queue.store.work() as transaction:
            owners = transaction.owners(self.entry.connection, erp_ids)
        ours = (self.entry.id, self.entry.generation)
        return {erp_id for erp_id, owner in owners.items() if owner != ours}

    def reconnect(self) -> None:
        """Have the next job on this connection open a session anew: this one may be broken."""
        if self.entry.connection is not None:
            self.queue.lines.drop(self.entry.connection)

    def commit(self, make: Callable[[QueueEntry], Change]) -> None:
        """
        Commit a change of the entry as it stands.

        Raises:
            Lost: The lease is another's by now; nothing was changed.
        """

        def fenced(entry: QueueEntry) -> Change:
            if not holds(entry, self.fencing):
                raise Lost
            return make(entry)

        self.entry = commit(self.queue.store, self.entry.id, fenced, self.queue.observe)

    def start(
        self,
        step: Step,
        *,
        plan: Sequence[Step] | None = None,
        slot: str | None = None,
        erp_id: str | None = None,
    ) -> int:
        """
        Commit that a call begins and return its place.

        Raises:
            Lost: The lease is another's by now.
            SlotTaken: Another entry holds the slot.
        """
        at = self.now()
        self.commit(
            lambda entry: start(
                entry, step, at=at, lease=self.lease, plan=plan, slot=slot, erp_id=erp_id
            )
        )
        return len(self.entry.calls) - 1

    def deadline(self, place: int) -> datetime:
        """Return until when that call may be handed over: within its limit and its lease (UTC)."""
        call = self.entry.calls[place]
        limit = self.erp.terms_of(call.step_kind).time_limit
        return min(call.started_at + limit, call.lease_until)

    def settle(
        self,
        place: int,
        outcome: Outcome,
        record: Callable[[QueueEntry, int, Outcome], Change],
    ) -> None:
        """
        Commit what came of the call at that place: with the lease a move, without it testimony.

        A receipt whose ERP id belongs to another invoice proves nothing: it is :class:`Unknown`.
        """
        if isinstance(outcome, Unknown | Deferred):
            self.reconnect()

        def make(entry: QueueEntry) -> Change:
            if holds(entry, self.fencing):
                return record(entry, place, outcome)
            return self._testimony(entry, place, outcome)

        store, observe = self.queue.store, self.queue.observe
        try:
            self.entry = commit(store, self.entry.id, make, observe)
        except ErpIdTaken as error:
            self.settle(place, Unknown(str(error)), record)

    def _testimony(self, entry: QueueEntry, place: int, outcome: Outcome) -> Change:
        at = self.now()
        match outcome:
            case Done(receipt):
                return testify(entry, place, Answer.RECEIPT, receipt, at=at, erp=self.erp)
            case Refused():
                return testify(entry, place, Answer.REFUSED, None, at=at, erp=self.erp)
            case Deferred():
                return testify(entry, place, Answer.DEFERRED, None, at=at, erp=self.erp)
            case Unknown():
                raise Lost

"""A claimed entry in a worker's hands: its adapter, its session, its commits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs

from ..flow import record_late_outcome, start
from .beating import Heart
from .held import Held
from .lost import Lost
from .reached import Reached
from .settling import Settling, no_more, tell_outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ..adapters import Session
    from ..documents import QueueEntry, Step
    from ..events import Change
    from ..exchange import Deferred, Outcome
    from ..stores import WorkTransaction

__all__ = ["Job", "Lost"]


@attrs.define(kw_only=True)
class Job(Held):
    """
    One claimed entry, and what is done about it over there.

    Attributes:
        is_started: The next step's start is committed already.
        heart: Beats while a call is waited for.
    """

    is_started: bool = False
    heart: Heart = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.heart = Heart(self.means, self.entry.id, self.fencing, self.stopping)

    @property
    def adapter(self) -> Reached:
        """The adapter, every call within its limit."""
        return Reached(self.plugin, self)

    @property
    def session(self) -> Session | Deferred:
        """An open session, or why there is none."""
        return self.adapter.connect()

    def started(
        self,
        entry: QueueEntry,
        step: Step,
        *,
        plan: Sequence[Step] | None = None,
        slot: str | None = None,
        erp_id: str | None = None,
    ) -> Change:
        """Return the change that a call begins; the lease is renewed with it."""
        self.heart.renewed()
        return start(
            entry, step, at=self.now(), lease=self.lease, plan=plan, slot=slot, erp_id=erp_id
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
        Commit that a call begins and return its place.

        Raises:
            Lost: The lease is another's by now.
            SlotTaken: Another entry holds the slot.
        """
        self.commit(lambda entry: self.started(entry, step, plan=plan, slot=slot, erp_id=erp_id))
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
        then: Callable[[WorkTransaction, Change], list[Change]] = no_more,
    ) -> list[Change]:
        """
        Commit what came of the call at that place, and return what was committed.

        Raises:
            Lost: The entry is out of this job's hands.
        """
        changes = Settling(self, place, outcome, record, then).put()
        self.entry = [each.after for each in changes if each.after.id == self.id][-1]
        return changes

    def late(self, place: int) -> Callable[[Outcome], None]:
        """Return how the outcome of the call at that place is told once nobody waits for it."""
        return partial(tell_outcome, self, place)

    def testimony(self, entry: QueueEntry, place: int, outcome: Outcome) -> Change:
        """
        Return what the outcome of a call is without the lease: evidence, and no move.

        Raises:
            Lost: It is no evidence.
        """
        change = record_late_outcome(entry, place, outcome, at=self.now(), erp=self.erp)
        if change is None:
            raise Lost
        return change

"""An adapter as a job reaches it: over its line, every call within its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import attrs

from ..adapters import Adapter, Session
from ..declaration import LookUp
from ..exchange import CannotTell, Deferred, Found, Unknown
from ..verdict import ALLOWED
from .calling import TookTooLong, nothing, unheard
from .connecting import connected, limit_of
from .telling import tell_found

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..documents import Receipt, Step
    from ..exchange import Contents, ExportRequest, Gone, Outcome, Sighting
    from ..verdict import Verdict
    from .job import Job

__all__ = ["Reached"]

_T = TypeVar("_T")


@attrs.frozen
class Reached:
    """
    The hooks of an adapter, for one job.

    Where there is no session, or no answer within the limit, each gives its cautious word; what a
    call answers after it was left behind is told to the store.
    """

    adapter: Adapter
    job: Job

    def _made(
        self,
        act: Callable[[], _T],
        kind: str,
        otherwise: Callable[[str], _T],
        late: Callable[[_T], None] = unheard,
        meanwhile: Callable[[], None] = nothing,
    ) -> _T:
        job = self.job
        job.gate.spend()
        try:
            answer = job.line.call(
                act,
                seconds=limit_of(self.adapter, kind),
                every=job.stopping.slice(job.means.cadence),
                beat=job.heart.beat,
                late=late,
                meanwhile=meanwhile,
            )
        except TookTooLong:
            job.gate.miss()
            return otherwise(f"{self.adapter.name} gave no answer in time.")
        job.gate.note(answer)
        return answer

    def connect(self) -> Session | Deferred:
        """Return the line's session, opened if need be."""
        job = self.job
        every = job.stopping.slice(job.means.cadence)
        return connected(
            job.means, job.line, job.connection, self.adapter, every=every, beat=job.heart.beat
        )

    def steps(self, request: ExportRequest) -> tuple[Step, ...] | Deferred:
        """Return the plan of an export; the ERP itself is not asked for it."""
        if not self.adapter.has("erp_steps"):
            return self.adapter.steps(request)
        job = self.job
        secrets = job.queue.lines.connection(job.connection).secrets
        try:
            return job.line.call(
                lambda: self.adapter.steps(request, Session(None, secrets)),
                seconds=limit_of(self.adapter, "steps"),
                every=job.stopping.slice(job.means.cadence),
                beat=job.heart.beat,
                late=unheard,
            )
        except TookTooLong:
            return Deferred(None, f"{self.adapter.name} gave no plan in time.")

    def check(self, session: Session | Deferred, request: ExportRequest) -> Verdict | Deferred:
        """Return what the adapter's own check says; nothing is written."""
        if isinstance(session, Deferred):
            return session
        if not self.adapter.has("erp_check"):
            return ALLOWED
        return self._made(
            lambda: self.adapter.check(session, request), "check", lambda why: Deferred(None, why)
        )

    def write(
        self,
        session: Session | Deferred,
        request: ExportRequest,
        step: Step,
        receipts: Sequence[Receipt],
        meanwhile: Callable[[], None] = nothing,
    ) -> Outcome:
        """Carry out the step that was started last."""
        if isinstance(session, Deferred):
            return session
        late = self.job.late(len(self.job.entry.calls) - 1)
        return self._made(
            lambda: self.adapter.write(session, request, step, receipts),
            step.kind,
            Unknown,
            late,
            meanwhile,
        )

    def find(
        self, session: Session | Deferred, request: ExportRequest, step: Step, keys: Sequence[str]
    ) -> Sighting:
        """Look up a step's document, where the ERP declares that this kind of step can be."""
        if isinstance(session, Deferred):
            return CannotTell(session.why)
        if self.adapter.declaration.terms_of(step.kind).look_up is LookUp.NONE:
            return CannotTell(f"{self.adapter.name} declares no look-up for {step.name}.")
        at = self.job.now()

        def late(sighting: Sighting) -> None:
            if isinstance(sighting, Found):
                tell_found(self.job, step, sighting, at)

        return self._made(
            lambda: self.adapter.find(session, request, step, keys), step.kind, CannotTell, late
        )

    def read(self, session: Session | Deferred, receipt: Receipt) -> Contents | Gone | CannotTell:
        """Read a document by its id."""
        if isinstance(session, Deferred):
            return CannotTell(session.why)
        if not self.adapter.has_read:
            return self.adapter.read(session, receipt)
        return self._made(lambda: self.adapter.read(session, receipt), "read", CannotTell)

    def withdraw(self, session: Session | Deferred, receipt: Receipt) -> Outcome:
        """Remove a document, in the call that was started last."""
        if isinstance(session, Deferred):
            return session
        if not self.adapter.has_withdraw:
            return self.adapter.withdraw(session, receipt)
        late = self.job.late(len(self.job.entry.calls) - 1)
        return self._made(
            lambda: self.adapter.withdraw(session, receipt), receipt.step, Unknown, late
        )

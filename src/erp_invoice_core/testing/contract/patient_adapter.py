"""The adapter under test; a call that the ERP puts off is made again."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import attrs

from ...adapters import Adapter
from ...exchange import CannotTell, Deferred

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...adapters import Connection, Session
    from ...documents import AccountingPeriod, Receipt, Step
    from ...exchange import Contents, ErpPayment, ExportRequest, Gone, Outcome, Sighting
    from ...verdict import Verdict

_T = TypeVar("_T")
#: How often a call is made at most.
_TRIES = 3


@attrs.define(kw_only=True)
class Patience:
    """
    How long the checks wait for an ERP that puts calls off, as one with a rate limit does.

    Attributes:
        pause: The wait before the second try, if the answer states no time; each further wait is
            twice as long.
        limit: The longest wait. A call is not made again if its answer asks for more.
        has_faults: Returns whether faults are injected now; then no call is made again.
        repeated: How many calls were made again.
    """

    pause: timedelta
    limit: timedelta
    has_faults: Callable[[], bool]
    repeated: int = 0

    def repeat(self, call: Callable[[], _T], is_of_use: Callable[[], bool] = lambda: True) -> _T:
        """
        Make a call, and again while its answer puts it off; return the last answer.

        Args:
            call: Makes the call; it is made three times at most.
            is_of_use: Returns whether another try can have another answer.
        """
        pause = self.pause
        answer = call()
        for _ in range(_TRIES - 1):
            wait = _find_wait(answer, pause)
            if wait is None or wait > self.limit or self.has_faults() or not is_of_use():
                break
            time.sleep(max(wait.total_seconds(), 0.0))
            self.repeated += 1
            pause *= 2
            answer = call()
        return answer


def _find_wait(answer: object, pause: timedelta) -> timedelta | None:
    """Return how long to wait before another try; ``None`` if the answer needs no other try."""
    if isinstance(answer, CannotTell):
        return pause
    if not isinstance(answer, Deferred) or answer.needs_person:
        return None
    return answer.until - datetime.now(UTC) if answer.until else pause


class PatientAdapter(Adapter):
    """
    An adapter whose calls are made again while the ERP puts them off.

    Only a step or removal of which nothing was sent (:class:`Deferred`), and a question without a
    conclusive answer, are tried again. The checks with faults see each answer as it is.
    """

    def __init__(self, adapter: Adapter, patience: Patience) -> None:
        """Take a loaded adapter; its plugin is not loaded again, which would double each check."""
        vars(self).update(vars(adapter))
        self.patience = patience

    def connect(self, connection: Connection) -> Session | Deferred:
        """Return a session, or why the ERP cannot be reached after the last try."""
        return self.patience.repeat(lambda: super(PatientAdapter, self).connect(connection))

    def check(self, session: Session, request: ExportRequest) -> Verdict | Deferred:
        """Return the verdict of the adapter's own check."""
        return self.patience.repeat(lambda: super(PatientAdapter, self).check(session, request))

    def write(
        self, session: Session, request: ExportRequest, step: Step, receipts: Sequence[Receipt] = ()
    ) -> Outcome:
        """Carry out a step; it is not tried again after its deadline."""
        return self.patience.repeat(
            lambda: super(PatientAdapter, self).write(session, request, step, receipts),
            lambda: datetime.now(UTC) < request.deadline,
        )

    def find(
        self, session: Session, request: ExportRequest, step: Step, keys: Sequence[str]
    ) -> Sighting:
        """Look up a step's document."""
        return self.patience.repeat(
            lambda: super(PatientAdapter, self).find(session, request, step, keys),
            lambda: self.has_find,
        )

    def read(self, session: Session, receipt: Receipt) -> Contents | Gone | CannotTell:
        """Read a document by its id."""
        return self.patience.repeat(
            lambda: super(PatientAdapter, self).read(session, receipt), lambda: self.has_read
        )

    def payments(self, session: Session, receipt: Receipt) -> tuple[ErpPayment, ...] | CannotTell:
        """Read the payments of a document."""
        return self.patience.repeat(
            lambda: super(PatientAdapter, self).payments(session, receipt),
            lambda: self.has_payments,
        )

    def periods(self, session: Session) -> tuple[AccountingPeriod, ...] | CannotTell:
        """Read the accounting periods."""
        return self.patience.repeat(
            lambda: super(PatientAdapter, self).periods(session), lambda: self.has_periods
        )

    def withdraw(self, session: Session, receipt: Receipt) -> Outcome:
        """Remove a document."""
        return self.patience.repeat(
            lambda: super(PatientAdapter, self).withdraw(session, receipt),
            lambda: self.has_withdraw,
        )

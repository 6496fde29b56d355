"""
ERP client: calls an adapter over a channel, within time limits.

A channel is one thread with one session. Without a session, or without an answer within the limit,
a call returns the cautious answer (deferred, unknown or inconclusive). A late answer of an
abandoned call is passed to ``on_late``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

import attrs

from ..declaration import LookUp
from ..exchange import CannotTell, Deferred, Unknown
from ..verdict import ALLOWED
from .callers import TookTooLong, do_nothing, ignore
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..documents import AccountingPeriod, Receipt, Step
    from ..exchange import Contents, ErpPayment, ExportRequest, Gone, Outcome, Sighting
    from ..verdict import Verdict
    from .adapter import Adapter
    from .callers import Caller
    from .circuit_breaker import CircuitBreaker
    from .connection import Connection
    from .rate_limiter import RateLimiter

_T = TypeVar("_T")


def find_time_limit(adapter: Adapter, kind: str) -> float:
    """Return the time limit of a call for a kind of step, in seconds."""
    return adapter.declaration.terms_of(kind).time_limit.total_seconds()


@attrs.frozen
class ConnectionLimits:
    """The rate limiter and the circuit breaker of one connection."""

    rate: RateLimiter
    breaker: CircuitBreaker


@attrs.define
class Channel:
    """
    A thread with a session of one ERP connection; it makes one call at a time.

    Attributes:
        calls: Creates the :class:`Caller` whose thread makes the calls.
    """

    calls: Callable[[], Caller]
    _caller: Caller | None = None
    _session: Session | None = None
    _adapter: Adapter | None = None

    def call(
        self,
        act: Callable[[], _T],
        *,
        seconds: float,
        every: float,
        beat: Callable[[], None],
        late: Callable[[_T], None],
        meanwhile: Callable[[], None] = do_nothing,
    ) -> _T:
        """
        Make a call in the thread of the channel, as :meth:`Caller.call` does.

        Raises:
            TookTooLong: The call was abandoned, and the session with it.
        """
        if self._caller is None:
            self._caller = self.calls()
        try:
            return self._caller.call(
                act, seconds=seconds, every=every, beat=beat, late=late, meanwhile=meanwhile
            )
        except BaseException:  # the thread may be in an unknown state
            self.close()
            raise

    def find_session(self, adapter: Adapter) -> Session | None:
        """Return the open session of that adapter, if there is one."""
        return self._session if self._adapter is adapter else None

    def keep_session(self, adapter: Adapter, session: Session) -> None:
        """Store a session for the next calls."""
        self._session, self._adapter = session, adapter

    def drop_session(self) -> None:
        """Drop the session, so that the next call opens a new one."""
        self._session = None

    def close(self) -> None:
        """Release the thread and the session, without waiting for a running call."""
        if self._caller is not None:
            self._caller.close()
        self._caller = self._session = None


@attrs.define
class Channels:
    """
    The channels of one lane, by connection.

    Attributes:
        calls: Creates the :class:`Caller` whose thread makes the calls.
    """

    calls: Callable[[], Caller]
    _channels: dict[tuple[str, bool], Channel] = attrs.Factory(dict)

    def open(self, name: str, *, is_planning: bool = False) -> Channel:
        """
        Return the channel of a connection.

        Args:
            name: The connection.
            is_planning: Return a second channel for plans, which need no ERP, so that a plan can
                be made during a call of the first.
        """
        return self._channels.setdefault((name, is_planning), Channel(self.calls))

    def close(self) -> None:
        """Close every channel."""
        for channel in self._channels.values():
            channel.close()


@attrs.frozen(kw_only=True)
class ErpClient:
    """
    Calls the hooks of an adapter within their time limits.

    Attributes:
        adapter: The adapter.
        connection: The connection, with settings and secrets.
        channel: The thread and the session.
        limits: The rate limiter and the circuit breaker of the connection.
        beat: Called repeatedly during a call, to renew the lease of the entry if there is one.
        every: The interval of ``beat``, in seconds.
        time_limit: The most seconds for opening a session and for an answer, if a person waits; by
            default infinite. The time limits of the declaration hold, too.
    """

    adapter: Adapter
    connection: Connection
    channel: Channel
    limits: ConnectionLimits
    beat: Callable[[], None]
    every: float
    time_limit: float = math.inf

    def _call(
        self,
        act: Callable[[], _T],
        kind: str,
        otherwise: Callable[[str], _T],
        on_late: Callable[[_T], None] = ignore,
        meanwhile: Callable[[], None] = do_nothing,
    ) -> _T:
        self.limits.rate.count_call()
        try:
            answer = self.channel.call(
                act,
                seconds=min(find_time_limit(self.adapter, kind), self.time_limit),
                every=self.every,
                beat=self.beat,
                late=on_late,
                meanwhile=meanwhile,
            )
        except TookTooLong:
            self.limits.breaker.record_failure()
            return otherwise(f"{self.adapter.name} gave no answer in time.")
        self.limits.breaker.record_answer(answer)
        return answer

    def connect(self) -> Session | Deferred:
        """Return the session of the channel, opened if needed, or the reason why it cannot open."""
        session = self.channel.find_session(self.adapter)
        return self._connect() if session is None else session

    def _connect(self) -> Session | Deferred:
        self.limits.rate.count_call()
        opened: Session | Deferred
        try:
            opened = self.channel.call(
                lambda: self.adapter.connect(self.connection),
                seconds=min(find_time_limit(self.adapter, "connect"), self.time_limit),
                every=self.every,
                beat=self.beat,
                late=ignore,
            )
        except TookTooLong:
            opened = Deferred(None, f"{self.adapter.name} opened no session in time.")
        if isinstance(opened, Deferred):
            self.limits.breaker.record_answer(opened)
        else:
            self.channel.keep_session(self.adapter, opened)
        return opened

    def plan(
        self, request: ExportRequest, channel: Channel | None = None
    ) -> tuple[Step, ...] | Deferred:
        """
        Return the plan of an export, which the adapter builds without its ERP.

        ``channel`` is another channel, for a plan during a call of the client's own one.
        """
        if not self.adapter.has("erp_steps"):
            return self.adapter.steps(request)
        try:
            return (channel or self.channel).call(
                lambda: self.adapter.steps(request, Session(None, self.connection.secrets)),
                seconds=find_time_limit(self.adapter, "steps"),
                every=self.every,
                beat=self.beat,
                late=ignore,
            )
        except TookTooLong:
            return Deferred(None, f"{self.adapter.name} gave no plan in time.")

    def check(self, request: ExportRequest) -> Verdict | Deferred:
        """
        Return the verdict of ``erp_check``: every reason for which the ERP would refuse a request.

        Return :class:`Deferred` if no session opens, or if the adapter gives no answer now.
        """
        session = self.connect()
        if isinstance(session, Deferred):
            return session
        if not self.adapter.has("erp_check"):
            return ALLOWED
        return self._call(
            lambda: self.adapter.check(session, request), "check", lambda why: Deferred(None, why)
        )

    def write(
        self,
        request: ExportRequest,
        step: Step,
        receipts: Sequence[Receipt],
        on_late: Callable[[Outcome], None],
        meanwhile: Callable[[], None] = do_nothing,
    ) -> Outcome:
        """
        Carry out a step and return its outcome.

        The start of this call must already be committed to the store.

        Args:
            request: The export.
            step: The step.
            receipts: The receipts of the earlier steps.
            on_late: Receives the outcome of a call that was abandoned at its time limit.
            meanwhile: Called once, during the call.
        """
        session = self.connect()
        if isinstance(session, Deferred):
            return session
        return self._call(
            lambda: self.adapter.write(session, request, step, receipts),
            step.kind,
            Unknown,
            on_late,
            meanwhile,
        )

    def find(
        self,
        request: ExportRequest,
        step: Step,
        keys: Sequence[str],
        on_late: Callable[[Sighting], None],
    ) -> Sighting:
        """
        Ask the ERP whether the document of a step exists under any of the idempotency keys.

        Return :class:`CannotTell` if the declaration has no look-up for this kind of step, if no
        session opens, or if no answer arrives in time. ``on_late`` receives the answer of a call
        that was abandoned at its time limit.
        """
        session = self.connect()
        if isinstance(session, Deferred):
            return CannotTell(session.why)
        if self.adapter.declaration.terms_of(step.kind).look_up is LookUp.NONE:
            return CannotTell(f"{self.adapter.name} declares no look-up for {step.name}.")
        return self._call(
            lambda: self.adapter.find(session, request, step, keys), step.kind, CannotTell, on_late
        )

    def read(self, receipt: Receipt) -> Contents | Gone | CannotTell:
        """Return the contents of the receipt's document, or that it is gone or cannot be read."""
        session = self.connect()
        if isinstance(session, Deferred):
            return CannotTell(session.why)
        if not self.adapter.has_read:
            return self.adapter.read(session, receipt)
        return self._call(lambda: self.adapter.read(session, receipt), "read", CannotTell)

    def payments(self, receipt: Receipt) -> tuple[ErpPayment, ...] | CannotTell:
        """Return the payments of the receipt's document, or why they cannot be read."""
        session = self.connect()
        if isinstance(session, Deferred):
            return CannotTell(session.why)
        if not self.adapter.has_payments:
            return self.adapter.payments(session, receipt)
        return self._call(lambda: self.adapter.payments(session, receipt), "payments", CannotTell)

    def periods(self) -> tuple[AccountingPeriod, ...] | CannotTell:
        """Return the accounting periods of the ERP, or why they cannot be read."""
        session = self.connect()
        if isinstance(session, Deferred):
            return CannotTell(session.why)
        return self._call(lambda: self.adapter.periods(session), "periods", CannotTell)

    def withdraw(self, receipt: Receipt, kind: str, on_late: Callable[[Outcome], None]) -> Outcome:
        """
        Remove a document from the ERP and return the outcome.

        The start of this call must already be committed to the store.

        Args:
            receipt: The receipt of the document.
            kind: The kind of the step that made the document; its declared time limit holds.
            on_late: Receives the outcome of a call that was abandoned at its time limit.
        """
        session = self.connect()
        if isinstance(session, Deferred):
            return session
        if not self.adapter.has_withdraw:
            return self.adapter.withdraw(session, receipt)
        return self._call(
            lambda: self.adapter.withdraw(session, receipt),
            kind,
            Unknown,
            on_late,
        )

    def reconnect(self) -> None:
        """Drop the session, which may be broken, so that the next call opens a new one."""
        self.channel.drop_session()

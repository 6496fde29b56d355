"""
The plan of faults of one transport, and the log of its requests.

A test injects a fault for the next requests that a predicate chooses. The transport (the proxy, or
a wrapped call) takes the fault of each request from the plan and carries it out. A fault that takes
time is held until the test releases it, so no test needs to sleep.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, Self, TypeAlias

import attrs

from .fault import FAULTS, Fault, NotProved

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

_MOST_LOGGED: Final = 10_000
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "READ"})
_TIME_LIMIT: Final = 30.0


@attrs.frozen
class FaultRequest:
    """
    A request, as it is passed to the function that decides whether a fault is injected into it.

    Attributes:
        method: The HTTP method; ``READ`` or ``WRITE`` if a function is called instead of HTTP.
        target: The path with the query; without HTTP, the name of the function.
        body: The first 64 KiB of the body; empty without HTTP.
    """

    method: str
    target: str = attrs.field(repr=False)
    body: bytes = attrs.field(default=b"", repr=False)

    @property
    def path(self) -> str:
        """The target without its query, which may hold a secret."""
        return self.target.partition("?")[0]


#: A predicate that chooses the requests which a fault concerns.
Chooses: TypeAlias = Callable[[FaultRequest], bool]


def is_read(request: FaultRequest) -> bool:
    """Return whether the method of a request only reads."""
    return request.method in _READS


def is_write(request: FaultRequest) -> bool:
    """Return whether the method of a request may write."""
    return request.method not in _READS


def is_any(_request: FaultRequest) -> bool:
    """Return true, for every request."""
    return True


@attrs.define(kw_only=True)
class LoggedRequest:
    """
    A request in the log, without headers, query and body.

    Attributes:
        at: When it arrived (UTC).
        size: The bytes of its body that were seen, at most 64 KiB.
        digest: The SHA-256 of these bytes in hexadecimal.
        fault: The fault that it met.
        is_forwarded: True if the request was passed on to the ERP.
        erp_status: The status of the ERP's answer; ``None``: no answer yet, or a call without HTTP.
        status: The status that the adapter got; ``None``: it got no answer.
        problem: Why the ERP gave no answer, if it was asked and gave none.
    """

    method: str
    path: str
    at: datetime
    size: int = 0
    digest: str = ""
    fault: Fault | None = None
    is_forwarded: bool = False
    erp_status: int | None = None
    status: int | None = None
    problem: str = ""


@attrs.define(kw_only=True, eq=False)
class Injection:
    """
    A fault that a test injected, and the requests that it concerns.

    Attributes:
        on: The predicate that chooses its requests.
        times: The number of requests that still meet it; ``None``: all, until it is cleared.
        after: The number of chosen requests that still pass before the first one meets it.
        seconds: How long a held request waits at most, or the value of Retry-After.
        status: The status of :attr:`Fault.OTHER_STATUS`.
        hits: The number of requests that met it. If it is 0, the test proves nothing.
    """

    fault: Fault
    on: Chooses
    times: int | None
    after: int
    seconds: float
    status: int
    hits: int = 0

    def is_met(self, request: FaultRequest) -> bool:
        """Return whether a request meets the fault; if so, count the request in ``hits``."""
        if self.times == 0 or not self.on(request):
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        self.hits += 1
        return True


@attrs.frozen
class Met:
    """
    A fault that a request met.

    Attributes:
        seconds: How long the request is held at most, or the value of Retry-After.
        status: The status of :attr:`Fault.OTHER_STATUS`.
        releases: How often the test had released held requests when this one arrived.
    """

    fault: Fault
    seconds: float
    status: int
    releases: int


#: The faults that hold a request until it is released.
_HOLDING: Final = frozenset({Fault.SLOW, Fault.LATE_WRITE, Fault.LATE_WRITE_SILENT})


def _change_nothing() -> None:
    """Do nothing, as most transports look for a fault only when a request arrives."""


class FaultPlan:
    """
    The faults that a test injects into one transport, and the log of its requests.

    Args:
        not_proved: For each fault that the transport cannot provoke, the reason.
        on_change: Called after a fault was injected or all were cleared.
    """

    def __init__(
        self,
        not_proved: Mapping[Fault, str] = MappingProxyType({}),
        on_change: Callable[[], None] = _change_nothing,
    ) -> None:
        self._not_proved = not_proved
        self._on_change = on_change
        self._changed = threading.Condition()
        self._injections: list[Injection] = []
        self._log: deque[LoggedRequest] = deque(maxlen=_MOST_LOGGED)
        self._held = 0
        self._waiting = 0
        self._releases = 0

    def inject(
        self,
        fault: Fault,
        *,
        on: Chooses = is_write,
        times: int | None = 1,
        after: int = 0,
        seconds: float | None = None,
        status: int = HTTPStatus.INSUFFICIENT_STORAGE,
    ) -> Injection | NotProved:
        """
        Inject a fault into the next requests that the predicate chooses.

        Args:
            fault: The fault. :attr:`Fault.CLOSED_PORT` concerns every request until it is cleared.
            on: Chooses the requests; without it, every request that may write.
            times: The number of requests that meet the fault; ``None``: until it is cleared.
            after: The number of chosen requests that pass first.
            seconds: How long a held request waits at most, or the value of Retry-After.
            status: The status of :attr:`Fault.OTHER_STATUS`.

        Returns:
            The injection, whose ``hits`` a test checks; :class:`NotProved` if the transport cannot
            provoke the fault.
        """
        if fault in self._not_proved:
            return NotProved(fault, self._not_proved[fault])
        is_closed = fault is Fault.CLOSED_PORT
        injection = Injection(
            fault=fault,
            on=is_any if is_closed else on,
            times=None if is_closed else times,
            after=0 if is_closed else after,
            seconds=FAULTS[fault].seconds if seconds is None else seconds,
            status=status,
        )
        with self._changed:
            self._injections.append(injection)
        self._on_change()
        return injection

    def clear(self) -> None:
        """Remove every fault, and release the held requests."""
        with self._changed:
            self._injections.clear()
        self._on_change()
        self.release()

    def release(self) -> None:
        """
        Let the held requests go on, and return once each was carried out and answered.

        Raises:
            TimeoutError: One of them took longer than 30 seconds.
        """
        with self._changed:
            self._releases += 1
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: not self._held, _TIME_LIMIT):
                raise TimeoutError("A held request did not end.")

    def wait_until_held(self, count: int = 1) -> None:
        """
        Return once that number of requests waits to be released.

        Each slow request was carried out by then, and each late one was answered.

        Raises:
            TimeoutError: There were fewer within 30 seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting >= count, _TIME_LIMIT):
                raise TimeoutError(f"{self._waiting} of {count} requests are held.")

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """Copies of the last 10,000 requests, oldest first."""
        with self._changed:
            return tuple(map(attrs.evolve, self._log))

    @property
    def is_empty(self) -> bool:
        """True if no fault is injected, or all were cleared."""
        with self._changed:
            return not self._injections

    def has(self, fault: Fault) -> bool:
        """Return whether a fault is injected and not cleared."""
        with self._changed:
            return any(each.fault is fault for each in self._injections)

    def meet(self, request: FaultRequest) -> tuple[LoggedRequest, Met | None]:
        """Log a request; return its row of the log, and the fault that it meets, or ``None``."""
        logged = LoggedRequest(
            method=request.method,
            path=request.path,
            at=datetime.now(UTC),
            size=len(request.body),
            digest=hashlib.sha256(request.body).hexdigest(),
        )
        with self._changed:
            self._log.append(logged)
            injection = next((each for each in self._injections if each.is_met(request)), None)
            if injection is None:
                return logged, None
            logged.fault = injection.fault
            self._held += injection.fault in _HOLDING
            return logged, Met(injection.fault, injection.seconds, injection.status, self._releases)

    @contextmanager
    def hold(self, met: Met) -> Iterator[Callable[[], None]]:
        """
        Yield a function that waits until the test releases the request that met the fault.

        The end of the block is the end of the request, for which :meth:`release` waits.
        """

        def wait() -> None:
            with self._changed:
                self._waiting += 1
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._releases != met.releases, met.seconds)
                self._waiting -= 1

        try:
            yield wait
        finally:
            with self._changed:
                self._held -= 1
                self._changed.notify_all()


class FaultTransport(Protocol):
    """
    The transport of an adapter's requests, into which a test can inject faults.

    :class:`FaultProxy` and :class:`FaultPoint` implement it; the author of an adapter may write
    another one.

    Attributes:
        faults: The plan of its faults.
    """

    faults: FaultPlan

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...

"""Clients of ERP connections for verbs that read from the ERP."""

from __future__ import annotations

import math
import random
import time
from typing import TYPE_CHECKING, Final

import attrs

from ..adapters.callers import Caller, ThreadCaller
from ..adapters.circuit_breaker import CircuitBreaker
from ..adapters.erp_client import Channel, ConnectionLimits, ErpClient
from ..adapters.limits import Limits
from ..adapters.rate_limiter import RateLimiter
from ..exchange import Deferred

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..adapters import Adapter
    from .connections import ErpConnections


_DEFAULT_LIMITS: Final = Limits()
#: The most seconds of a call for which a person waits; no longer than its time limit.
TIME_LIMIT: Final = 10.0


@attrs.frozen(kw_only=True)
class Pacing:
    """
    The clock, the random numbers and the threads of calls to an ERP, which tests replace.

    Attributes:
        steady: Returns monotonic seconds.
        sleep: Sleeps for the given seconds.
        chance: Returns a random number from 0 to 1.
        calls: Returns a new :class:`Caller`, which makes the calls in one thread.
    """

    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    calls: Callable[[], Caller] = ThreadCaller


def build_client(
    connections: ErpConnections,
    name: str,
    adapter: Adapter,
    pacing: Pacing,
    time_limit: float = math.inf,
) -> ErpClient:
    """
    Return an ERP client of a connection, with a channel of its own.

    The caller closes the channel. ``time_limit`` is the most seconds that a call may take.
    """
    limits = connections.find_limits(name) or _DEFAULT_LIMITS
    return ErpClient(
        adapter=adapter,
        connection=connections.get_connection(name),
        channel=Channel(pacing.calls),
        limits=ConnectionLimits(
            RateLimiter(limits.calls_per_minute, pacing.steady),
            CircuitBreaker(limits, pacing.steady, pacing.chance),
        ),
        beat=_do_nothing,
        every=60.0,
        time_limit=time_limit,
    )


@attrs.define
class ErpClients:
    """
    The clients of the connections that one command of a person asks, with one session for each.

    Attributes:
        connections: The ERP connections.
        pacing: The clock and the threads of the calls.
    """

    connections: ErpConnections
    pacing: Pacing
    _opened: dict[str, ErpClient | Deferred] = attrs.Factory(dict)
    _channels: list[Channel] = attrs.Factory(list)

    def open(self, name: str, adapter: Adapter) -> ErpClient | Deferred:
        """
        Return the client of a connection with an open session, or why no session opens.

        A connection whose session did not open is not tried again.
        """
        if name not in self._opened:
            client = build_client(self.connections, name, adapter, self.pacing, TIME_LIMIT)
            self._channels.append(client.channel)
            session = client.connect()
            self._opened[name] = session if isinstance(session, Deferred) else client
        return self._opened[name]

    def give_up(self, name: str, why: Deferred) -> None:
        """Make :meth:`open` return this reason for the connection from now on."""
        self._opened[name] = why

    def close(self) -> None:
        """Close every channel, without waiting for a running call."""
        for channel in self._channels:
            channel.close()


def _do_nothing() -> None:
    """Renew nothing during a call, as a verb of a person has no lease."""

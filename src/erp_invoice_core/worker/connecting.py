"""A session with an ERP, opened over a lane's line; an ERP that does not answer is spared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..exchange import Deferred
from .calling import TookTooLong, unheard

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..adapters import Adapter, Session
    from .line import Line
    from .means import Means

__all__ = ["connected", "limit_of"]


def limit_of(adapter: Adapter, kind: str) -> float:
    """Return after how many seconds a call for that kind of step is left behind."""
    return adapter.declaration.terms_of(kind).time_limit.total_seconds()


def connected(
    means: Means,
    line: Line,
    name: str,
    adapter: Adapter,
    *,
    every: float,
    beat: Callable[[], None],
) -> Session | Deferred:
    """
    Return the line's session, opened if need be; or why there is none.

    Args:
        means: The worker's.
        line: The line.
        name: The connection's name.
        adapter: Its adapter.
        every: How often to beat meanwhile, in seconds.
        beat: Says that it is still waited for.
    """
    gate = means.gate(name)

    def call(act: Callable[[], Session | Deferred]) -> Session | Deferred:
        gate.spend()
        seconds = limit_of(adapter, "connect")
        try:
            opened = line.call(act, seconds=seconds, every=every, beat=beat, late=unheard)
        except TookTooLong:
            opened = Deferred(None, f"{adapter.name} let nobody in in time.")
        if isinstance(opened, Deferred):
            gate.miss()
        return opened

    return line.session(adapter, means.queue.lines.connection(name), call)

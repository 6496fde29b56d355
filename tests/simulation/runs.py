"""Tells many histories, each from its own seed, in one process or several."""

from __future__ import annotations

import gc
import logging
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TYPE_CHECKING

from .decisions import Decisions
from .run import Told, history
from .stores import shelf
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .stores import NewStore

__all__ = ["retold", "silence", "tell", "told"]

_CHUNK = 100
_GARBAGE = (50_000, 20, 50)


def silence() -> None:
    """Keep what is logged of every fault from the screen: thousands of histories have them."""
    logging.getLogger("erp_invoice_core").setLevel(logging.CRITICAL + 1)


def _seed(seed: int, number: int) -> int:
    return (seed << 32) + number


def told(seed: int, number: int, new: NewStore) -> Told:
    """Tell the history of that number."""
    return history(Decisions(seed=_seed(seed, number)), new())


def retold(decisions: Iterable[int], new: NewStore) -> Told:
    """Tell the history of those decisions."""
    return history(Decisions(given=list(decisions)), new())


def _some(seed: int, numbers: range, kind: str, dsn: str | None, until: float | None) -> Tally:
    """Tell those histories, as long as there is time (by the monotonic clock)."""
    tally = Tally()
    gc.set_threshold(*_GARBAGE)
    silence()
    with shelf(kind, dsn) as new:
        for number in numbers:
            if until is not None and time.monotonic() >= until:
                break
            tally.add(number, told(seed, number, new))
    return tally


def _chunks(first: int, histories: int) -> Iterator[range]:
    for start in range(first, first + histories, _CHUNK):
        yield range(start, min(start + _CHUNK, first + histories))


def tell(
    histories: int,
    seed: int,
    *,
    first: int = 0,
    kind: str = "memory",
    dsn: str | None = None,
    jobs: int = 1,
    seconds: float | None = None,
    step: Callable[[Tally], object] = lambda _tally: None,
) -> Tally:
    """
    Tell so many histories and return the sum.

    Args:
        histories: How many.
        seed: The history of a number under a seed is always the same.
        first: The number of the first one.
        kind: Where they are kept: ``memory``, ``sqlite`` or ``postgres``.
        dsn: Names the PostgreSQL server.
        jobs: In how many processes.
        seconds: Begin none after so many.
        step: Told the sum whenever some more were told.
    """
    until = None if seconds is None else time.monotonic() + seconds
    tally = Tally()
    if jobs == 1:
        for numbers in _chunks(first, histories):
            tally.merge(_some(seed, numbers, kind, dsn, until))
            step(tally)
        return tally
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        parts = [
            pool.submit(_some, seed, numbers, kind, dsn, until)
            for numbers in _chunks(first, histories)
        ]
        for part in as_completed(parts):
            tally.merge(part.result())
            step(tally)
    tally.failures.sort(key=lambda failure: failure.number)
    return tally

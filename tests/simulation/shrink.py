"""The shortest and most harmless decisions that still violate an invariant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TRIES = 3_000


def _trim(decisions: Sequence[int]) -> tuple[int, ...]:
    """Return the decisions without the zeros at their end, which are the default."""
    end = len(decisions)
    while end and not decisions[end - 1]:
        end -= 1
    return tuple(decisions[:end])


def _simpler(decisions: tuple[int, ...], size: int) -> list[tuple[int, ...]]:
    """Return the lists with one chunk of that size taken out, set to zero, or made smaller."""
    found = []
    for first in range(0, len(decisions), size):
        head, chunk, tail = (
            decisions[:first],
            decisions[first : first + size],
            decisions[first + size :],
        )
        found.append(head + tail)
        if any(chunk):
            found.append(head + (0,) * len(chunk) + tail)
        if size == 1 and chunk[0] > 1:
            found.append((*head, 1, *tail))
    return found


def shrink(
    decisions: Sequence[int], breaks: Callable[[Sequence[int]], bool], tries: int = _TRIES
) -> tuple[int, ...]:
    """
    Return decisions that still violate the invariant, of which no simpler variant does.

    Args:
        decisions: Those of a run that violates it.
        breaks: Returns whether the run of a list of decisions violates it.
        tries: The largest number of runs.
    """
    best = _trim(decisions)
    size = max(1, len(best) // 2)
    while tries > 0:
        for candidate in _simpler(best, size):
            tries -= 1
            if tries < 0:
                break
            if breaks(candidate):
                best = _trim(candidate)
                break
        else:
            if size == 1:
                break
            size //= 2
            continue
        size = min(size, max(1, len(best) // 2))
    return best

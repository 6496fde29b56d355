"""Every choice of a run, in order, drawn at random or read from a list."""

from __future__ import annotations

import random
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Menu(Generic[T]):
    """
    The options of a choice, each with its weight; the first is the harmless one.

    A decision is the place of the option chosen, so that a zero in a list of decisions always means
    that nothing went wrong there.
    """

    __slots__ = ("edges", "options", "total")

    def __init__(self, rows: Sequence[tuple[int, T]]) -> None:
        """Take rows of weight and option."""
        self.options = tuple(option for _, option in rows)
        self.edges = tuple(accumulate(weight for weight, _ in rows))
        self.total = self.edges[-1]


def menu(*rows: tuple[int, T]) -> Menu[T]:
    """Return a menu of rows of weight and option; the first row is the harmless option."""
    return Menu(rows)


class Decisions:
    """
    The choices of one run.

    Attributes:
        taken: Every decision so far: places in menus.
        quiet: True after the faults: every choice is the harmless one, and is not recorded.
    """

    def __init__(self, seed: int | None = None, given: Sequence[int] | None = None) -> None:
        """Draw by a seed, or read a list; past its end every choice is the harmless one."""
        self.taken: list[int] = []
        self.quiet = False
        self._given = given
        self._draw = random.Random(seed).random

    def _next(self, options: int, edges: Sequence[int] | None) -> int:
        if self._given is None:
            total = options if edges is None else edges[-1]
            drawn = int(self._draw() * total)
            return drawn if edges is None else bisect_right(edges, drawn)
        here = len(self.taken)
        place = self._given[here] if here < len(self._given) else 0
        return place if 0 <= place < options else 0

    def choose(self, of: Menu[T]) -> T:
        """Return one of a menu's options."""
        if self.quiet:
            return of.options[0]
        place = self._next(len(of.options), of.edges)
        self.taken.append(place)
        return of.options[place]

    def pick(self, options: Sequence[T]) -> T:
        """Return one of several equal options."""
        if self.quiet or len(options) == 1:
            return options[0]
        place = self._next(len(options), None)
        self.taken.append(place)
        return options[place]

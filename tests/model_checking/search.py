"""A breadth-first search over worlds: every move from every world, until nothing new comes."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.documents import QueueEntry

from .clock import time_moves
from .configurations import Bounds, Terms
from .faults import mishaps
from .model import Stage
from .normalization import FINAL, IDS, OPEN
from .people import people_moves
from .resolutions import list_resolutions, opinion_moves
from .state import Side, Worker, World
from .state_checks import problem_of
from .transition_checks import Violation
from .workers import worker_moves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Move

_NAMES = ("", " B")


@attrs.define
class Search:
    """
    The states found so far.

    Attributes:
        seen: Number of each world.
        ways: How each world was reached first: from which, by what.
        onward: Where fault-free moves lead.
        good: Worlds, by invoice, that need no way out.
        moves: How often each move was made.
        is_whole: Every world within the bounds was followed to the end.
    """

    terms: Terms
    bounds: Bounds
    seen: dict[World, int] = attrs.Factory(dict)
    ways: list[tuple[int, str]] = attrs.Factory(list)
    onward: list[list[int]] = attrs.Factory(list)
    good: tuple[set[int], ...] = ()
    moves: Counter[str] = attrs.Factory(Counter)
    is_whole: bool = True
    _stage: Stage = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._stage = Stage(self.terms, self.bounds)
        self.good = tuple(set() for _ in range(self.bounds.entries))

    def run(self) -> Search:
        """
        Follow every move, breadth first.

        Raises:
            Violation: A property does not hold somewhere.
        """
        first = self._first()
        waiting = deque([(self._number(first, -1, "the beginning"), first)])
        while waiting:
            number, world = waiting.popleft()
            if len(self.seen) >= self.bounds.states:
                self.is_whole = False
                for good in self.good:
                    good.add(number)  # cut: it is not known what follows
                continue
            waiting.extend(self._follow(number, world))
        self._require_ways_out()
        return self

    def _first(self) -> World:
        sides = (
            Side(self._stage.page(side, QueueEntry(id=IDS[side])))
            for side in range(self.bounds.entries)
        )
        world = World(tuple(sides), (Worker(),) * self.bounds.workers, self.bounds.faults)
        for already in self.bounds.already:
            world = next(after for name, _, after in self._next(world) if name == already)
        return world

    def _follow(self, number: int, world: World) -> Iterator[tuple[int, World]]:
        """Yield the worlds that no move had led to before."""
        name = ""
        try:
            for name, is_fault, after in self._next(world):
                self.moves[name] += 1
                known = len(self.seen)
                place = self._number(after, number, name)
                if not is_fault:
                    self.onward[number].append(place)
                if place == known:
                    yield place, after
        except (Violation, ValueError) as error:
            raise Violation(f"{error}: {self.way(number)} > then, at or after {name!r}") from error

    def _next(self, world: World) -> Iterator[Move]:
        stage = self._stage
        for side in range(self.bounds.entries):
            named = _NAMES[side]
            for moves in (worker_moves, people_moves, list_resolutions, time_moves, mishaps):
                for name, is_fault, after in moves(stage, world, side):
                    yield name + named, is_fault, after
            if self.bounds.opinions:
                for name, is_fault, after in opinion_moves(stage, world, side):
                    yield name + named, is_fault, after

    def _number(self, world: World, before: int, name: str) -> int:
        number = self.seen.get(world)
        if number is not None:
            return number
        number = self.seen[world] = len(self.seen)
        self.ways.append((before, name))
        self.onward.append([])
        for side, good in enumerate(self.good):
            entry = world.entry(side)
            if entry.status in FINAL | OPEN or len(entry.calls) >= self.bounds.calls:
                good.add(number)
        problem = problem_of(self._stage, world)
        if problem:
            raise Violation(f"{problem}, reached by {name!r} ({world.docs})")
        return number

    def way(self, number: int) -> str:
        """Return how a world was reached."""
        names: list[str] = []
        while number >= 0:
            number, name = self.ways[number]
            names.append(name)
        return " > ".join(reversed(names))

    def _require_ways_out(self) -> None:
        """P3: from every world a fault-free way leads to the ERP, or back to the sender."""
        back: list[list[int]] = [[] for _ in self.onward]
        for source, targets in enumerate(self.onward):
            for target in targets:
                back[target].append(source)
        for good in self.good:
            reached, waiting = set(good), list(good)
            while waiting:
                for source in back[waiting.pop()]:
                    if source not in reached:
                        reached.add(source)
                        waiting.append(source)
            stuck = [number for number in range(len(self.onward)) if number not in reached]
            if stuck:
                raise Violation(f"P3: no way out of {len(stuck)} worlds: {self.way(stuck[0])}")

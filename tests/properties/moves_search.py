"""A breadth-first search over worlds: every move from every world, until nothing new comes."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.documents import Answer, CallKind, QueueEntry
from erp_invoice_core.rules import targets_of
from erp_invoice_core.vocabulary import Action, ExportStatus

from .moves_people import may_edit, people_moves
from .moves_time import tidy, time_moves
from .moves_workers import worker_moves
from .moves_world import FINAL, OPEN, Terms, Worker, World

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from erp_invoice_core.events import Change

__all__ = ["Bounds", "Search", "Violation"]


class Violation(AssertionError):
    """A property does not hold; the text tells which, and the way there."""


@attrs.frozen(kw_only=True)
class Bounds:
    """
    How far the search goes.

    Attributes:
        faults: How many things may go wrong at most.
        calls: How many calls there may be at most; so many documents, too.
        generations: How often an invoice may be unlinked, and once more.
        states: After so many worlds no more are followed.
        already: Moves by name that lead to where the search begins.
    """

    workers: int = 1
    faults: int = 2
    calls: int = 3
    generations: int = 1
    states: int = 20_000
    already: tuple[str, ...] = ()


@attrs.define
class Search:
    """
    What was found.

    Attributes:
        seen: Number of each world, by its key.
        ways: How each world was reached first: from which, by what.
        onward: Where fault-free moves lead.
        cut: Worlds that were not followed to the end.
    """

    terms: Terms
    bounds: Bounds
    seen: dict[Hashable, int] = attrs.Factory(dict)
    ways: list[tuple[int, str]] = attrs.Factory(list)
    onward: list[list[int]] = attrs.Factory(list)
    good: set[int] = attrs.Factory(set)
    moves: Counter[str] = attrs.Factory(Counter)

    def run(self) -> Search:
        """
        Follow every move, breadth first.

        Raises:
            Violation: A property does not hold somewhere.
        """
        first = World(
            entry=tidy(QueueEntry(id="5000")),
            workers=(Worker(),) * self.bounds.workers,
            faults=self.bounds.faults,
        )
        for already in self.bounds.already:
            first = next(after for name, _, after, _ in self._next(first) if name == already)
        waiting = deque([(self._number(first, -1, "the beginning"), first)])
        while waiting:
            number, world = waiting.popleft()
            if len(self.seen) >= self.bounds.states:
                self.good.add(number)  # cut: it is not known what follows
                continue
            for name, is_fault, after, change in self._next(world):
                self.moves[name] += 1
                if change is not None:
                    self._require_lawful(number, name, change)
                known = len(self.seen)
                place = self._number(after, number, name)
                if not is_fault:
                    self.onward[number].append(place)
                if place == known:
                    waiting.append((place, after))
        self._require_ways_out()
        return self

    def _next(self, world: World) -> Iterator[tuple[str, bool, World, Change | None]]:
        yield from worker_moves(world, self.terms, self.terms.plan, self.bounds.calls)
        yield from people_moves(world, self.terms, self.bounds.generations)
        yield from time_moves(world)

    def _number(self, world: World, before: int, name: str) -> int:
        key = world.key
        if key in self.seen:
            return self.seen[key]
        number = self.seen[key] = len(self.seen)
        self.ways.append((before, name))
        self.onward.append([])
        if world.entry.status in FINAL | OPEN or len(world.entry.calls) >= self.bounds.calls:
            self.good.add(number)
        problem = self._problem(world)
        if problem:
            raise Violation(f"{problem}: {self.way(number)}; {world.docs}")
        return number

    def way(self, number: int) -> str:
        """Return how a world was reached."""
        names: list[str] = []
        while number >= 0:
            number, name = self.ways[number]
            names.append(name)
        return " > ".join(reversed(names))

    def _require_lawful(self, number: int, name: str, change: Change) -> None:
        before, after = change.before.status, change.after.status
        if change.verdict and after not in targets_of(change.action, before):
            self._fail(f"{change.action} leads from {before} to {after}", number, name)
        if change.action is Action.START and change.after.calls[-1].kind is CallKind.WRITE:
            problem = self._unproved(change)
            if problem:
                self._fail(problem, number, name)

    def _fail(self, problem: str, number: int, name: str) -> None:
        raise Violation(f"{problem}: {self.way(number)} > {name}")

    def _unproved(self, change: Change) -> str | None:
        """Return what is wrong with a write that begins: consent, or evidence about former ones."""
        entry, call = change.before, change.after.calls[-1]
        if not entry.acceptance_stands:
            return "P5: a write that nobody accepted"
        for former in entry.calls:
            if former.key.step != call.key.step or former.key.generation != call.key.generation:
                continue
            repeats = former.key == call.key and self.terms.one_per_key
            if former.answer is None and not repeats:
                return "P1: a second write while the first is in doubt"
            lives = any(held.key == former.key for held in entry.living)
            if former.answer is Answer.RECEIPT and lives:
                return "P1: a second write while what the first made lives"
        return None

    def _problem(self, world: World) -> str | None:
        entry = world.entry
        now = [doc for doc in world.docs if doc.generation == entry.generation]
        if len(now) > 1 and not world.excused:
            return "P1: two documents of one role"
        known = {held.receipt.erp_id for held in entry.holdings}
        for doc in world.docs:
            told = [
                call.answer
                for call in entry.calls
                if (call.key.generation, call.key.attempt, call.key.step)
                == (doc.generation, doc.attempt, doc.step)
            ]
            pending = None in told or (world.excused and Answer.ABSENT in told)
            if doc.id not in known and not pending and not world.alarmed:
                return f"P2: nobody knows of {doc.id}"
        if may_edit(world, self.terms) and now and not world.excused:
            return "P4: it can be edited while a document is there"
        if entry.status is ExportStatus.SYNCED:
            return self._unlike(world)
        return None

    def _unlike(self, world: World) -> str | None:
        entry = world.entry
        if entry.acceptance is None or entry.acceptance.digest != entry.digest:
            return "P5: synced without an acceptance"
        ids = {held.receipt.erp_id for held in entry.standing}
        for erp_id in ids:
            doc = world.doc(erp_id)
            if doc is None:
                if erp_id not in world.deleted and not world.excused and not world.alarmed:
                    return f"P2: synced, but {erp_id} is not there"
            elif doc.content != entry.acceptance.digest:
                return "P5: booked is not what was accepted"
            elif self.terms.steps > 1 and not doc.posted and not world.deleted:
                return "P5: the draft is not posted"
        return None if ids or world.alarmed else "P5: synced without a document"

    def _require_ways_out(self) -> None:
        """P3: from every world a fault-free way leads to the ERP, or back to the sender."""
        back: list[list[int]] = [[] for _ in self.onward]
        for source, targets in enumerate(self.onward):
            for target in targets:
                back[target].append(source)
        reached, waiting = set(self.good), list(self.good)
        while waiting:
            for source in back[waiting.pop()]:
                if source not in reached:
                    reached.add(source)
                    waiting.append(source)
        stuck = [number for number in range(len(self.onward)) if number not in reached]
        if stuck:
            raise Violation(f"P3: no way out of {len(stuck)} worlds: {self.way(stuck[0])}")

"""Where a search plays: each entry once, each change of it made once, kept by the store's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import attrs

from erp_invoice_core.documents import QueueEntry
from erp_invoice_core.flow import find_slot

from .configurations import Bounds, Terms, build_terms_declaration
from .normalization import DOCUMENTS, IDS, identity, tidy
from .state import Page, World
from .transition_checks import Violation, unlawful
from .uniqueness import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from erp_invoice_core.declaration import Declaration
    from erp_invoice_core.events import Change
    from erp_invoice_core.stores import ErpIdTaken, SlotTaken

#: A name, whether it is a fault, and the world after it.
Move: TypeAlias = "tuple[str, bool, World]"


class Turn(NamedTuple):
    """
    A change, and what it makes of a world.

    Attributes:
        page: The entry after it.
        frees: No worker's claim outlives it.
        alarms: It raises an alarm.
        renews: A version that a person read before is out of date.
    """

    change: Change
    page: Page
    frees: bool
    alarms: bool
    renews: bool


def _alarms(change: Change) -> bool:
    codes = [denial.code for denial in change.denials]
    return any(code.startswith(("erp.second", "erp.document")) for code in codes)


@attrs.define(eq=False)
class Stage:
    """
    Where a search plays.

    Attributes:
        name: Called where a world is reached in which something is wrong.
    """

    terms: Terms
    bounds: Bounds
    erp: Declaration = attrs.field(init=False)
    slots: tuple[str | None, ...] = attrs.field(init=False)
    _pages: dict[Hashable, Page] = attrs.field(factory=dict, init=False)
    _refusals: dict[Hashable, SlotTaken | ErpIdTaken | None] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.erp = build_terms_declaration(self.terms)
        entries = (
            QueueEntry(id=IDS[side], connection="ledger", document=DOCUMENTS[side, 1])
            for side in range(self.bounds.entries)
        )
        self.slots = tuple(find_slot(entry, self.erp) for entry in entries)

    def page(self, side: int, entry: QueueEntry) -> Page:
        """Return the one page of an entry."""
        known = tidy(side, entry)
        key = (side, identity(known))
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = Page(side, known)
        return page

    def turn(self, page: Page, question: Hashable, make: Callable[[], Change]) -> Turn:
        """
        Return what a change makes of an entry; it is made once for each question.

        Raises:
            Violation: The change is not lawful.
        """
        turn: Turn | None = page.memo.get(question)
        if turn is None:
            turn = page.memo[question] = self.turn_of(page, make())
        return turn

    def turn_of(self, page: Page, change: Change) -> Turn:
        """
        Return what a change makes of an entry.

        Raises:
            Violation: The change is not lawful.
        """
        problem = unlawful(change, self.terms)
        if problem:
            raise Violation(problem)
        after = change.after
        return Turn(
            change,
            self.page(page.side, after),
            frees=after.lease is None or after.fencing != change.before.fencing,
            alarms=_alarms(change),
            renews=after.version != change.before.version,
        )

    def refusal(self, world: World, side: int, turn: Turn) -> SlotTaken | ErpIdTaken | None:
        """Return why the store would not keep the change."""
        before, after = world.entry(side), turn.page.entry
        if after.slot == before.slot and after.holdings == before.holdings:
            return None
        pages = tuple(one.page for one in world.sides)
        key = (*pages, turn.page)
        if key not in self._refusals:
            entries = [page.entry for page in pages]
            self._refusals[key] = refusal(entries, before, after)
        return self._refusals[key]

    def apply_change(self, world: World, side: int, turn: Turn) -> World:
        """
        Return the world after a change of an entry; leases that are lost are lost.

        Raises:
            Violation: The store refuses it, and the caller expects no refusal.
        """
        refused = self.refusal(world, side, turn)
        if refused is not None:
            raise Violation(f"The store refuses {turn.change.action}: {refused}")
        one = world.sides[side]
        opinion = one.opinion
        if opinion is not None and turn.renews:
            opinion = opinion._replace(is_fresh=False)
        alarmed = one.alarmed or turn.alarms
        world = world.with_side(side, page=turn.page, alarmed=alarmed, opinion=opinion)
        if not turn.frees:
            return world
        workers = (
            worker._replace(holds=False) if worker.side == side and worker.holds else worker
            for worker in world.workers
        )
        return world._replace(workers=tuple(workers))

"""Time in a world: what passes from one moment to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.vocabulary import ExportStatus

from .normalization import DEAD, EXHAUSTED, OVER, SETTLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from erp_invoice_core.documents import QueueEntry

    from .model import Move, Stage
    from .state import Doc, Page, World


def _leases_end(entry: QueueEntry) -> QueueEntry:
    calls = tuple(
        call if call.lease_until <= OVER else attrs.evolve(call, lease_until=OVER)
        for call in entry.calls
    )
    lease = entry.lease and attrs.evolve(entry.lease, until=OVER)
    return attrs.evolve(entry, calls=calls, lease=lease)


def _settle_calls(entry: QueueEntry, now: datetime, then: datetime) -> QueueEntry:
    """Return the entry once its calls of that moment, or an earlier one, have come to the next."""
    calls = tuple(
        attrs.evolve(call, lease_until=then) if then < call.lease_until <= now else call
        for call in entry.calls
    )
    return attrs.evolve(entry, calls=calls)


def _dies(entry: QueueEntry) -> QueueEntry:
    return _settle_calls(entry, OVER, DEAD)


def _settles(entry: QueueEntry) -> QueueEntry:
    return _settle_calls(entry, DEAD, SETTLED)


def _settles_at_once(entry: QueueEntry) -> QueueEntry:
    return _settle_calls(entry, OVER, SETTLED)


def _comes_due(entry: QueueEntry) -> QueueEntry:
    return attrs.evolve(entry, due_at=entry.due_at and OVER)


def _exhaust(entry: QueueEntry) -> QueueEntry:
    return attrs.evolve(entry, lookups=EXHAUSTED)


def _passings(stage: Stage, entry: QueueEntry) -> dict[str, Callable[[QueueEntry], QueueEntry]]:
    named: dict[str, Callable[[QueueEntry], QueueEntry]]
    named = {"leases end": _leases_end, "due": _comes_due}
    if stage.terms.shows_late:
        named |= {"requests die": _dies, "all settles": _settles}
    else:
        named["all settles"] = _settles_at_once
    if entry.status is ExportStatus.UNKNOWN or entry.withdrawing:
        named["exhausted"] = _exhaust
    return named


def time_moves(stage: Stage, world: World, side: int) -> Iterator[Move]:
    """Yield what time may do next with an entry, and what it brings to light."""
    page = world.sides[side].page
    if "time" not in page.memo:
        passed = (
            (name, stage.page(side, passing(page.entry)))
            for name, passing in _passings(stage, page.entry).items()
        )
        page.memo["time"] = [(name, later) for name, later in passed if later is not page]
    for name, later in page.memo["time"]:
        yield name, False, _show(_age(world), side, later).with_side(side, page=later)
    for doc in world.docs:
        if doc.side == side and doc.unseen:
            yield "shows", False, _see(world, doc, frozenset())


def _show(world: World, side: int, page: Page) -> World:
    """Return the world in which everything shows that must by now."""
    for doc in world.docs:
        if doc.side == side and doc.unseen:
            calls = page.entry.calls
            unseen = frozenset(one for one in doc.unseen if calls[one[1]].lease_until > SETTLED)
            if unseen != doc.unseen:
                world = _see(world, doc, unseen)
    return world


def _see(world: World, doc: Doc, unseen: frozenset[tuple[str, int]]) -> World:
    after = doc._replace(unseen=unseen)
    return world._replace(docs=tuple(after if one is doc else one for one in world.docs))


def _age(world: World) -> World:
    """Return the world in which what a worker saw before is not what it sees now."""
    if not any(worker.phase == "saw" for worker in world.workers):
        return world
    workers = (
        worker._replace(phase="saw, then") if worker.phase == "saw" else worker
        for worker in world.workers
    )
    return world._replace(workers=tuple(workers))

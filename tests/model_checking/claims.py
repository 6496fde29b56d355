"""How workers come by an entry, keep it, give it back and lose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.flow import claim, expire, release, renew
from erp_invoice_core.vocabulary import ExportStatus

from .calls import IDLE
from .normalization import LEASE, LIVE, NOW, OVER
from .state import Worker, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.events import Change

    from .model import Move, Stage

_PHASES = {ExportStatus.ACCEPTED: "have", ExportStatus.UNKNOWN: "look"}


def expires(stage: Stage, world: World, side: int) -> Iterator[Move]:
    """Yield that a lease that is over is taken away."""
    page = world.sides[side].page
    entry, erp = page.entry, stage.erp if world.adapter else None
    over = entry.lease is not None and entry.lease.until <= NOW
    if entry.status is ExportStatus.EXPORTING and over:
        turn = stage.turn(page, ("expire", world.adapter), lambda: expire(entry, at=NOW, erp=erp))
        yield "expire", False, stage.apply_change(world, side, turn)


def claims(stage: Stage, world: World, side: int, number: int) -> Iterator[Move]:
    """Yield that an idle worker takes an entry that is due."""
    page = world.sides[side].page
    entry = page.entry
    claimable = entry.status in _PHASES or entry.withdrawing
    if not world.adapter or not claimable or entry.due_at is None or entry.due_at > NOW:
        return

    def make() -> Change:
        change = claim(entry, at=NOW, holder="w", lease=LEASE)
        # How often it was looked up is given by the move "exhausted", else worlds would abound.
        return attrs.evolve(change, after=attrs.evolve(change.after, lookups=entry.lookups))

    turn = stage.turn(page, "claim", make)
    if turn.change.verdict:
        mine = Worker(_PHASES.get(entry.status, "remove"), side, holds=True)
        yield "claim", False, stage.apply_change(world, side, turn).with_worker(number, mine)


def list_holds(stage: Stage, world: World, number: int, worker: Worker) -> Iterator[Move]:
    """Yield how a worker keeps its claim while time passes, or gives it back as it is."""
    side, page = worker.side, world.sides[worker.side].page
    entry, lease = page.entry, page.entry.lease
    if not worker.holds or lease is None or lease.until <= NOW:
        return
    if any(call.lease_until == LIVE for call in entry.calls):
        turn = stage.turn(page, "beat", lambda: _renew_leases(entry))
        yield "heart beats on", False, stage.apply_change(world, side, turn)
    between_calls = worker.phase in {"have", "look", "remove"}
    if between_calls and not (entry.status is ExportStatus.EXPORTING and entry.in_doubt):
        turn = stage.turn(page, "release", lambda: _release(entry))
        free = world.with_worker(number, IDLE)
        yield "given back", False, stage.apply_change(free, side, turn)


def _release(entry: QueueEntry) -> Change:
    """Return the change of a claim given back; look-ups are not counted here, nor taken off."""
    change = release(entry, at=NOW, why="It is stopping.")
    return attrs.evolve(change, after=attrs.evolve(change.after, lookups=entry.lookups))


def _renew_leases(entry: QueueEntry) -> Change:
    """Return the change of a heart that beat until the calls' own leases were over."""
    change = renew(entry, at=NOW, lease=LEASE)
    calls = tuple(
        attrs.evolve(call, lease_until=OVER) if call.lease_until == LIVE else call
        for call in change.after.calls
    )
    return attrs.evolve(change, after=attrs.evolve(change.after, calls=calls))

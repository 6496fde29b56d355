"""Faults of a database: a backup is restored; a row cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .decisions import menu
from .faults import Fault

if TYPE_CHECKING:
    from .world import World

_BACKUP = menu((6, 1.0), (2, 15.0), (2, 100.0), (1, 700.0))
_RESTORE = menu((4, 5.0), (3, 40.0), (2, 150.0), (1, 3_000.0))
_WITH_HOST = menu((1, False), (1, True))


class Operator:
    """The operator of the database, who stops every process before a restore."""

    def __init__(self, world: World) -> None:
        """Make a backup at some moment of the run, and restore it at a later one."""
        self._world = world
        world.scheduler.spawn("operator", self._live)

    def _live(self) -> None:
        world = self._world
        world.scheduler.sleep(world.decisions.choose(_BACKUP))
        if world.decisions.quiet:
            return
        back = world.backup()
        amounts = dict(world.host.amounts) if world.decisions.choose(_WITH_HOST) else None
        world.scheduler.sleep(world.decisions.choose(_RESTORE))
        if world.decisions.quiet:
            return
        world.counts[Fault.RESTORED] += 1
        world.restore(back, amounts=amounts)


class Disk:
    """Damages the row of an entry once, and puts its bytes back later."""

    def __init__(self, world: World) -> None:
        """Begin at once."""
        self._world = world
        world.scheduler.spawn("disk", self._live)

    def _live(self) -> None:
        world = self._world
        world.scheduler.sleep(world.decisions.choose(_BACKUP))
        there = [entry.id for entry in world.peek.entries()]
        if world.decisions.quiet or not there:
            return
        damaged, begun = world.decisions.pick(there), world.scheduler.now
        world.counts[Fault.UNREADABLE] += 1
        world.damaged.add(damaged)
        back = world.damage(damaged)
        world.scheduler.sleep(world.decisions.choose(_RESTORE))
        back()
        for holder in world.holders.values():  # no worker could renew the lease of that entry
            holder.whole.troubles.append((begun, world.scheduler.now))

"""Whoever keeps the database: makes a backup of it, and once puts the backup in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .decisions import menu
from .faults import Fault

if TYPE_CHECKING:
    from .world import World

__all__ = ["Operator"]

_BACKUP = menu((6, 1.0), (2, 15.0), (2, 100.0), (1, 700.0))
_RESTORE = menu((4, 5.0), (3, 40.0), (2, 150.0), (1, 3_000.0))
_WITH_HOST = menu((1, False), (1, True))


class Operator:
    """Whoever keeps the database; does not crash, and stops everybody before a restore."""

    def __init__(self, world: World) -> None:
        """Come at the beginning, with a backup at some moment and a restore at a later one."""
        self._world = world
        world.scheduler.spawn("operator", self._live)

    def _live(self) -> None:
        world = self._world
        world.scheduler.sleep(world.decisions.choose(_BACKUP))
        if world.decisions.quiet:
            return
        back = world.backup()
        amounts = dict(world.office.amounts) if world.decisions.choose(_WITH_HOST) else None
        world.scheduler.sleep(world.decisions.choose(_RESTORE))
        if world.decisions.quiet:
            return
        world.counts[Fault.RESTORED] += 1
        world.restore(back, amounts=amounts)

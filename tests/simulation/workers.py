"""Worker processes, each followed by a worker with a new name after its crash."""

from __future__ import annotations

import traceback
from datetime import timedelta
from typing import TYPE_CHECKING

from erp_invoice_core.stores import StoreError
from erp_invoice_core.stores.rows import find_wake_time
from erp_invoice_core.vocabulary import ExportStatus
from erp_invoice_core.worker import Worker

from .channel import SimulatedChannel
from .decisions import menu
from .faults import Fault
from .host import POLICIES
from .process import LEASE, Crashed

if TYPE_CHECKING:
    from erp_invoice_core.queue import ExportQueue

    from .world import World

_WORKERS = menu((3, 1), (4, 2))
_WAITS = menu((7, "next"), (2, "soon"), (1, "long"))
_CHANGES = menu(
    (92, None),
    (2, Fault.CLOCK_FORWARD),
    (2, Fault.CLOCK_BACK),
    (2, Fault.POLICY_SWAPPED),
    (2, Fault.ADAPTER_SWAPPED),
    (1, Fault.ADAPTER_GONE),
)
_LIMITS = menu((2, 1), (3, 3))
_HOUR = timedelta(hours=1)


class Workforce:
    """The workers of a run."""

    def __init__(self, world: World) -> None:
        """Start one or two."""
        self._world = world
        self._hired = 0
        for _ in range(world.decisions.choose(_WORKERS)):
            self._hire(after=2.0)

    def worker(self, queue: ExportQueue) -> Worker:
        """Return a worker with a new name."""
        self._hired += 1
        holder = f"worker-{self._hired}"
        scheduler = self._world.scheduler
        if scheduler.current is not None:
            self._world.holders[holder] = scheduler.current
        return Worker(
            queue,
            lease=LEASE,
            holder=holder,
            calls=lambda: SimulatedChannel(scheduler),
            chance=lambda: 0.5,
            sleep=scheduler.sleep,
            steady=scheduler.steady,
            wall=lambda: scheduler.wall,
        )

    def _hire(self, *, after: float) -> None:
        self._world.scheduler.spawn(
            f"worker {self._hired}", self._life, crash=Fault.CRASH_WORKER, after=after
        )

    def _life(self) -> None:
        world = self._world
        scheduler = world.scheduler
        try:
            self._work(world.queue())
        except Crashed:
            self._hire(after=5.0)
        except Exception:  # noqa: BLE001 - whatever our code did not foresee is what we look for
            world.crashed.append(traceback.format_exc())
        finally:
            assert not scheduler.is_held

    def _work(self, queue: ExportQueue) -> None:
        world = self._world
        worker = self.worker(queue)
        while not world.decisions.quiet:
            if self._change():
                queue = world.queue()
                worker = self.worker(queue)
            try:
                worker.run_once(limit=world.decisions.choose(_LIMITS))
            except StoreError:
                world.scheduler.sleep(5.0)
            if not world.decisions.quiet:
                world.scheduler.sleep(self._wait())

    def _wait(self) -> float:
        match self._world.decisions.choose(_WAITS):
            case "next":
                return self.until_next() or 60.0
            case "soon":
                return 2.0
            case _:
                return 7_200.0

    def until_next(self) -> float | None:
        """Return the seconds until an entry is due, or its lease runs out."""
        world = self._world
        moments = [
            moment
            for entry in world.peek.entries()
            if (moment := find_wake_time(entry)) is not None
            and (entry.connection not in world.gone or entry.status is ExportStatus.EXPORTING)
        ]
        if not moments:
            return None
        return max(0.5, (min(moments) - world.scheduler.now).total_seconds())

    def _change(self) -> bool:
        """Change the policy or an adapter; return whether the workers have to restart."""
        world = self._world
        change = world.decisions.choose(_CHANGES)
        if change is None:
            return False
        world.counts[change] += 1
        process = world.scheduler.current
        if change in {Fault.CLOCK_FORWARD, Fault.CLOCK_BACK}:
            if process is not None:
                process.skew += _HOUR if change is Fault.CLOCK_FORWARD else -_HOUR
            return False
        if change is Fault.POLICY_SWAPPED:
            world.host.policy = world.decisions.pick(POLICIES)
        elif change is Fault.ADAPTER_SWAPPED:
            world.less ^= {world.decisions.pick(list(world.networks))}
        else:
            world.gone.add(world.decisions.pick(list(world.networks)))
        return True

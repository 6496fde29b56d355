"""People who use the host: they send, accept, retry, resolve and edit."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any, TypeAlias

from erp_invoice_core.stores import CommitUnknown, StoreError

from .decisions import menu
from .faults import Fault
from .process import Crashed
from .verbs import PERFORM, VERBS, edit_invoice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.queue import ExportQueue, Result

    from .workers import Workforce
    from .world import World

_BEGINS = menu((4, "accepted"), (2, "with faults"), (1, "synced"), (2, "refused"))
_PEOPLE = menu((3, 1), (1, 2))
_ACTS = menu((2, 2), (3, 4), (2, 7))
_WAITS = menu((3, 1.0), (3, 90.0), (2, 400.0), (1, 5_000.0), (1, 100_000.0))
_SEEN = menu((5, True), (1, False))
_TRIES = 3
_UNREADABLE = "entry.unreadable"
_AT_ONCE = 5
_Act: TypeAlias = "Callable[[ExportQueue], None]"


class People:
    """The people of a run, who act again after their process crashed."""

    def __init__(self, world: World, workforce: Workforce) -> None:
        """Send and accept every invoice, with or without faults, and start the people."""
        self._world = world
        self._commands = 0
        begins = world.decisions.choose(_BEGINS)
        if begins == "with faults":
            self._start("sender", self._list_first_acts(), after=0.0)
        else:
            for act in self._list_first_acts():
                act(world.queue())
            self._export_first(workforce, begins)
        for number in range(world.decisions.choose(_PEOPLE)):
            acts = [self._act] * world.decisions.choose(_ACTS)
            self._start(f"person {number + 1}", acts, after=3.0)

    def _export_first(self, workforce: Workforce, begins: str) -> None:
        """Export every invoice before the faults, or have its last step refused."""
        networks = self._world.networks.values()
        for network in networks:
            network.refuses = "post" if begins == "refused" else None
        if begins in {"synced", "refused"}:
            workforce.worker(self._world.queue()).run_once(limit=_AT_ONCE)
        for network in networks:
            network.refuses = None

    def _start(self, name: str, acts: Sequence[_Act], *, after: float) -> None:
        self._world.scheduler.spawn(
            name, lambda: self._live(name, acts), crash=Fault.CRASH_VERB, after=after
        )

    def _list_first_acts(self) -> list[_Act]:
        ids = self._world.host.ids
        return [
            *(lambda queue, key=key: self._do(queue, "send", key) for key in ids),
            *(lambda queue, key=key: self._do(queue, "accept", key) for key in ids),
        ]

    def _live(self, name: str, acts: Sequence[_Act]) -> None:
        """Do one act after the other; after a crash of the process, the same again later."""
        world = self._world
        queue = world.queue()
        while acts and not world.decisions.quiet:
            queue.policy = world.host.policy
            try:
                acts[0](queue)
            except Crashed:
                self._start(name, acts, after=10.0)
                return
            except Exception:  # noqa: BLE001 - whatever our code did not foresee is what we look for
                world.crashed.append(traceback.format_exc())
                return
            acts = acts[1:]

    def _act(self, queue: ExportQueue) -> None:
        """Wait a while, look at some invoice, and do something about it."""
        world = self._world
        world.scheduler.sleep(world.decisions.choose(_WAITS))
        if world.decisions.quiet:
            return
        entry = world.peek.entries([world.decisions.pick(world.host.ids)])[0]
        verb = world.decisions.choose(VERBS[entry.status])
        if verb == "edit":
            edit_invoice(world, queue, entry.id)
        elif verb != "wait":
            self._do(queue, verb, entry.id)

    def _do(self, queue: ExportQueue, verb: str, invoice_id: str) -> None:
        """Do something under a new command id; after a lost answer, repeat the same command."""
        world = self._world
        self._commands += 1
        options: dict[str, Any] = {"command": f"c{self._commands}"}
        was_done = False
        for _ in range(_TRIES):
            entry = world.peek.entries([invoice_id])[0]
            try:
                results = self._perform(queue, verb, entry, options)
            except CommitUnknown:
                was_done = self._is_done(invoice_id, f"{verb}:{options['command']}")
                world.scheduler.sleep(1.0)
            except StoreError:
                world.scheduler.sleep(5.0)
            else:
                if was_done and not all(_is_answered(result) for result in results):
                    world.forgotten.append((invoice_id, options["command"]))
                return

    def _is_done(self, invoice_id: str, command: str) -> bool:
        """Return whether the events show that a command had its effect."""
        return any(
            event.command == command and event.before is not event.after
            for event in self._world.peek.events(invoice_id)
        )

    def _perform(
        self, queue: ExportQueue, verb: str, entry: QueueEntry, options: dict[str, Any]
    ) -> list[Result]:
        world = self._world
        if verb != "send" and world.decisions.choose(_SEEN):
            options = {**options, "expect": entry.version}
        results = PERFORM[verb](world, queue, entry, options)
        if verb == "unlink" and results[0].verdict:  # it is sent anew
            self._do(queue, "send", entry.id)
            self._do(queue, "accept", entry.id)
        return results


def _is_answered(result: Result) -> bool:
    """Return whether the command is allowed, or its entry cannot be read at the moment."""
    return all(denial.code == _UNREADABLE for denial in result.verdict.denials)

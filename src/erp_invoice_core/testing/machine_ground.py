"""Several stores, told the same, and compared after every step."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine, invariant

from ..stores import MemoryStore, SqliteStore
from .machine_office import PEOPLE, Office
from .machine_world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..documents import QueueEntry
    from ..stores import Store

__all__ = ["ComparedStores"]


class ComparedStores(RuleBasedStateMachine):
    """
    The ground of :class:`~erp_invoice_core.testing.StoresAgree`: its stores, without its rules.

    Attributes:
        makers: By name, what makes an empty store in a folder of its own; the first is the model.
    """

    makers: ClassVar[Mapping[str, Callable[[Path], Store]]] = {
        "memory": lambda _folder: MemoryStore(),
        "sqlite": lambda folder: SqliteStore(folder / "queue.db"),
    }

    def __init__(self) -> None:
        """Make an empty store of each kind."""
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="stores-agree-")
        self.office = Office()
        self.worlds = []
        for name, make in self.makers.items():
            folder = Path(self._folder.name, name)
            folder.mkdir()
            self.worlds.append(World(name, make(folder), self.office))
        self.old: list[QueueEntry] = []

    def teardown(self) -> None:
        """Clear away what the stores kept."""
        self._folder.cleanup()

    def everywhere(self, act: Callable[[World], Any]) -> None:
        """Have every store do it, and compare what each answers with the model's answer."""
        self.old += [entry for entry in self.worlds[0].store.entries() if entry not in self.old]
        answers = [world.outcome(act) for world in self.worlds]
        for world, answer in zip(self.worlds, answers, strict=True):
            assert answers[0] == answer, f"{world.name} answers otherwise"

    def said(self, ids: list[str], seen: str, command: str | None) -> dict[str, Any]:
        """Return what is said with a verb: a command, and which version was seen."""
        versions = {entry.id: entry.version for entry in self.worlds[0].store.entries(ids)}
        expect = {"unsaid": None, "now": versions, "never": 99}[seen]
        return {"expect": expect, "command": command}

    def verb(self, name: str, invoice: str, said: dict[str, Any]) -> None:
        """Have somebody who may do everything do it to one invoice."""
        self.everywhere(lambda world: getattr(world.queue, name)([invoice], PEOPLE[-1], **said))

    @invariant()
    def stores_agree(self) -> None:
        """What can be seen of each store is what can be seen of the model."""
        lost = [world.store.loss for world in self.worlds]
        for world in self.worlds:
            world.store.loss = None
            world.check()
        model = self.worlds[0].snapshot()
        for world in self.worlds[1:]:
            seen = world.snapshot()
            assert [name for name in model if model[name] != seen[name]] == [], world.name
        for world, loss in zip(self.worlds, lost, strict=True):
            world.store.loss = loss

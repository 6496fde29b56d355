"""Whose turn it is: which connection a lane serves next, and which ones their rates hold back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .taking import seen

if TYPE_CHECKING:
    from collections.abc import Collection

    from .means import Means

__all__ = ["Turns"]


@attrs.define
class Turns:
    """The turns that one lane's connections take."""

    means: Means
    _served: str | None = None
    _passed: Collection[str] = ()

    def served(self, name: str | None) -> None:
        """Have others come first now."""
        self._served = name

    def of(self, names: Collection[str]) -> list[str]:
        """Return the connections that may be called now, in the order of their turns."""
        order = list(names)
        if self._served in order:
            after = order.index(self._served) + 1
            order = order[after:] + order[:after]
        gates = [(name, self.means.gate(name)) for name in order]
        waits = {name: gate.wait for name, gate in gates if not gate.is_shut}
        self._passed = [name for name, wait in waits.items() if wait]
        return [name for name, wait in waits.items() if not wait]

    def held(self) -> float | None:
        """
        Return for how many seconds rates keep the lane from something that is due.

        ``None``: its last look passed over nothing that is. What a rate allows by now does not
        count: it was not looked at then.

        Raises:
            StoreBusy: Others held the store for too long.
        """
        passed = [name for name in self._passed if not self.means.gate(name).is_shut]
        if not passed:
            return None
        queue = self.means.queue
        due = seen(queue.store, lambda look: look.due(queue.clock(), passed, 1))
        return min(self.means.gate(name).wait for name in passed) if due else None

"""What a transaction will say in a while: changes and savepoints, in their order."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING

from .saving import SAVE, Saving, values_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .held import Held
    from .talk import Talk

__all__ = ["Pending"]


class Pending:
    """
    Changes that wait to be said together, and the items of several that they belong to.

    An item has a savepoint only if something was asked while it was open; one whose changes still
    wait here is undone by forgetting them.
    """

    def __init__(self, talk: Talk, held: Held) -> None:
        self._talk = talk
        self._held = held
        self._waiting: list[Saving | str] = []
        self._said = 0
        self._items = 0

    def add(self, saving: Saving) -> None:
        """Let a change wait."""
        self._waiting.append(saving)

    def hand_over(self) -> None:
        """Give everything to the talk, which says it with its next question."""
        if not self._waiting:
            return
        for kind, group in groupby(self._waiting, key=type):
            if kind is Saving:
                savings = [one for one in group if isinstance(one, Saving)]
                self._talk.later(SAVE, *values_of(savings))
            else:
                for statement in group:
                    self._talk.later(str(statement))
        self._waiting = []
        self._said += 1

    @contextmanager
    def item(self) -> Iterator[None]:
        """Undo what is done inside, and nothing else, if it ends with an error."""
        self._items += 1
        name = f"erp_item_{self._items}"
        mark, place, said = self._held.mark, len(self._waiting), self._said
        self._waiting.append(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self._held.undo(mark)
            if said == self._said:
                del self._waiting[place:]
            else:
                self._waiting = []
                if not self._talk.dropped(f"SAVEPOINT {name}"):
                    self._waiting = [f"ROLLBACK TO {name}", f"RELEASE {name}"]
            raise
        if said == self._said:
            del self._waiting[place]
        else:
            self._waiting.append(f"RELEASE {name}")

"""What becomes of a request: by chance, or as a test has planned it."""

from __future__ import annotations

import random
import threading
from enum import StrEnum

import attrs

__all__ = ["Chances", "Fate", "Fates"]


class Fate(StrEnum):
    """
    What becomes of one request.

    ``late``: held for a while, then carried out. ``lost``: carried out, not answered. ``dropped``:
    neither. ``hold``: carried out when it is released. ``hold_answer``: carried out at once,
    answered when it is released.
    """

    PROMPT = "prompt"
    LATE = "late"
    LOST = "lost"
    DROPPED = "dropped"
    HOLD = "hold"
    HOLD_ANSWER = "hold_answer"


@attrs.frozen(kw_only=True)
class Chances:
    """How probable each fate is that is not prompt; from 0 to 1, together at most 1."""

    late: float = 0.0
    lost: float = 0.0
    dropped: float = 0.0


class Fates:
    """Deals out fates; a planned one goes before chance."""

    def __init__(self, chances: Chances, seed: int) -> None:
        self._chances = chances
        self._random = random.Random(seed)  # noqa: S311 - a seeded choice is meant, no secret
        self._planned: list[tuple[str, Fate]] = []
        self.released = threading.Event()

    def plan(self, on: str, fate: Fate) -> None:
        """Have the next request of a kind meet a fate."""
        self.released.clear()
        self._planned.append((on, fate))

    def calm(self) -> None:
        """Have every request carried out and answered from now on, those held too."""
        self._chances = Chances()
        self._planned.clear()
        self.released.set()

    def next(self, kind: str) -> Fate:
        """Return the fate of the next request of a kind."""
        for place, (on, fate) in enumerate(self._planned):
            if on == kind:
                del self._planned[place]
                return fate
        drawn = self._random.random()
        for fate, chance in (
            (Fate.LATE, self._chances.late),
            (Fate.LOST, self._chances.lost),
            (Fate.DROPPED, self._chances.dropped),
        ):
            if drawn < chance:
                return fate
            drawn -= chance
        return Fate.PROMPT

    def pause(self, most: float) -> float:
        """Return for how many seconds a late request is held."""
        return self._random.uniform(0.0, most)

"""How long a run of the benchmarks may take."""

from __future__ import annotations

from typing import TypeVar

import attrs

_FEWEST = 3

T = TypeVar("T")


@attrs.frozen
class Effort:
    """
    The effort of a run.

    Attributes:
        is_short: True if it has fewer rounds and smaller sizes.
        has_instructions: True if instructions are counted, which takes minutes.
    """

    is_short: bool = False
    has_instructions: bool = False

    def rounds(self, usual: int) -> int:
        """Return the number of rounds."""
        return max(_FEWEST, usual // 4) if self.is_short else usual

    def choose(self, usual: T, short: T) -> T:
        """Return the usual value, or the one of a short run."""
        return short if self.is_short else usual

"""The cost of a piece of work: CPU time, wall time, or a count."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

#: The measures of a cost, by the word of the report.
CPU, WALL, INSTRUCTIONS, STEPS, BYTES, COUNT = (
    "cpu",
    "wall",
    "instructions",
    "steps",
    "bytes",
    "count",
)


@attrs.frozen
class Cost:
    """
    The cost of a piece of work, by measure.

    Attributes:
        figures: Seconds of CPU and of wall time, or a count.
    """

    figures: dict[str, float]

    def per(self, pieces: int) -> Cost:
        """Return the cost of each of that number of pieces."""
        return Cost({name: figure / pieces for name, figure in self.figures.items()})


def time_work(work: Callable[[], object], pieces: int = 1) -> Cost:
    """
    Do the work, and return the time of each of its pieces, with all threads of this process.

    A cost that the work returns is part of it.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    counted = answer.figures if isinstance(answer, Cost) else {}
    return Cost({CPU: cpu, WALL: wall, **counted}).per(pieces)


def build_count(figure: float) -> Cost:
    """Return a cost that is a count."""
    return Cost({COUNT: figure})

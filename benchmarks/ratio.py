"""The figure of every benchmark: our time over a peer's, measured in turn."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@attrs.frozen(kw_only=True)
class Target:
    """
    What a ratio should reach.

    Attributes:
        limit: The ratio that is just good enough.
        at_most: Whether a smaller ratio is better.
    """

    limit: float
    at_most: bool = True

    def is_reached(self, ratio: float) -> bool:
        """Whether the ratio is good enough."""
        return ratio <= self.limit if self.at_most else ratio >= self.limit

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.limit:g}"


@attrs.frozen(kw_only=True)
class Result:
    """
    One line of the report.

    Attributes:
        id: The number and the name of the benchmark.
        ours: The median of our figures, in the unit of the benchmark.
        peer: The median of the peer's figures, in the same unit.
        ratios: Ours over the peer's, one per round.
        target: What the median of the ratios should reach.
    """

    id: str
    ours: float
    peer: float
    ratios: tuple[float, ...]
    target: Target

    @property
    def is_reached(self) -> bool:
        """Whether the median ratio is good enough."""
        return self.target.is_reached(median(self.ratios))

    def __str__(self) -> str:
        spread = f"({min(self.ratios):.2f} to {max(self.ratios):.2f})"
        return (
            f"{self.id:<31} {median(self.ratios):6.2f} {spread:<17} {self.target!s:<7}"
            f" {self._outcome}"
        )

    @property
    def _outcome(self) -> str:
        if self.is_reached:
            return "reached"
        away = abs(median(self.ratios) - self.target.limit)
        return (
            f"MISSED by {away:.3g} ({away / self.target.limit:.0%})"
            if self.target.limit
            else (f"MISSED by {away:.3g}")
        )

    def as_plain_data(self) -> dict[str, str | float]:
        """The line as the report file has it."""
        return {
            "id": self.id,
            "ours": self.ours,
            "peer": self.peer,
            "ratio_median": median(self.ratios),
            "ratio_min": min(self.ratios),
            "ratio_max": max(self.ratios),
            "target": str(self.target),
        }


def compare(
    id: str,  # noqa: A002 - it is the word of the report
    *,
    ours: Callable[[], float],
    peer: Callable[[], float],
    target: Target,
    rounds: int,
) -> Result:
    """
    Measure both in turn, so that a slow minute of the machine slows them alike.

    The first round only warms up the caches and is thrown away.
    """
    pairs = [(ours(), peer()) for _ in range(rounds + 1)][1:]
    return Result(
        id=id,
        ours=median(a for a, _ in pairs),
        peer=median(b for _, b in pairs),
        ratios=tuple(a / b for a, b in pairs),
        target=target,
    )


def contest(
    ours: Callable[[], float],
    peers: Mapping[str, tuple[Callable[[], float], Target]],
    *,
    rounds: int,
) -> list[Result]:
    """
    Measure ours and several peers in turn; a line per peer, under the name that it has here.

    The first round only warms up the caches and is thrown away.
    """
    taken = [
        (ours(), {name: peer() for name, (peer, _) in peers.items()}) for _ in range(rounds + 1)
    ][1:]
    return [
        Result(
            id=name,
            ours=median(mine for mine, _ in taken),
            peer=median(theirs[name] for _, theirs in taken),
            ratios=tuple(mine / theirs[name] for mine, theirs in taken),
            target=target,
        )
        for name, (_, target) in peers.items()
    ]


def build_unpaired_result(id: str, figures: tuple[float, ...], target: Target) -> Result:  # noqa: A002 - as above
    """Return the line of a figure that has no peer: its peer is one."""
    return Result(id=id, ours=median(figures), peer=1, ratios=figures, target=target)


def per_second(work: Callable[[], object], count: int) -> float:
    """Return how many of the ``count`` pieces that the work does are done in a second."""
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)

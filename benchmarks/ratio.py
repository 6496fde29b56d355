"""The figure of every benchmark: our cost and that of a peer, measured in turn."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, TypeAlias

import attrs

from .cost import COUNT, CPU, WALL, Cost, build_count

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Measure: TypeAlias = Callable[[], Cost]


@attrs.frozen(kw_only=True)
class Target:
    """
    The limit that a ratio should reach.

    Attributes:
        limit: The ratio that is just good enough.
        at_most: True if a smaller ratio is better: then it is our cost over that of the peer. Else
            it is the cost of the peer over ours, that is how fast we are beside it.
    """

    limit: float
    at_most: bool = True

    def is_reached(self, ratio: float) -> bool:
        """Return whether the ratio is good enough."""
        return ratio <= self.limit if self.at_most else ratio >= self.limit

    def compute_ratio(self, ours: float, peer: float) -> float:
        """Return the ratio of two costs; a cost of nothing counts as one."""
        return ours / (peer or 1) if self.at_most else peer / (ours or 1)

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.limit:g}"


def at_most(limit: float) -> Target:
    """Return the target of a cost."""
    return Target(limit=limit)


def at_least(limit: float) -> Target:
    """Return the target of a speed."""
    return Target(limit=limit, at_most=False)


#: The target of a ratio that is shown only to compare.
SHOWN = Target(limit=0, at_most=False)


@attrs.frozen(kw_only=True)
class LineResult:
    """
    A row of the report.

    Attributes:
        line: The number of the benchmark, as ``4a``.
        work: The work.
        peer: The peer of the comparison.
        target: The limit for the median of the ratios.
        ours: Our costs, one per round.
        theirs: The costs of the peer, one per round.
        judged: The measures whose ratio should reach the target, each of them.
    """

    line: str
    work: str
    peer: str
    target: Target
    ours: Sequence[Cost]
    theirs: Sequence[Cost]
    judged: Sequence[str]

    @property
    def measures(self) -> list[str]:
        """The names of the measures that both have, those that are judged first."""
        shared = self.ours[0].figures.keys() & self.theirs[0].figures.keys()
        return sorted(shared, key=lambda name: (name not in self.judged, name))

    def list_ratios(self, measure: str) -> list[float]:
        """Return the ratio of each round."""
        return [
            self.target.compute_ratio(mine.figures[measure], peer.figures[measure])
            for mine, peer in zip(self.ours, self.theirs, strict=True)
        ]

    @property
    def worst(self) -> float:
        """The median ratio of the judged measure that is farthest from the target."""
        medians = [median(self.list_ratios(name)) for name in self.measures if name in self.judged]
        return max(medians) if self.target.at_most else min(medians)

    @property
    def is_reached(self) -> bool:
        """Return whether every judged measure reaches the target."""
        return self.target.is_reached(self.worst)

    @property
    def outcome(self) -> str:
        """The word of the report: met, missed by how much, or shown if there is no target."""
        if self.target == SHOWN:
            return "shown"
        if self.is_reached:
            return "met"
        away = abs(self.worst - self.target.limit)
        share = f" ({away / self.target.limit:.0%})" if self.target.limit else ""
        return f"MISSED by {away:.3g}{share}"

    def __str__(self) -> str:
        ratios = "  ".join(
            f"{name} {_format_spread(self.list_ratios(name))}" for name in self.measures
        )
        target = "" if self.target == SHOWN else str(self.target)
        return (
            f"{self.line:<4}{self.work:<44} {self.peer:<26} {target:<8} {self.outcome:<22} {ratios}"
        )

    def as_plain_data(self) -> dict[str, object]:
        """Return the row as the report file has it."""
        return {
            "line": self.line,
            "work": self.work,
            "peer": self.peer,
            "target": str(self.target),
            "outcome": self.outcome,
            "judged": [name for name in self.measures if name in self.judged],
            "measures": {name: self._describe(name) for name in self.measures},
        }

    def _describe(self, measure: str) -> dict[str, float]:
        ratios = self.list_ratios(measure)
        return {
            "ours": median(cost.figures[measure] for cost in self.ours),
            "peer": median(cost.figures[measure] for cost in self.theirs),
            "ratio_median": median(ratios),
            "ratio_min": min(ratios),
            "ratio_max": max(ratios),
        }


def _format_spread(ratios: Sequence[float]) -> str:
    if min(ratios) == max(ratios):
        return f"{ratios[0]:.2f}"
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def contest(
    line: str,
    work: str,
    ours: Measure,
    peers: Mapping[str, tuple[Measure, Target]],
    *,
    rounds: int,
    judged: Sequence[str] = (CPU, WALL),
) -> list[LineResult]:
    """
    Measure ours and all peers in turn inside each round; return a row for each peer.

    So a slow minute of the machine slows all of them alike. The first round only warms up the
    caches, and is thrown away.
    """
    taken = [
        (ours(), {name: peer() for name, (peer, _) in peers.items()}) for _ in range(rounds + 1)
    ][1:]
    return [
        LineResult(
            line=line,
            work=work,
            peer=name,
            target=target,
            ours=[mine for mine, _ in taken],
            theirs=[theirs[name] for _, theirs in taken],
            judged=judged,
        )
        for name, (_, target) in peers.items()
    ]


def state(
    line: str, work: str, figures: Sequence[float], target: Target, peer: str = "itself"
) -> LineResult:
    """Return the row of figures that have no peer: each of them is the ratio itself."""
    ones = [build_count(1)] * len(figures)
    counted = [build_count(figure) for figure in figures]
    return LineResult(
        line=line,
        work=work,
        peer=peer,
        target=target,
        ours=counted if target.at_most else ones,
        theirs=ones if target.at_most else counted,
        judged=(COUNT,),
    )

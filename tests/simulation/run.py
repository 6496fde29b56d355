"""One run: faults for a while, ten quiet days, then people act."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from .check import Findings
from .decisions import menu
from .erp_traits import Row, Traits
from .erp_users import ErpUsers
from .faults import Fault
from .invariants import Violation
from .people import People
from .recovery import recover
from .scheduler import Restless
from .workers import Workforce
from .world import World

if TYPE_CHECKING:
    from .decisions import Decisions
    from .stores import Opener

#: The number of decisions after which the faults are over.
_LIMITS = menu((4, 45), (3, 75), (2, 150))


@attrs.frozen(kw_only=True)
class RunResult:
    """
    The result of a run.

    Attributes:
        violations: The violated invariants.
        excluded: Number of violations that the promise table does not cover, by reason.
        counts: Number of faults of each kind.
        rows: The rows of the promise table that its ERPs have.
        unknowns: Number of exports that became unknown; ``resolved`` of them did not stay so.
        decisions: The decisions that replay it.
        seal: A digest of all its events.
    """

    violations: tuple[Violation, ...]
    excluded: Counter[str]
    counts: Counter[Fault]
    rows: frozenset[Row]
    unknowns: int
    resolved: int
    decisions: tuple[int, ...]
    seal: str


def simulate(
    decisions: Decisions,
    open_store: Opener,
    *,
    limit: int | None = None,
    traits: Traits | None = None,
) -> RunResult:
    """
    Simulate one run and check its invariants.

    Args:
        decisions: Its choices.
        open_store: Opens the empty store anew, for another process.
        limit: The number of decisions after which the faults are over; drawn by default.
        traits: The behaviour of the fake ERP; drawn by default.
    """
    world = World(decisions, open_store, limit=limit or decisions.choose(_LIMITS), traits=traits)
    try:
        return _result(world, _live_through(world))
    except Restless:
        return _result(world, Findings([Violation("worker.restless", "", "The run does not end.")]))
    finally:
        world.scheduler.close()


def _live_through(world: World) -> Findings:
    workforce = Workforce(world)
    People(world, workforce)
    ErpUsers(world)
    world.scheduler.run()
    world.decisions.quiet = True
    return recover(world, workforce)


def _result(world: World, findings: Findings) -> RunResult:
    return RunResult(
        violations=tuple(findings.violations),
        excluded=findings.excluded,
        counts=world.counts,
        rows=frozenset(world.rows),
        unknowns=findings.unknowns,
        resolved=findings.resolved,
        decisions=tuple(world.decisions.taken),
        seal=findings.seal,
    )

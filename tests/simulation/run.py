"""One history: faults for a while, ten quiet days, then people settle what waits for them."""

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

#: After so many decisions the faults are over.
_LIMITS = menu((4, 45), (3, 75), (2, 150))


@attrs.frozen(kw_only=True)
class RunResult:
    """
    What a history told.

    Attributes:
        violations: The promises that were not kept.
        excused: What the promise table leaves out, by its reason.
        counts: How often each kind of fault happened.
        rows: The rows of the promise table that it was about.
        unknowns: How many times an export became unknown; ``resolved``: and how many times it
            did not stay so.
        decisions: With these it can be told again.
        seal: One digest over all its events.
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
    Tell one history and judge it.

    Args:
        decisions: Where its choices come from.
        open_store: Opens the empty store anew, for another process.
        limit: After so many decisions the faults are over; drawn where it is left out.
        traits: The fake ERP; drawn where it is left out.
    """
    world = World(decisions, open_store, limit=limit or decisions.choose(_LIMITS), traits=traits)
    try:
        return _result(world, _live_through(world))
    except Restless:
        return _result(world, Findings([Violation("worker.restless", "", "It finds no end.")]))
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

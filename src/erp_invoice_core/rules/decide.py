"""
decide: whether an action is allowed, by the tables of rules.

A *rulebook* has a page for each action: the rows of all tables that can deny the action or add a
notice.
"""

from __future__ import annotations

from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..verdict import ALLOWED, Denial, Notice, Verdict
from ..vocabulary import Action, ExportStatus
from . import erp_check, features, permissions, state_table
from .case import STEADY_FACTS, SteadyResults
from .conditions import CONDITIONS, NOTICES
from .features import FeatureNeed
from .grants import GRANTS, Grant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .case import Case
    from .conditions import Condition
    from .conditions.condition import Predicate
    from .state_table import Transition


_NO_FACT = "__module__"  # every case has it, and never with this value
_NO_VALUE = object()


@attrs.frozen(eq=False)
class RowGroup:
    """
    Rows of a page that are evaluated together.

    Most facts of most cases have their usual value. All these facts are compared at once, and only
    the rows without a usual fact are evaluated one by one.

    Attributes:
        read: Reads from a case all facts that have a usual value.
        usual: The result of ``read`` for a case in which each of these facts has that value.
        special: The rows that have to be evaluated even for such a case, as (predicate, place).
        every: All rows, as (predicate, place, name of the usual fact, its usual value).
    """

    read: Callable[[Case], object]
    usual: object
    special: tuple[tuple[Predicate, int], ...]
    every: tuple[tuple[Predicate, int, str, object], ...]

    def find_unmet(self, case: Case) -> tuple[int, ...]:
        """Return the places of the rows that the case does not meet."""
        unmet: tuple[int, ...] = ()
        if self.read(case) == self.usual:
            for is_met, place in self.special:
                if not is_met(case):
                    unmet += (place,)
            return unmet
        for is_met, place, name, value in self.every:
            # By value here too, so that a host's 1 counts as True in every case.
            if getattr(case, name) != value and not is_met(case):
                unmet += (place,)
        return unmet


def _group(rows: Iterable[tuple[int, Condition]]) -> RowGroup:
    found = [(place, row, *(row.usual or (_NO_FACT, _NO_VALUE))) for place, row in rows]
    usual: dict[str, object] = {}
    for _, row, name, value in found:
        if row.usual is not None:
            usual.setdefault(name, value)
    names, values = list(usual), tuple(usual.values())
    return RowGroup(
        # An attrgetter of one name returns no tuple.
        read=attrgetter(*names) if names else _read_no_facts,
        usual=values[0] if len(values) == 1 else values,
        special=tuple(
            (row.is_met, place)
            for place, row, name, value in found
            if usual.get(name, _NO_FACT) != value
        ),
        every=tuple((row.is_met, place, name, value) for place, row, name, value in found),
    )


def _read_no_facts(_case: Case) -> tuple[object, ...]:
    return ()


_READ_STEADY = attrgetter(*STEADY_FACTS)


@attrs.frozen(kw_only=True, eq=False)
class Page:
    """
    The page of one action in a rulebook: its permissions, statuses, features and rows.

    The *steady* rows are evaluated once for the facts of an invoice, and again only if the ERP, the
    policy or the day is another one. The case keeps their result, and all cases that the queue
    makes of the same facts of the host share it. An allowed decision thereby makes no object
    (benchmarks 1a to 1c).

    Attributes:
        rows: The conditions, then the notices.
        first_notice: The place of the first notice.
        steady: The rows that read nothing but the host's facts and ``STEADY_FACTS``.
        others: The rows that are evaluated each time.
    """

    grant: Grant
    sources: frozenset[ExportStatus]
    needs: tuple[FeatureNeed, ...]
    rows: tuple[Condition, ...]
    first_notice: int
    steady: RowGroup
    others: RowGroup

    def find_unmet(self, case: Case) -> Iterable[int]:
        """Return the places of the rows that the case does not meet, in their order."""
        unmet = self.others.find_unmet(case)
        results = case.known.results
        if results is None or not results.has_facts_of(case):
            results = _renew_results(case, results)
        steady = results.get(self)
        if steady is None:
            if len(results) >= _MOST_PAGES:  # other tables were asked, too
                results.clear()
            steady = results[self] = self.steady.find_unmet(case)
        if not steady:
            return unmet
        return sorted(unmet + steady) if unmet else steady


def _renew_results(case: Case, former: SteadyResults | None) -> SteadyResults:
    """Return results about the facts of a case, with those that are known for equal facts."""
    results = SteadyResults(case)  # equal facts may be other objects, which are compared next time
    if former is not None and _READ_STEADY(former) == _READ_STEADY(case):
        results.update(former)
    case.known.results = results
    return results


#: The most pages of which a case keeps the result; there is one page per action.
_MOST_PAGES = 2 * len(Action)

#: The rows of every action that can deny it or add a notice.
Rulebook: TypeAlias = "Mapping[Action, Page]"


def index(
    *,
    grants: Mapping[Action, Grant] = GRANTS,
    needs: Iterable[FeatureNeed] = features.NEEDS,
    transitions: Iterable[Transition] = state_table.TRANSITIONS,
    conditions: Iterable[Condition] = CONDITIONS,
    notices: Iterable[Condition] = NOTICES,
) -> Rulebook:
    """Return the rulebook of the tables: for each action the page with the rows about it."""
    pages = {}
    for action in Action:
        denying = [row for row in conditions if action in row.acts]
        remarking = [row for row in notices if action in row.acts]
        rows = (*denying, *remarking)
        pages[action] = Page(
            grant=grants[action],
            sources=state_table.list_sources(action, transitions),
            needs=tuple(need for need in needs if action in need.acts),
            rows=rows,
            first_notice=len(denying),
            steady=_group((place, row) for place, row in enumerate(rows) if row.steady),
            others=_group((place, row) for place, row in enumerate(rows) if not row.steady),
        )
    return MappingProxyType(pages)


RULEBOOK = index()
_STRANGER = Verdict((permissions.STRANGER,))


def decide(action: Action, case: Case, rulebook: Rulebook = RULEBOOK) -> Verdict:
    """
    Return whether the action is allowed, with every denial and every notice.

    A person without any level gets one denial that reveals nothing, and no notices.

    Args:
        action: The action that a person or the system wants to do.
        case: The facts; a fact that is not known denies.
        rulebook: Tables in place of the standard ones, from :func:`index`.
    """
    page = rulebook[action]
    grant = case.policy.grants.get(action, page.grant)
    forbidden = permissions.denials(action, grant, case)
    # A person with the level of a grant is no stranger.
    if (forbidden or not grant.shows_level) and permissions.is_stranger(case):
        return _STRANGER
    is_lawful = case.export_status in page.sources
    found: tuple[Denial, ...] = ()
    if is_lawful or features.matter_in_any_status(action, case):
        found = features.denials(action, page.needs, case)
    found += forbidden
    if not is_lawful:
        found += state_table.denials(action, case)
    if case.erp_verdict is not None:
        found += erp_check.list_denials(action, case.erp_verdict)
    noticed: tuple[Notice, ...] = ()
    for place in page.find_unmet(case):
        row = page.rows[place]
        if place < page.first_notice:
            found += row.denials(case)
        else:
            noticed += row.notices(case)
    return Verdict(found, noticed) if found or noticed else ALLOWED

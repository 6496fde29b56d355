"""decide: whether an action is allowed, by the tables of rules."""

from __future__ import annotations

from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..values import Value
from ..verdict import ALLOWED, Denial, Notice, Verdict
from ..vocabulary import Action, ExportStatus
from . import features, permissions, state_table
from .conditions import CONDITIONS, NOTICES
from .features import FeatureNeed
from .grants import GRANTS, Grant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .case import Case
    from .conditions import Condition
    from .state_table import Transition


# A row as it is evaluated: its predicate, itself, and the name and value of its usual fact.
_Asked: TypeAlias = "tuple[Callable[[Case], bool], Condition]"
_Row: TypeAlias = "tuple[Callable[[Case], bool], Condition, str, object]"
_Facts: TypeAlias = "Callable[[Case], object]"
_NO_FACT = "__module__"  # every case has it, and never with this value
_NO_VALUE = object()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Page(Value):
    """
    The rows of one action.

    Most facts of most cases have their usual value. All these facts are compared at once, and only
    the rows without a usual fact are evaluated one by one.

    Attributes:
        facts: Reads the facts that have a usual value; ``usual`` has these values.
        conditions: All conditions; ``special`` are those that the usual facts do not decide.
        notices: All notices; ``remarks`` are those that the usual facts do not decide.
    """

    grant: Grant
    sources: frozenset[ExportStatus]
    needs: tuple[FeatureNeed, ...]
    facts: _Facts
    usual: tuple[object, ...]
    conditions: tuple[_Row, ...]
    special: tuple[_Asked, ...]
    notices: tuple[_Row, ...]
    remarks: tuple[_Asked, ...]


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
    """Return the tables, indexed by action."""
    pages = {}
    for action in Action:
        denying = [row for row in conditions if action in row.acts]
        telling = [row for row in notices if action in row.acts]
        usual = _find_usual((*denying, *telling))
        pages[action] = Page(
            grant=grants[action],
            sources=state_table.list_sources(action, transitions),
            needs=tuple(need for need in needs if action in need.acts),
            facts=attrgetter(*usual) if usual else _read_no_facts,
            usual=tuple(usual.values()),
            conditions=tuple(map(_row, denying)),
            special=tuple((row.is_met, row) for row in denying if not _is_usual(row, usual)),
            notices=tuple(map(_row, telling)),
            remarks=tuple((row.is_met, row) for row in telling if not _is_usual(row, usual)),
        )
    return MappingProxyType(pages)


def _find_usual(rows: Iterable[Condition]) -> dict[str, object]:
    usual: dict[str, object] = {}
    for row in rows:
        if row.usual is not None:
            usual.setdefault(*row.usual)
    # An attrgetter of one name returns no tuple, and would save nothing.
    return usual if len(usual) > 1 else {}


def _read_no_facts(_case: Case) -> tuple[object, ...]:
    return ()


def _is_usual(row: Condition, usual: Mapping[str, object]) -> bool:
    if row.usual is None:
        return False
    name, value = row.usual
    return name in usual and usual[name] == value


def _row(row: Condition) -> _Row:
    return (row.is_met, row, *(row.usual or (_NO_FACT, _NO_VALUE)))


def _find_unmet(rows: tuple[_Row, ...], case: Case) -> list[Condition]:
    # The usual value is compared here too, so that a host's 1 counts as True in every case.
    return [
        row
        for is_met, row, name, value in rows
        if getattr(case, name) != value and not is_met(case)
    ]


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
    if permissions.is_stranger(case):
        return _STRANGER
    page = rulebook[action]
    is_lawful = case.export_status in page.sources
    found: tuple[Denial, ...] = ()
    if is_lawful or features.matter_in_any_status(action, case):
        found = features.denials(action, page.needs, case)
    found += permissions.denials(action, case.policy.grants.get(action, page.grant), case)
    if not is_lawful:
        found += state_table.denials(action, case)
    if page.facts(case) == page.usual:
        unmet = [row for is_met, row in page.special if not is_met(case)]
        unsaid = [row for is_met, row in page.remarks if not is_met(case)]
    else:
        unmet, unsaid = _find_unmet(page.conditions, case), _find_unmet(page.notices, case)
    for row in unmet:
        found += row.denials(case)
    told: tuple[Notice, ...] = ()
    for row in unsaid:
        told += row.notices(case)
    return Verdict(found, told) if found or told else ALLOWED

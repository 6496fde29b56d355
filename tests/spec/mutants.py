"""Weakens the tables, one cell at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.rules import (
    CONDITIONS,
    GRANTS,
    NEEDS,
    NOTICES,
    TRANSITIONS,
    AtLeast,
    Grant,
    Rulebook,
    Transition,
    index,
)
from erp_invoice_core.vocabulary import Action, ExportStatus, Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.rules import Condition, FeatureNeed, Need

__all__ = ["Mutant", "mutants"]


@attrs.frozen(kw_only=True)
class Mutant:
    """Tables with one cell weakened, and what was done to it."""

    name: str
    rulebook: Rulebook
    transitions: tuple[Transition, ...] = TRANSITIONS


def mutants() -> Iterator[Mutant]:
    """Every mutant of every table."""
    yield from _weaken_transitions()
    yield from _weaken_grants()
    yield from _weaken_needs()
    yield from _weaken_conditions()
    yield from _weaken_notices()


def _weaken_transitions() -> Iterator[Mutant]:
    for place, row in enumerate(TRANSITIONS):
        for what, changed in _change_transitions(row):
            table = (*TRANSITIONS[:place], *changed, *TRANSITIONS[place + 1 :])
            name = f"transition {row.action.value}: {what}"
            yield Mutant(name=name, rulebook=index(transitions=table), transitions=table)


def _change_transitions(row: Transition) -> Iterator[tuple[str, tuple[Transition, ...]]]:
    yield "row deleted", ()
    for source in ExportStatus:
        if source in row.sources:
            dropped = attrs.evolve(row, sources=row.sources - {source})
            yield f"source {source.value} dropped", (dropped,)
        elif not any(
            row.action is other.action and source in other.sources for other in TRANSITIONS
        ):
            added = attrs.evolve(row, sources=row.sources | {source})
            yield f"source {source.value} added", (added,)
    for target in ExportStatus:
        if target in row.targets:
            kept = tuple(other for other in row.targets if other is not target)
            yield f"target {target.value} dropped", (attrs.evolve(row, targets=kept),)
        elif row.targets or row.sources != {target}:
            changed = attrs.evolve(row, targets=(*row.targets[1:], target))
            yield f"target changed to {target.value}", (changed,)


def _weaken_grants() -> Iterator[Mutant]:
    for action, grant in GRANTS.items():
        for what, changed in _change_grants(grant):
            table = {**GRANTS, action: changed}
            yield Mutant(name=f"grant {action.value}: {what}", rulebook=index(grants=table))


def _change_grants(grant: Grant) -> Iterator[tuple[str, Grant]]:
    yield "row emptied", Grant()
    if grant.asks_erp:
        yield "privileges of the ERP dropped", attrs.evolve(grant, asks_erp=False)
    for place, need in enumerate(grant.needs):
        before, after = grant.needs[:place], grant.needs[place + 1 :]
        yield f"{need.label} dropped", attrs.evolve(grant, needs=(*before, *after))
        for what, lowered in _lower_level(need):
            yield what, attrs.evolve(grant, needs=(*before, lowered, *after))


def _lower_level(need: Need) -> Iterator[tuple[str, AtLeast]]:
    if isinstance(need, AtLeast):
        lower = AtLeast(need.tool, Level(need.level - 1))
        yield f"{need.label} lowered", lower


def _weaken_needs() -> Iterator[Mutant]:
    for place, row in enumerate(NEEDS):
        for what, changed in _change_needs(row):
            table = (*NEEDS[:place], *changed, *NEEDS[place + 1 :])
            yield Mutant(name=f"feature {row.feature.value}: {what}", rulebook=index(needs=table))


def _change_needs(row: FeatureNeed) -> Iterator[tuple[str, tuple[FeatureNeed, ...]]]:
    yield "row deleted", ()
    if row.always:
        yield "only where used", (attrs.evolve(row, always=False),)
    for action in row.acts:
        yield f"act {action.value} dropped", (attrs.evolve(row, acts=row.acts - {action}),)


def _weaken_conditions() -> Iterator[Mutant]:
    for place, row in enumerate(CONDITIONS):
        for what, changed in _change_rows(row):
            table = (*CONDITIONS[:place], *changed, *CONDITIONS[place + 1 :])
            yield Mutant(name=f"condition {row.code}: {what}", rulebook=index(conditions=table))


def _weaken_notices() -> Iterator[Mutant]:
    for place, row in enumerate(NOTICES):
        for what, changed in _change_rows(row):
            table = (*NOTICES[:place], *changed, *NOTICES[place + 1 :])
            yield Mutant(name=f"notice {row.code}: {what}", rulebook=index(notices=table))


def _change_rows(row: Condition) -> Iterator[tuple[str, tuple[Condition, ...]]]:
    yield "row deleted", ()
    yield "predicate neutralised", (attrs.evolve(row, is_met=lambda _: True),)
    if row.each is None:  # the others find for themselves that there is nothing to say
        yield "predicate never met", (attrs.evolve(row, is_met=lambda _: False, usual=None),)
    for action in Action:
        if action in row.acts:
            dropped = attrs.evolve(row, acts=row.acts - {action})
            yield f"act {action.value} dropped", (dropped,)

"""Reads scenarios.md, and compares a rulebook with all that it says and does not say."""

from __future__ import annotations

from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.documents import WORKER, Actor
from erp_invoice_core.rules import (
    RULEBOOK,
    TRANSITIONS,
    Case,
    Rulebook,
    Transition,
    decide,
    list_targets,
)
from erp_invoice_core.vocabulary import Action, ExportStatus, Level, Privilege

from .allowed_cases import build_allowed_case
from .changed_facts import change_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["bend_cases", "differences", "people"]

PAGE = Path(__file__).with_name("scenarios.md")


def _tables(heading: str) -> list[list[list[str]]]:
    """The tables below a heading: rows of cells, without their heads."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    tables = []
    for block in section.split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        if lines:
            tables.append(
                [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
            )
    return tables


def _list(cell: str) -> list[str]:
    return [word.strip() for word in cell.split(",") if word.strip()]


@cache
def people() -> dict[str, Actor]:
    """The people of the scenarios, by name."""
    found = {}
    for name, commitments, erp, privileges in _tables("People")[0]:
        if commitments == "system":
            found[name] = WORKER
            continue
        found[name] = Actor(
            id=name,
            commitments={"10": Level[commitments.upper()]},
            erp_integrations=Level[erp.upper()],
            privileges=frozenset(Privilege(word) for word in _list(privileges)),
        )
    return found


@cache
def _members(name: str) -> frozenset[str]:
    groups = {group: _list(members) for group, members in _tables("People")[1]}
    if name not in groups:
        return frozenset({name})
    return frozenset().union(*map(_members, groups[name]))


@attrs.frozen(kw_only=True)
class Expected:
    """Who may do an action from a status, and where it leads."""

    targets: frozenset[ExportStatus] = frozenset()
    who: frozenset[str] = frozenset()


@cache
def moves() -> dict[tuple[Action, ExportStatus], Expected]:
    """The lawful actions; every other one is unlawful."""
    found = {}
    for action, sources, targets, who, _ in _tables("Moves")[0]:
        for source in map(ExportStatus, _list(sources)):
            to = [source] if targets == "stays" else map(ExportStatus, _list(targets))
            names = frozenset().union(*map(_members, _list(who)))
            found[Action(action), source] = Expected(targets=frozenset(to), who=names)
    return found


@cache
def _move_cases() -> list[tuple[str, Action, Case, bool]]:
    return [
        (
            name,
            action,
            attrs.evolve(build_allowed_case(action), actor=actor, export_status=status),
            name in moves().get((action, status), Expected()).who,
        )
        for action, status, (name, actor) in product(Action, ExportStatus, people().items())
    ]


@cache
def bend_cases(heading: str) -> list[tuple[str, Action, Case, tuple[str, ...]]]:
    """Every bend with every action, and the codes that it must and may call forth."""
    expected: dict[str, dict[Action, tuple[str, ...]]] = {}
    for bend, acts, codes, _ in _tables(heading)[0]:
        for act in [] if acts == "nothing" else _list(acts):
            texts = tuple(code.replace("ACTION", act) for code in _list(codes))
            assert expected.setdefault(bend, {}).setdefault(Action(act), texts) == texts
        expected.setdefault(bend, {})
    return [
        (
            bend,
            action,
            change_facts(build_allowed_case(action), bend, people()),
            by_action.get(action, ()),
        )
        for bend, by_action in expected.items()
        for action in Action
    ]


def differences(
    rulebook: Rulebook = RULEBOOK, transitions: Sequence[Transition] = TRANSITIONS
) -> Iterator[str]:
    """Where the tables and the scenarios disagree, one line each."""
    yield from _wrong_targets(transitions)
    yield from _wrong_moves(rulebook)
    yield from _wrong_bends(rulebook)
    yield from _wrong_notices(rulebook)


def _wrong_targets(transitions: Sequence[Transition]) -> Iterator[str]:
    for action, status in product(Action, ExportStatus):
        expected = moves().get((action, status), Expected()).targets
        actual = frozenset(list_targets(action, status, transitions))
        if expected != actual:
            yield f"{action} from {status} leads to {actual}, not to {expected}"


def _wrong_moves(rulebook: Rulebook) -> Iterator[str]:
    strangers = _members("strangers")
    for name, action, case, expected in _move_cases():
        verdict = decide(action, case, rulebook)
        if expected != verdict.allowed:
            codes = [denial.code for denial in verdict.denials]
            yield f"{action} from {case.export_status} by {name}: {codes}"
        if name in strangers and [denial.code for denial in verdict.denials] != ["permission.none"]:
            yield f"{action} from {case.export_status} by {name} reveals something"


def _counts(code: str, expected: Sequence[str]) -> bool:
    room = code.partition(".")[0]
    return room not in {"permission", "status"} or any(
        other.startswith(f"{room}.") for other in expected
    )


def _wrong_bends(rulebook: Rulebook) -> Iterator[str]:
    for bend, action, case, expected in bend_cases("Bent cases"):
        codes = tuple(denial.code for denial in decide(action, case, rulebook).denials)
        actual = tuple(code for code in codes if _counts(code, expected))
        if expected != actual:
            yield f"{action} where {bend}: {actual}, not {expected}"


def _wrong_notices(rulebook: Rulebook) -> Iterator[str]:
    for bend, action, case, expected in bend_cases("Notices"):
        actual = tuple(notice.code for notice in decide(action, case, rulebook).notices)
        if expected != actual:
            yield f"{action} where {bend} gives {actual}, not {expected}"

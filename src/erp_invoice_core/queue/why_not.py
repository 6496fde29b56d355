"""Why not: the answer for a button, a list page, a dry look; nothing is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..rules import decide
from ..stores import UnreadableEntry
from ..verdict import Verdict
from .callbacks import ask_facts, judged
from .case import FACTLESS, posed, shown, unknown_to, unreadable, unusable_to, without_facts
from .number_slots import numbers_of
from .types import Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..documents import Actor, QueueEntry
    from ..rules import Policy
    from ..stores import Store
    from ..vocabulary import Action
    from .connections import Lines
    from .types import Facts


#: What a person is prompted for at the act counts as given before it.
_PROMPTED: Mapping[str, Any] = {
    "reason": "asked for at the act",
    "evidence": "asked for at the act",
    "settles_all": True,
    "denies_receipt": False,
    "gone": True,
}


def verdicts(
    ids: Sequence[str],
    action: Action,
    *,
    store: Store,
    facts: Facts,
    lines: Lines,
    policy: Policy,
    at: datetime,
    actor: Actor,
    connection: str | None,
    given: Mapping[str, Any],
) -> list[Result]:
    """Return the decision for each id, with three queries and one call of ``facts`` at most."""
    entries = {entry.id: entry for entry in store.entries(ids)}
    asked = ask_facts(facts, ids, lines.redaction, propagate=True)
    cases = asked.cases
    to = {entry.id: connection or entry.connection for entry in entries.values()}
    erps = {name: lines.declaration(name) for name in set(to.values())}
    known = [entry for key, entry in entries.items() if key in cases]
    numbers = numbers_of(
        action,
        known,
        cases,
        lambda entry: to[entry.id],
        lines=lines,
        slot_holders=store.slot_holders,
        read=store.entries,
    )
    results = []
    for key in ids:
        entry = entries[key]
        if isinstance(entry, UnreadableEntry):
            verdict = unreadable(entry, actor, policy)
            results.append(Result(key, verdict, shown(entry, verdict)))
            continue
        if key in asked.problems:
            verdict = unusable_to(actor, policy, key, asked.problems[key])
            results.append(Result(key, verdict, shown(entry, verdict)))
            continue
        if key not in cases and not entry.seq:
            verdict = unknown_to(actor, policy)
            results.append(Result(key, verdict, shown(entry, verdict)))
            continue

        def judge(entry: QueueEntry = entry, key: str = key) -> Verdict:
            case = posed(
                cases.get(key),
                entry,
                at=at,
                actor=actor,
                policy=policy,
                erp=erps[to[key]],
                holder=numbers.holder(entry, cases.get(key)),
                given={**_PROMPTED, "version_seen": entry.version, **given},
            )
            if key in cases or action in FACTLESS:
                return _before_the_act(decide(action, case))
            return without_facts(action, case)

        made = judged(key, judge, lines.redaction) if key in cases else judge()
        verdict = unusable_to(actor, policy, key, made) if isinstance(made, str) else made
        results.append(Result(key, verdict, shown(entry, verdict)))
    return results


def _before_the_act(verdict: Verdict) -> Verdict:
    """Return the verdict of a list page: the document itself is needed only by the act."""
    denials = tuple(denial for denial in verdict.denials if denial.code != "document.missing")
    return verdict if len(denials) == len(verdict.denials) else Verdict(denials, verdict.notices)

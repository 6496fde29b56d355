"""Why not: the answer for a button, a list page, a dry look; nothing is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..rules import decide
from ..stores import UnreadableEntry
from ..verdict import Verdict
from .callbacks import ask_facts, decide_contained
from .case import (
    WITHOUT_FACTS,
    build_case,
    decide_without_facts,
    deny_unknown,
    deny_unreadable,
    deny_unusable,
    redact_entry,
)
from .number_slots import find_number_holders
from .types import Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..documents import Actor, QueueEntry
    from ..rules import Policy
    from ..stores import Store
    from ..vocabulary import Action
    from .connections import ErpConnections
    from .types import Facts


#: Values that a person is prompted for at the action count as given before it.
_PROMPTED: Mapping[str, Any] = {
    "reason": "asked for at the act",
    "evidence": "asked for at the act",
    "settles_all": True,
    "denies_receipt": False,
    "gone": True,
}


def find_verdicts(
    ids: Sequence[str],
    action: Action,
    *,
    store: Store,
    facts: Facts,
    connections: ErpConnections,
    policy: Policy,
    at: datetime,
    actor: Actor,
    connection: str | None,
    given: Mapping[str, Any],
) -> list[Result]:
    """Return the decision for each id, with three queries and one call of ``facts`` at most."""
    entries = {entry.id: entry for entry in store.entries(ids)}
    asked = ask_facts(facts, ids, connections.redaction, propagate=True)
    cases = asked.cases
    to = {entry.id: connection or entry.connection for entry in entries.values()}
    erps = {name: connections.find_declaration(name) for name in set(to.values())}
    known = [entry for key, entry in entries.items() if key in cases]
    numbers = find_number_holders(
        action,
        known,
        cases,
        lambda entry: to[entry.id],
        connections=connections,
        slot_holders=store.slot_holders,
        read=store.entries,
    )
    results = []
    for key in ids:
        entry = entries[key]
        if isinstance(entry, UnreadableEntry):
            verdict = deny_unreadable(entry, actor, policy)
            results.append(Result(key, verdict, redact_entry(entry, verdict)))
            continue
        if key in asked.problems:
            verdict = deny_unusable(actor, policy, key, asked.problems[key])
            results.append(Result(key, verdict, redact_entry(entry, verdict)))
            continue
        if key not in cases and not entry.seq:
            verdict = deny_unknown(actor, policy)
            results.append(Result(key, verdict, redact_entry(entry, verdict)))
            continue

        def judge(entry: QueueEntry = entry, key: str = key) -> Verdict:
            case = build_case(
                cases.get(key),
                entry,
                at=at,
                actor=actor,
                policy=policy,
                erp=erps[to[key]],
                holder=numbers.find_holder(entry, cases.get(key)),
                given={**_PROMPTED, "version_seen": entry.version, **given},
            )
            if key in cases or action in WITHOUT_FACTS:
                return _drop_document_denial(decide(action, case))
            return decide_without_facts(action, case)

        made = decide_contained(key, judge, connections.redaction) if key in cases else judge()
        verdict = deny_unusable(actor, policy, key, made) if isinstance(made, str) else made
        results.append(Result(key, verdict, redact_entry(entry, verdict)))
    return results


def _drop_document_denial(verdict: Verdict) -> Verdict:
    """Return the verdict of a list page: the document itself is needed only by the act."""
    denials = tuple(denial for denial in verdict.denials if denial.code != "document.missing")
    return verdict if len(denials) == len(verdict.denials) else Verdict(denials, verdict.notices)

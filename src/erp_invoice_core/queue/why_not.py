"""
Why-not: decisions that record and change nothing.

A host uses them to show which actions are allowed, such as on buttons and list pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..rules import decide
from ..rules.proposed_fields import complete_fields
from ..stores import UnreadableEntry
from ..values import Value
from ..verdict import Verdict
from ..vocabulary import Action
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
from .mapped_ids import find_mapped_ids
from .number_slots import find_number_holders
from .number_uses import find_number_uses
from .types import Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..documents import Actor, QueueEntry
    from ..rules import Case, Policy
    from ..stores import Store
    from .connections import ErpConnections
    from .mapped_ids import MappedIds
    from .number_slots import NumberHolders
    from .types import Facts, Numbers


#: Values for which a person is prompted at the action; they count as given before.
_PROMPTED: Mapping[str, Any] = {
    "reason": "asked for at the act",
    "evidence": "asked for at the act",
    "settles_all": True,
    "denies_receipt": False,
    "gone": True,
}


@attrs.frozen(kw_only=True, eq=False, repr=False)
class _Inquiry(Value):
    """
    One question about several entries: may the actor take the action now?

    Attributes:
        given: Further facts that the actor gives.
        cases: The host's facts, by id.
        problems: The reason why the host's facts cannot be used, by id.
        connections: The ERP connections.
        to: The name of the ERP connection to which an entry goes, by entry id.
        numbers: The holders of the number slots that the entries need.
        mapped: The ids in the ERP that the connections map.
        find_numbers: The callable of the host that finds invoice numbers like a typed one, if any.
    """

    action: Action
    actor: Actor
    policy: Policy
    at: datetime
    given: Mapping[str, Any]
    cases: Mapping[str, Case]
    problems: Mapping[str, str]
    connections: ErpConnections
    to: Mapping[str, str | None]
    numbers: NumberHolders
    mapped: MappedIds
    find_numbers: Numbers | None

    def find_verdict(self, entry: QueueEntry) -> Verdict:
        """Return the decision for an entry."""
        key = entry.id
        if isinstance(entry, UnreadableEntry):
            return deny_unreadable(entry, self.actor, self.policy)
        if key in self.problems:
            return deny_unusable(self.actor, self.policy, key, self.problems[key])
        if key not in self.cases:
            return self._decide(entry) if entry.seq else deny_unknown(self.actor, self.policy)
        made = decide_contained(key, lambda: self._decide(entry), self.connections.redaction)
        return deny_unusable(self.actor, self.policy, key, made) if isinstance(made, str) else made

    def _decide(self, entry: QueueEntry) -> Verdict:
        facts = self.cases.get(entry.id)
        erp = self.connections.find_declaration(self.to[entry.id])
        given = dict(self.given)
        if facts is not None and self.action is Action.ACCEPT:
            said = given.get("export_fields") or {}
            given["export_fields"] = complete_fields(
                facts, erp, said, given.get("accounting_periods")
            )
        case = build_case(
            facts,
            entry,
            at=self.at,
            actor=self.actor,
            policy=self.policy,
            erp=erp,
            holder=self.numbers.find_holder(entry, facts),
            given={
                **_PROMPTED,
                "version_seen": entry.version,
                "mapped": self.mapped.find(self.to[entry.id], facts),
                "unmapped": self.mapped.list_missing(self.to[entry.id], facts),
                "erp_number_uses": find_number_uses(
                    self.find_numbers, facts, given.get("erp_number"), self.connections.redaction
                ),
                **self.connections.describe_missing(self.to[entry.id]),
                **given,
            },
        )
        if facts is not None or self.action in WITHOUT_FACTS:
            return _drop_document_denial(decide(self.action, case))
        return decide_without_facts(self.action, case)


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
    find_numbers: Numbers | None,
) -> list[Result]:
    """Return the decision for each id, with at most three queries and one call of ``facts``."""
    entries = {entry.id: entry for entry in store.entries(ids)}
    asked = ask_facts(facts, ids, connections.redaction, propagate=True)
    to = {entry.id: connection or entry.connection for entry in entries.values()}
    mapped = find_mapped_ids(
        action, ((to[key], case) for key, case in asked.cases.items()), connections
    )
    numbers = find_number_holders(
        action,
        [entry for key, entry in entries.items() if key in asked.cases],
        asked.cases,
        lambda entry: to[entry.id],
        connections=connections,
        mapped=mapped,
        find_number=lambda entry: (
            given.get("erp_number") or (entry.acceptance.number if entry.acceptance else None)
        ),
        slot_holders=store.find_slot_holders,
        read=store.entries,
    )
    inquiry = _Inquiry(
        action=action,
        actor=actor,
        policy=policy,
        at=at,
        given=given,
        cases=asked.cases,
        problems=asked.problems,
        connections=connections,
        to=to,
        numbers=numbers,
        mapped=mapped,
        find_numbers=find_numbers,
    )
    verdicts = {key: inquiry.find_verdict(entry) for key, entry in entries.items()}
    return [Result(key, verdicts[key], redact_entry(entries[key], verdicts[key])) for key in ids]


def _drop_document_denial(verdict: Verdict) -> Verdict:
    """
    Return the verdict without the denial ``document.missing``.

    A host may ask without having built an export document; only the action itself needs one.
    """
    denials = tuple(denial for denial in verdict.denials if denial.code != "document.missing")
    return verdict if len(denials) == len(verdict.denials) else Verdict(denials, verdict.notices)

"""One attempt on each of many entries, inside one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ..documents import POLICY
from ..flow import accept, record_denial
from ..rules import has_no_level
from ..stores import ErpIdTaken, UnreadableEntry
from ..verdict import ALLOWED
from ..vocabulary import Action
from .callbacks import ask_facts, judged
from .case import (
    ASKED,
    FACTLESS,
    NOBODY,
    TAKEN,
    posed,
    shown,
    unknown_to,
    unreadable,
    unusable_to,
    without_facts,
)
from .company import of_another_company
from .number_slots import Numbers, numbers_of
from .types import Result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..documents import Actor, QueueEntry
    from ..events import AuditEvent, Change
    from ..rules import Case, Policy
    from ..stores import PeopleTransaction
    from ..verdict import Verdict
    from .company import StoredCompany
    from .connections import Lines
    from .types import Facts


#: The version that the person saw: of every entry, or by id.
Expected: TypeAlias = int | Mapping[str, int] | None


@attrs.frozen(kw_only=True)
class Said:
    """
    What may be said with every verb.

    ``expect`` is the version that the person saw: of every entry, or by id. Repeating a verb with
    its ``command`` id after a lost answer does nothing more; events keep the id behind the verb
    (``send:…``), so that one id said with two verbs is two commands. ``on`` is the host's own
    connection, with its transaction open: then nothing is begun or committed here, and the store
    may raise :class:`~erp_invoice_core.stores.NoTransaction` or
    :class:`~erp_invoice_core.stores.HostMustRetry`.
    """

    expect: Expected = None
    command: str | None = None
    on: object | None = None


#: A verb of the flow with what the person gives bound to it; called with entry and case.
Act: TypeAlias = "Callable[..., Change]"


@attrs.frozen
class Attempt:
    """
    What somebody wants to do to entries.

    Attributes:
        act: Makes the change of one entry from its case, ``at``, ``actor`` and ``command``.
        connection: Where to, if the entry does not know it yet.
        given: Facts of the case that the person gives, by entry.
    """

    action: Action
    actor: Actor
    act: Act
    expect: Expected = None
    command: str | None = None
    connection: str | None = attrs.field(default=None, kw_only=True)
    given: Callable[[QueueEntry], Mapping[str, Any]] = attrs.field(
        default=lambda _entry: {}, kw_only=True
    )

    def seen(self, entry_id: str) -> int | None:
        """Return the version that the person saw of that entry, if said."""
        return self.expect.get(entry_id) if isinstance(self.expect, Mapping) else self.expect


@attrs.define
class _Desk:
    """What the attempts of one transaction share."""

    transaction: PeopleTransaction
    lines: Lines
    policy: Policy
    at: datetime
    cases: Mapping[str, Case] | None
    events: list[AuditEvent]
    numbers: Numbers
    has_content: bool
    company_id: str | None
    problems: Mapping[str, str]

    def case(
        self,
        entry: QueueEntry,
        attempt: Attempt,
        actor: Actor,
        connection: str | None,
        given: Mapping[str, Any],
    ) -> Case:
        """Return the whole case of an entry."""
        case = (self.cases or {}).get(entry.id)
        return posed(
            case,
            entry,
            at=self.at,
            actor=actor,
            policy=self.policy,
            erp=self.lines.declaration(connection),
            holder=self.numbers.holder(entry, case),
            given={
                "version_seen": attempt.seen(entry.id),
                "has_content": self.has_content,
                **given,
            },
        )

    def save(self, change: Change) -> Change:
        """Keep a change; one whose ERP id belongs to another entry is refused."""
        if change.after.holdings == change.before.holdings:
            self.transaction.save(change)
            self.events.append(change.event)
            return change
        try:
            with self.transaction.item():
                self.transaction.save(change)
        except ErpIdTaken:
            change = record_denial(
                change.action,
                change.before,
                TAKEN,
                at=change.at,
                actor=change.actor,
                facts=change.facts,
                command=change.command,
            )
            self.transaction.save(change)
        self.events.append(change.event)
        return change

    def one(self, entry: QueueEntry, attempt: Attempt) -> tuple[Verdict, QueueEntry]:
        """Return the answer for one entry, and the entry as it is then."""
        command, actor = attempt.command, attempt.actor
        if isinstance(entry, UnreadableEntry):
            return unreadable(entry, actor, self.policy), entry
        if command and self.transaction.answered(command, entry.id) is not None:
            return NOBODY if has_no_level(actor, self.policy) else ALLOWED, entry
        if self.is_unknown(entry):
            return unknown_to(actor, self.policy), entry
        change = self.save(self._judged(entry, attempt))
        after = change.after
        if change.verdict and self.policy.direct_export and attempt.action in _SENDS:
            after = self._accept_directly(after, attempt)
        return change.verdict, after

    def is_unknown(self, entry: QueueEntry) -> bool:
        """Return whether neither the host's facts nor the queue know the invoice."""
        is_known = self.cases is None or entry.id in self.cases or entry.id in self.problems
        return not (is_known or entry.seq)

    def _judged(self, entry: QueueEntry, attempt: Attempt) -> Change:
        """Return the change of an entry; facts that cannot be judged are refused."""
        given, connection = attempt.given(entry), attempt.connection or entry.connection

        def judge() -> Change:
            case = self.case(entry, attempt, attempt.actor, connection, given)
            return self._made(entry, case, attempt)

        if entry.id not in (self.cases or {}):
            return judge()
        made = judged(entry.id, judge, self.lines.redaction)
        return self._unusable(entry, attempt, made) if isinstance(made, str) else made

    def _unusable(self, entry: QueueEntry, attempt: Attempt, why: str) -> Change:
        """Return the refusal of an attempt whose facts cannot be used."""
        at, actor, command = self.at, attempt.actor, attempt.command
        no = unusable_to(actor, self.policy, entry.id, why)
        return record_denial(attempt.action, entry, no, at=at, actor=actor.id, command=command)

    def _made(self, entry: QueueEntry, case: Case, attempt: Attempt) -> Change:
        """Return what the attempt makes of the entry; without facts some acts are refused."""
        at, actor, command = self.at, attempt.actor, attempt.command
        if entry.id in self.problems:
            return self._unusable(entry, attempt, self.problems[entry.id])
        if entry.id in (self.cases or {}) or attempt.action in FACTLESS:
            made = attempt.act(entry, case, at=at, actor=actor, command=command)
            return self._of_one_company(made, case) if attempt.action in _SENDS else made
        verdict = without_facts(attempt.action, case)
        return record_denial(attempt.action, entry, verdict, at=at, actor=actor.id, command=command)

    def _of_one_company(self, made: Change, case: Case) -> Change:
        """Return the change of a sending, refused where the document is another company's."""
        if not made.verdict or case.document is None:
            return made
        verdict = of_another_company(case.document, self.company_id)
        if verdict is None:
            self.company_id = case.document.company_id
            return made
        at, command = made.at, made.command
        return record_denial(
            made.action, made.before, verdict, at=at, actor=made.actor, command=command
        )

    def _accept_directly(self, entry: QueueEntry, attempt: Attempt) -> QueueEntry:
        """Accept by the policy; where that needs fields of a person, it stays ready."""
        given: dict[str, Any] = {"version_seen": None, "export_fields": {}}

        def judge() -> Change:
            case = self.case(entry, attempt, POLICY, entry.connection, given)
            return accept(entry, case, at=self.at, actor=POLICY, fields={})

        change = judged(entry.id, judge, self.lines.redaction)
        return entry if isinstance(change, str) or not change.verdict else self.save(change).after


_SENDS = frozenset({Action.SEND, Action.RESEND})


def attempts(
    transaction: PeopleTransaction,
    ids: Sequence[str],
    attempt: Attempt,
    *,
    facts: Facts,
    lines: Lines,
    policy: Policy,
    clock: Callable[[], datetime],
    read: Callable[[Sequence[str]], Sequence[QueueEntry]],
    events: list[AuditEvent],
    has_content: bool,
    company: StoredCompany,
) -> list[Result]:
    """Lock the entries, ask the facts, decide and save each; answers in the order of the ids."""
    entries = transaction.entries(ids)
    wanted = [each for each in ids if attempt.action in ASKED or not entries[each].seq]
    asked = None
    if wanted and attempt.action is not Action.IMPORT:
        asked = ask_facts(facts, wanted, lines.redaction, propagate=True)
    cases = None if asked is None else asked.cases
    problems = {} if asked is None else asked.problems
    numbers = numbers_of(
        attempt.action,
        entries.values(),
        cases or {},
        lambda entry: attempt.connection or entry.connection,
        lines=lines,
        slot_holders=transaction.slot_holders,
        read=read,
    )
    company_id = company.find() if attempt.action in _SENDS and ids else None
    desk = _Desk(
        transaction,
        lines,
        policy,
        clock(),
        cases,
        events,
        numbers,
        has_content,
        company_id,
        problems,
    )
    results = []
    for entry_id in ids:
        verdict, entries[entry_id] = desk.one(entries[entry_id], attempt)
        numbers.saw(entries[entry_id])
        results.append(Result(entry_id, verdict, shown(entries[entry_id], verdict)))
    transaction.discard([each for each in entries if desk.is_unknown(entries[each])])
    return results

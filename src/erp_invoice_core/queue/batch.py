"""Execution of a command on a batch of entries in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ..documents import POLICY
from ..flow import accept, record_denial
from ..rules import has_no_level
from ..rules.proposed_fields import complete_fields
from ..stores import ErpIdTaken, UnreadableEntry
from ..verdict import ALLOWED
from ..vocabulary import Action
from .callbacks import FactsAnswer, ask_facts, decide_contained
from .case import (
    ASKS_FACTS,
    ERP_ID_TAKEN,
    STRANGER_VERDICT,
    WITHOUT_FACTS,
    build_case,
    decide_without_facts,
    deny_unknown,
    deny_unreadable,
    deny_unusable,
    redact_entry,
)
from .company import check_company
from .mapped_ids import MappedIds, find_mapped_ids
from .number_slots import NumberHolders, find_number_holders
from .number_uses import find_number_uses
from .types import Result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..adapters.redaction import Redaction
    from ..documents import Actor, QueueEntry
    from ..events import AuditEvent, Change
    from ..rules import Case, Policy
    from ..stores import PeopleTransaction
    from ..verdict import Verdict
    from .company import StoredCompany
    from .connections import ErpConnections
    from .types import Facts, Numbers


#: The version that the person has seen, of every entry or by id.
Expected: TypeAlias = int | Mapping[str, int] | None


@attrs.frozen(kw_only=True)
class CommandOptions:
    """
    The options that the queue's methods for actions share.

    Attributes:
        expect: The version that the person has seen, one for all entries or by entry id. An entry
            with another version is denied.
        command: An id of the caller for this command. A repetition with the same id, such as after
            a lost answer, has no further effect. The action is part of the stored id (``send:…``),
            so the same id with two actions is two commands.
        on: A database connection of the host with an open transaction. Then the queue begins and
            commits nothing, and the store may raise
            :class:`~erp_invoice_core.stores.NoTransaction` or
            :class:`~erp_invoice_core.stores.HostMustRetry`.
    """

    expect: Expected = None
    command: str | None = None
    on: object | None = None


#: A function of flow with the person's arguments bound; called with entry and case.
Act: TypeAlias = "Callable[..., Change]"


@attrs.frozen
class Command:
    """
    An action of an actor on entries.

    Attributes:
        act: Builds the change of an entry from the entry, its case, ``at``, ``actor`` and
            ``command`` id.
        expect: The version that the person has seen, one for all entries or by entry id.
        connection: The ERP connection, if the command names one, as ``send`` does.
        given: Returns the facts about an entry that the person gives, such as a reason.
    """

    action: Action
    actor: Actor
    act: Act
    expect: Expected = None
    command_id: str | None = None
    connection: str | None = attrs.field(default=None, kw_only=True)
    given: Callable[[QueueEntry], Mapping[str, Any]] = attrs.field(
        default=lambda _entry: {}, kw_only=True
    )

    def find_version_seen(self, entry_id: str) -> int | None:
        """Return the version of the entry that the person has seen, or ``None``."""
        return self.expect.get(entry_id) if isinstance(self.expect, Mapping) else self.expect

    def choose_connection(self, entry: QueueEntry) -> str | None:
        """Return the ERP connection to which the entry goes: the command's, else the entry's."""
        return self.connection or entry.connection


@attrs.define
class Batch:
    """The transaction, the facts and the settings that all entries of one command share."""

    transaction: PeopleTransaction
    connections: ErpConnections
    policy: Policy
    at: datetime
    cases: Mapping[str, Case] | None
    events: list[AuditEvent]
    numbers: NumberHolders
    mapped: MappedIds
    has_content: bool
    company_id: str | None
    problems: Mapping[str, str]
    redaction: Redaction
    find_numbers: Numbers | None

    def build_case(
        self,
        entry: QueueEntry,
        command: Command,
        actor: Actor,
        connection: str | None,
        given: Mapping[str, Any],
    ) -> Case:
        """
        Return the case of an entry with the facts of the host, the entry, the actor and the ERP.

        ``connection`` names the ERP connection to which the invoice goes. ``given`` has the facts
        that the person gives.
        """
        case = (self.cases or {}).get(entry.id)
        erp = self.connections.find_declaration(connection)
        if case is not None and "export_fields" in given and command.action in _CONSENTS:
            fields = complete_fields(
                case, erp, given["export_fields"], given.get("accounting_periods")
            )
            given = {**given, "export_fields": fields}
        return build_case(
            case,
            entry,
            at=self.at,
            actor=actor,
            policy=self.policy,
            erp=erp,
            holder=self.numbers.find_holder(entry, case),
            given={
                "version_seen": command.find_version_seen(entry.id),
                "has_content": self.has_content,
                "mapped": self.mapped.find(connection, case),
                "unmapped": self.mapped.list_missing(connection, case),
                "erp_number_uses": find_number_uses(
                    self.find_numbers, case, given.get("erp_number"), self.redaction
                ),
                **self.connections.describe_missing(connection),
                **given,
            },
        )

    def save(self, change: Change) -> Change:
        """
        Store a change and return it; if another entry owns its ERP id, store a denial instead.

        The event of the stored change is added to the batch's events.
        """
        if change.after.holdings == change.before.holdings:
            self.transaction.save(change)
            self.events.append(change.event)
            return change
        try:
            with self.transaction.savepoint():
                self.transaction.save(change)
        except ErpIdTaken:
            change = record_denial(
                change.action,
                change.before,
                ERP_ID_TAKEN,
                at=change.at,
                actor=change.actor,
                facts=change.facts,
                command=change.command,
            )
            self.transaction.save(change)
        self.events.append(change.event)
        return change

    def run_one(self, entry: QueueEntry, command: Command) -> tuple[Verdict, QueueEntry]:
        """Return the verdict for an entry, and the entry after the command."""
        command_id, actor = command.command_id, command.actor
        if isinstance(entry, UnreadableEntry):
            return deny_unreadable(entry, actor, self.policy), entry
        if command_id and self.transaction.find_answer(command_id, entry.id) is not None:
            return STRANGER_VERDICT if has_no_level(actor, self.policy) else ALLOWED, entry
        if self.is_unknown(entry):
            return deny_unknown(actor, self.policy), entry
        change = self.save(self._decide(entry, command))
        after = change.after
        if change.verdict and self.policy.direct_export and command.action in _SENDS:
            after = self._accept_directly(after, command)
        return change.verdict, after

    def is_unknown(self, entry: QueueEntry) -> bool:
        """Return whether neither the host's facts nor the queue know the invoice."""
        is_known = self.cases is None or entry.id in self.cases or entry.id in self.problems
        return not (is_known or entry.seq)

    def _decide(self, entry: QueueEntry, command: Command) -> Change:
        """
        Return the change that a command makes to an entry, or one that only records its denial.

        The command is also denied if the host's facts raise an exception.
        """
        given, connection = command.given(entry), command.choose_connection(entry)

        def judge() -> Change:
            case = self.build_case(entry, command, command.actor, connection, given)
            return self._apply(entry, case, command)

        if entry.id not in (self.cases or {}):
            return judge()
        made = decide_contained(entry.id, judge, self.redaction)
        return self._deny_unusable(entry, command, made) if isinstance(made, str) else made

    def _deny_unusable(self, entry: QueueEntry, command: Command, why: str) -> Change:
        """Return a change that records a denial, because the host's facts cannot be used."""
        at, actor, command_id = self.at, command.actor, command.command_id
        no = deny_unusable(actor, self.policy, entry.id, why)
        return record_denial(command.action, entry, no, at=at, actor=actor.id, command=command_id)

    def _apply(self, entry: QueueEntry, case: Case, command: Command) -> Change:
        """
        Return the change that the command makes, or one that records its denial.

        It is denied if the host's facts cannot be used, or are missing although the action needs
        them.
        """
        at, actor, command_id = self.at, command.actor, command.command_id
        if entry.id in self.problems:
            return self._deny_unusable(entry, command, self.problems[entry.id])
        if entry.id in (self.cases or {}) or command.action in WITHOUT_FACTS:
            made = command.act(entry, case, at=at, actor=actor, command=command_id)
            return self._check_company(made, case) if command.action in _SENDS else made
        verdict = decide_without_facts(command.action, case)
        return record_denial(
            command.action, entry, verdict, at=at, actor=actor.id, command=command_id
        )

    def _check_company(self, made: Change, case: Case) -> Change:
        """Return the change, or its denial if the export document is of another company."""
        if not made.verdict or case.document is None:
            return made
        verdict = check_company(case.document, self.company_id)
        if verdict is None:
            self.company_id = case.document.company_id
            return made
        at, command_id = made.at, made.command
        return record_denial(
            made.action, made.before, verdict, at=at, actor=made.actor, command=command_id
        )

    def _accept_directly(self, entry: QueueEntry, command: Command) -> QueueEntry:
        """
        Accept a sent entry in the name of the policy, and return the entry after that.

        If the acceptance is denied, such as for a missing export field, the entry stays ready.
        """
        given: dict[str, Any] = {"version_seen": None, "export_fields": {}}

        def judge() -> Change:
            case = self.build_case(entry, command, POLICY, entry.connection, given)
            fields = case.export_fields or {}
            return accept(entry, case, at=self.at, actor=POLICY, fields=fields)

        change = decide_contained(entry.id, judge, self.redaction)
        return entry if isinstance(change, str) or not change.verdict else self.save(change).after


_SENDS = frozenset({Action.SEND, Action.RESEND})
#: The actions that accept: a person's, and the policy's in the transaction of a send.
_CONSENTS = _SENDS | {Action.ACCEPT}
#: The actions that need a free number slot, and leave it to the export to take it.
_TAKES_NO_SLOT = _SENDS | {Action.ACCEPT}


def run_command(
    transaction: PeopleTransaction,
    ids: Sequence[str],
    command: Command,
    *,
    facts: Facts,
    connections: ErpConnections,
    policy: Policy,
    clock: Callable[[], datetime],
    read: Callable[[Sequence[str]], Sequence[QueueEntry]],
    events: list[AuditEvent],
    has_content: bool,
    company: StoredCompany,
    expects_free: bool,
    find_numbers: Numbers | None,
) -> list[Result]:
    """
    Lock the entries, ask for facts, decide and save; return results in the order of ids.

    Args:
        transaction: The open transaction.
        ids: The entries.
        command: The command.
        facts: The callable of the host that returns cases.
        connections: The ERP connections.
        policy: The company's settings for the rules.
        clock: Returns the current time.
        read: Returns other entries from the store.
        events: The events of the saved changes are added to it.
        has_content: True if the host opens the content of attachments.
        company: Finds the company whose invoices the store has.
        expects_free: True to save queries by expecting that sent entries are new and that number
            slots are free; the store raises :class:`EntryChanged` if they are not. Commands that
            take a slot do not expect it to be free.
        find_numbers: The callable of the host that finds invoice numbers like a typed one, if any.
    """
    # An invoice that is sent is usually new (line 4f).
    is_new = expects_free and command.action is Action.SEND
    entries = transaction.expect_new(ids) if is_new else transaction.entries(ids)
    redaction = connections.redaction
    asked = _ask_needed_facts(command, entries, ids, facts, redaction)
    cases = None if asked is None else asked.cases
    problems = {} if asked is None else asked.problems
    mapped = find_mapped_ids(
        command.action,
        ((command.choose_connection(entries[key]), case) for key, case in (cases or {}).items()),
        connections,
    )
    numbers = find_number_holders(
        command.action,
        entries.values(),
        cases or {},
        command.choose_connection,
        connections=connections,
        mapped=mapped,
        find_number=lambda entry: command.given(entry).get("erp_number"),
        slot_holders=transaction.expect_free
        if expects_free and command.action in _TAKES_NO_SLOT
        else transaction.find_slot_holders,
        read=read,
    )
    company_id = company.find() if command.action in _SENDS and ids else None
    batch = Batch(
        transaction,
        connections,
        policy,
        clock(),
        cases,
        events,
        numbers,
        mapped,
        has_content,
        company_id,
        problems,
        redaction,
        find_numbers,
    )
    results = []
    for entry_id in ids:
        verdict, entries[entry_id] = batch.run_one(entries[entry_id], command)
        numbers.update(entries[entry_id])
        results.append(Result(entry_id, verdict, redact_entry(entries[entry_id], verdict)))
    transaction.discard([each for each in entries if batch.is_unknown(entries[each])])
    return results


def _ask_needed_facts(
    command: Command,
    entries: Mapping[str, QueueEntry],
    ids: Sequence[str],
    facts: Facts,
    redaction: Redaction,
) -> FactsAnswer | None:
    """Ask the host for the facts that the command needs; ``None`` if it needs none."""
    wanted = [each for each in ids if command.action in ASKS_FACTS or not entries[each].seq]
    if not wanted or command.action is Action.IMPORT:
        return None
    return ask_facts(facts, wanted, redaction, propagate=True)

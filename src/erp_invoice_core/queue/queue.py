"""The export queue that a host calls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from ..adapters.containment import watch_handlers
from ..documents import WORKER, QueueEntry
from ..flow import (
    accept,
    ask_withdrawal,
    import_synced,
    reject,
    resolve,
    retrieve,
    retry,
    send,
    unlink,
)
from ..rules import Case, Policy
from ..rules.conditions.condition import CONSENTING
from ..rules.erp_number import ERP_NUMBER
from ..stores import EntryChanged, Verification, verify
from ..stores.page_bounds import bound_limit, bound_position
from ..vocabulary import Action
from .accounting_periods import read_period_facts
from .arguments import (
    add_number,
    add_terms,
    check_actor,
    check_command,
    check_expect,
    check_fields,
    check_ids,
    check_parts,
    merge_malformed,
    select_well_formed,
)
from .attachments import check_content
from .batch import Command, CommandOptions, run_command
from .callbacks import contain_observer
from .case import build_given_facts, build_gone_facts, find_gone_ids, read_documents
from .company import StoredCompany
from .connections import ErpConnections
from .types import check_clock, choose_wall_clock
from .why_not import find_verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from ..adapters import Adapters, Connections
    from ..documents import AccountingPeriod, Actor
    from ..events import AuditEvent, Change
    from ..flow import Resolution
    from ..flow.reconcile import Reconciliation
    from ..stores import Store, Stored
    from .attachments import Attachments
    from .batch import Act, Expected
    from .case import Answers
    from .types import Facts, Numbers, Result


_POLICY = Policy()


#: The names of the facts of a case.
_FACTS = frozenset(attrs.fields_dict(Case))


def _check_question(actor: Actor, action: object, given: Mapping[str, object]) -> None:
    check_actor(actor)
    if not isinstance(action, Action):
        msg = f"action must be an Action, as Action.SEND, and not {action!r}."
        raise TypeError(msg)
    for name in given:
        if name not in _FACTS:
            msg = f"why_not has no argument {name!r}. It takes connection, and the facts of a Case."
            raise TypeError(msg)


class ExportQueue:
    """
    The export queue that a host calls, with a method for each action of people.

    A method such as :meth:`send` takes one or many invoices; an error of one does not affect the
    others. It returns a :class:`Result` for each id, in order, and also records denied actions.
    The options ``expect``, ``command`` and ``on`` are described in
    :class:`~erp_invoice_core.queue.batch.CommandOptions`.
    """

    def __init__(
        self,
        store: Store,
        adapters: Adapters | Connections,
        facts: Facts,
        policy: Policy = _POLICY,
        clock: Callable[[], datetime] | None = None,
        *,
        observe: Callable[[AuditEvent], None] | None = None,
        attachments: Attachments | None = None,
        numbers: Numbers | None = None,
    ) -> None:
        """
        Create a queue with its store, its connections and the callables of its host.

        Args:
            store: The store of entries and events.
            adapters: The company's connections, or adapters that need no settings.
            facts: A callable of the host that returns cases by invoice id.
            policy: The company's settings for the rules.
            clock: Returns the current time with its UTC offset; by default that of the store.
            attachments: A callable of the host that opens the content of an attachment; without it
                no file is sent.
            numbers: A callable of the host that returns the invoices of a vendor whose numbers look
                like one that an approver types. Without it, only invoices whose numbers look like
                the invoice's own are known.
            observe: Called with each event after its commit (on a host's connection, after its
                write). An exception of it is logged and has no effect.

        Raises:
            TypeError: An argument has the wrong type.
        """
        check_parts(
            store=store,
            adapters=adapters,
            facts=facts,
            policy=policy,
            clock=clock,
            observe=observe,
            attachments=attachments,
            numbers=numbers,
        )
        self.store = store
        self.company = StoredCompany(store)
        self.connections = ErpConnections(adapters)
        self.facts = facts
        self.policy = policy
        self.clock = store.clock if clock is None else check_clock(clock)
        self.content = None if attachments is None else check_content(attachments)
        self.numbers = numbers
        self.observe = contain_observer(observe, lambda: self.connections.redaction)

    def why_not(
        self,
        ids: Sequence[str],
        actor: Actor,
        action: Action = Action.SEND,
        *,
        connection: str | None = None,
        **given: Any,  # noqa: ANN401 - facts of the case, which its constructor checks
    ) -> list[Result]:
        """
        Return for each id whether the action is allowed, and every reason why not.

        It records nothing and does not ask the ERP. Values for which a person is prompted, such as
        a reason, count as given. For any number of ids it needs two queries, or three if numbers
        are in use twice, and one call of ``facts``. It reads committed entries, and not changes in
        an open transaction of the host.

        To have an accounting date proposed and checked, pass ``accounting_periods``, the result of
        the method of that name, and only ids of invoices of that connection. To have the ERP's own
        reasons too, pass the facts that :meth:`consent_facts` returns for one invoice, and only its
        id.

        Raises:
            TypeError: An argument is not a fact of a case, or the ids, the actor or the action have
                the wrong type.
        """
        named = check_ids(ids)
        _check_question(actor, action, given)
        Case(**given)  # raises for a value that is not valid, before the host is asked
        found = find_verdicts(
            select_well_formed(named),
            action,
            store=self.store,
            facts=self.facts,
            connections=self.connections,
            policy=self.policy,
            at=self.clock(),
            actor=actor,
            connection=connection,
            given={"has_content": self.content is not None, **given},
            find_numbers=self.numbers,
        )
        return merge_malformed(named, found, actor, self.policy)

    def accounting_periods(self, connection: str) -> tuple[AccountingPeriod, ...] | None:
        """
        Return the accounting periods of a connection, read from its ERP now.

        The result is ``None`` if they are not known: the ERP takes no accounting date, its adapter
        has no hook for periods, or the ERP cannot be read, which logs a warning.
        """
        found: tuple[AccountingPeriod, ...] | None = self.period_facts(connection)[
            "accounting_periods"
        ]
        return found

    def period_facts(self, connection: str) -> dict[str, Any]:
        """
        Return the facts about the accounting periods of a connection, read from its ERP now.

        Pass them to :meth:`why_not` about an acceptance. They are ``accounting_periods``, and
        ``periods_unread``, the reason if the periods could not be read.
        """
        return read_period_facts(self.connections, connection)

    def consent_facts(
        self, ids: Sequence[str], actor: Actor, action: Action = Action.ACCEPT
    ) -> dict[str, dict[str, Any]]:
        """
        Return the facts that ERPs state about a person's action, asked now, by invoice id.

        Pass the facts of an invoice to :meth:`why_not` about it. For an acceptance or a retry they
        are those of :meth:`period_facts` and of the adapter's check; for an unlink they say whether
        the documents are gone, and which payments there are. For another action there are none.
        :meth:`accept`, :meth:`retry` and :meth:`unlink` ask by themselves.
        """
        named = select_well_formed(check_ids(ids))
        _check_question(actor, action, {})
        if action is Action.UNLINK:
            with watch_handlers():
                return {each.id: self._find_unlink_facts(each) for each in self.entries(named)}
        if action not in CONSENTING:
            return {id_: {} for id_ in named}

        def build_given(entry: QueueEntry) -> Mapping[str, Any]:
            accepted = entry.acceptance if action is Action.RETRY else None
            fields, number = (accepted.fields, accepted.number) if accepted else ({}, None)
            return {"export_fields": fields, "erp_number": number}

        with watch_handlers():
            command = self._ask_erps(Command(action, actor, accept, given=build_given), named)
        return {entry.id: dict(command.given(entry)) for entry in self.store.entries(named)}

    def guard(self, ids: Sequence[str], *, on: object | None) -> list[QueueEntry]:
        """
        Lock entries in the host's transaction, as sending does, and return their current state.

        A host calls it in the transaction of every edit, status change and delete of an invoice,
        so that the invoice cannot be sent at the same time.

        Args:
            ids: The invoices.
            on: The host's database connection, with an open transaction.
        """
        named = check_ids(ids)
        with self.store.people(on) as transaction:
            entries = transaction.entries(select_well_formed(named))
        return [entries.get(key) or QueueEntry(id=key) for key in named]

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """
        Return the entries with these ids, in their order, or a page of all, ordered by id.

        Args:
            ids: The invoices; ``None`` for a page of all entries.
            after: Only entries with a larger id. For the next page, give the id of the last entry
                of this one.
            limit: The most entries of a page; ``None`` for all.

        Raises:
            TypeError: The ids have the wrong type, or ``limit`` is neither a whole number nor
                ``None``.
            ValueError: ``limit`` is negative.
        """
        named = None if ids is None else check_ids(ids)
        return self.store.entries(named, after=after, limit=bound_limit(limit))

    def history(
        self, entry_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[AuditEvent]:
        """
        Return the events of an entry, oldest first.

        Args:
            entry_id: The invoice.
            after: Only events with a larger ``seq``. For the next page, give the ``seq`` of the
                last event of this one.
            limit: The most events to return; ``None`` for all.

        Raises:
            TypeError: ``after`` or ``limit`` is not a whole number.
            ValueError: ``after`` or ``limit`` is negative.
        """
        after, limit = bound_position("after", after), bound_limit(limit)
        return self.store.events(entry_id, after=after, limit=limit)

    def changes(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """
        Return at most ``limit`` committed events after a place in the change feed, oldest first.

        A consumer that continues after the last place misses no event.

        Raises:
            TypeError: ``after`` or ``limit`` is not a whole number.
            ValueError: ``after`` or ``limit`` is negative.
        """
        after, limit = bound_position("after", after), bound_position("limit", limit)
        return self.store.feed(after, limit)

    def verify(self) -> Verification:
        """Verify the hash chains of all events, and compare them with the entries."""
        return verify(self.store.chains())

    def reconcile(
        self, ids: Sequence[str] | None, actor: Actor, *, connection: str | None = None
    ) -> Iterator[Reconciliation]:
        """
        Compare synced invoices with their documents and payments in the ERP, one after another.

        Nothing in the ERP is changed. Drift and payments that are new since the last time are
        recorded as an event of the invoice. A document that cannot be read is reported, and makes
        no event. :func:`~erp_invoice_core.tie_out` adds the invoices up. The next invoice is read
        when the iterator is asked for it.

        Args:
            ids: The invoices, without repetitions; ``None`` for every synced one that the person
                may see.
            actor: The person.
            connection: Only the invoices of this connection; without ids.

        Raises:
            TypeError: The ids or the actor have the wrong type.
            ValueError: Ids and a connection are given.
        """
        from .reconcile import Reconciler  # noqa: PLC0415 - other verbs need no client of the ERP

        check_actor(actor)
        named = None if ids is None else check_ids(ids)
        if named is not None and connection is not None:
            msg = "Give the ids of invoices or a connection, not both."
            raise ValueError(msg)
        run = Reconciler(
            store=self.store,
            facts=self.facts,
            connections=self.connections,
            policy=self.policy,
            clock=self.clock,
            observe=self.observe,
            actor=actor,
        )
        return run.run_all(connection) if named is None else run.run(named)

    def _run_command(
        self,
        action: Action,
        ids: Sequence[str],
        actor: Actor,
        act: Act,
        options: CommandOptions,
        **more: Any,  # noqa: ANN401 - fields of the command, which its constructor checks
    ) -> list[Result]:
        named = check_ids(ids)
        check_actor(actor)
        expect = check_expect(options.expect, named)
        given_id = check_command(options.command)
        command_id = f"{action.value}:{given_id}" if given_id else None
        command = Command(action, actor, act, expect, command_id, **more)
        with watch_handlers():
            if action in CONSENTING and options.on is None:
                command = self._ask_erps(command, named)
            try:
                results, events = self._run_once(named, command, options, expects_free=True)
            except EntryChanged:  # a number is in use, or an entry that is sent is not new
                results, events = self._run_once(named, command, options, expects_free=False)
            for event in events:
                self.observe(event)
        return merge_malformed(named, results, actor, self.policy)

    def _ask_erps(self, command: Command, named: Sequence[str]) -> Command:
        """Return the command, to which the facts that the ERPs of its entries state are added."""
        if not self.connections.can_ask_before_consent():
            return command
        from .erp_check import ErpInquiry  # noqa: PLC0415 - needed for an ERP with such a hook alone

        inquiry = ErpInquiry(
            store=self.store,
            facts=self.facts,
            connections=self.connections,
            policy=self.policy,
            clock=self.clock,
            wall=choose_wall_clock(self.clock, self.store.clock),
            content=self.content,
        )
        stated = inquiry.ask(command, select_well_formed(named))
        return attrs.evolve(
            command, given=lambda entry: {**command.given(entry), **stated.find(entry)}
        )

    def _run_once(
        self, named: Sequence[str], command: Command, options: CommandOptions, *, expects_free: bool
    ) -> tuple[list[Result], list[AuditEvent]]:
        """Run a command in one transaction; return its results and its committed events."""
        events: list[AuditEvent] = []
        with self.store.people(options.on) as transaction:
            results = run_command(
                transaction,
                select_well_formed(named),
                command,
                facts=self.facts,
                connections=self.connections,
                policy=self.policy,
                clock=self.clock,
                read=self.store.entries,
                events=events,
                has_content=self.content is not None,
                company=self.company,
                expects_free=expects_free,
                find_numbers=self.numbers,
            )
        return results, events

    def send(
        self,
        ids: Sequence[str],
        actor: Actor,
        *,
        connection: str,
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """Send invoices to a connection; with direct export, also accept them."""
        act = partial(send, action=Action.SEND, connection=connection)
        return self._run_command(
            Action.SEND,
            ids,
            actor,
            act,
            CommandOptions(expect=expect, command=command, on=on),
            connection=connection,
        )

    def resend(
        self,
        ids: Sequence[str],
        actor: Actor,
        *,
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """Send rejected invoices again, to the same connection."""
        act = partial(send, action=Action.RESEND)
        return self._run_command(
            Action.RESEND, ids, actor, act, CommandOptions(expect=expect, command=command, on=on)
        )

    def retrieve(
        self,
        ids: Sequence[str],
        actor: Actor,
        *,
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """Take back sent invoices before the approver has accepted or rejected them."""
        return self._run_command(
            Action.RETRIEVE,
            ids,
            actor,
            retrieve,
            CommandOptions(expect=expect, command=command, on=on),
        )

    def accept(
        self,
        ids: Sequence[str],
        actor: Actor,
        *,
        fields: Mapping[str, str] | None = None,
        due_date: date | None = None,
        terms: str | None = None,
        number: str | None = None,
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """
        Accept sent invoices for export, with the extra fields that the ERP needs.

        ``due_date`` and ``terms`` are the export fields of these names. If one is not given and the
        ERP asks for it, the value that the source states is used; a blank field prevents that.
        ``number`` is another invoice number for the ERP, as the approver types it, where policy and
        ERP allow one; the invoice keeps its own.

        The ERP is asked first, outside of any transaction, as far as its adapter can answer. A
        given accounting date in a closed period is denied. If none is given and the date of the
        invoice is in a closed period, the next open day is used. The denials of the adapter's check
        deny the acceptance. If periods or check are not answered, a notice says why, and the ERP
        decides at the export. All checks of one call take 30 seconds at most; the invoices that
        are left have that notice. On a connection of the host, the ERP is not asked.

        Raises:
            ValueError: A field is given as an argument and in ``fields``, or is not valid.
        """
        named = add_number(add_terms(check_fields(fields), due_date, terms), number)
        given = {"export_fields": named, "erp_number": number}

        def act(entry: QueueEntry, case: Case, **who: Any) -> Change:  # noqa: ANN401 - arguments of the function of flow
            return accept(entry, case, fields=case.export_fields or {}, **who)

        return self._run_command(
            Action.ACCEPT,
            ids,
            actor,
            act,
            CommandOptions(expect=expect, command=command, on=on),
            given=lambda _entry: given,
        )

    def reject(
        self,
        ids: Sequence[str],
        actor: Actor,
        *,
        reason: str | None = None,
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """Reject invoices, with a reason for their senders."""
        given = {"reason": reason}
        act = partial(reject, reason=reason)
        return self._run_command(
            Action.REJECT,
            ids,
            actor,
            act,
            CommandOptions(expect=expect, command=command, on=on),
            given=lambda _entry: given,
        )

    def retry(
        self,
        ids: Sequence[str],
        actor: Actor,
        *,
        fields: Mapping[str, str] | None = None,
        number: str | None = None,
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """
        Accept failed exports again, so that a worker exports them once more.

        ``fields`` replace the accepted export fields of the same names, and a blank one removes its
        field. ``number`` is another invoice number for the ERP; without it the accepted one stays.
        With changed fields, a new attempt begins. The ERP is asked first, as :meth:`accept` does,
        except about an invoice that has documents in the ERP: the export of such an invoice only
        continues.
        """
        said = add_number(check_fields(fields), number)

        def merge_fields(entry: QueueEntry) -> dict[str, str]:
            accepted = entry.acceptance.fields if entry.acceptance else {}
            blank = {name for name, text in said.items() if not text.strip()}
            both = {**accepted, **said}
            return {name: text for name, text in both.items() if name not in blank}

        def build_given(entry: QueueEntry) -> Mapping[str, Any]:
            merged = merge_fields(entry)
            accepted = entry.acceptance.number if entry.acceptance else None
            kept = accepted if ERP_NUMBER in merged else None
            return {"export_fields": merged, "erp_number": number or kept}

        def act(entry: QueueEntry, case: Case, **who: Any) -> Change:  # noqa: ANN401 - arguments of the bound function
            return retry(entry, case, fields=merge_fields(entry), **who)

        return self._run_command(
            Action.RETRY,
            ids,
            actor,
            act,
            CommandOptions(expect=expect, command=command, on=on),
            given=build_given,
        )

    def withdraw(
        self,
        ids: Sequence[str],
        actor: Actor,
        *,
        evidence: str | None = None,
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """Let a worker remove leftover documents from the ERP, or record evidence of a removal."""
        act = partial(ask_withdrawal, evidence=evidence)
        given = partial(build_given_facts, evidence=evidence)
        return self._run_command(
            Action.WITHDRAW,
            ids,
            actor,
            act,
            CommandOptions(expect=expect, command=command, on=on),
            given=given,
        )

    def rule(
        self,
        ids: Sequence[str],
        actor: Actor,
        *,
        resolution: Resolution,
        evidence: str | None,
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """
        Resolve calls in doubt, with evidence of what happened in the ERP; ``expect`` is required.

        If the resolution states that a recorded document does not exist, the document is read from
        the ERP first. On a connection of the host it is not read, and such a resolution is denied.
        After a restore of the database, absence can be stated only when no request from before the
        restore can still arrive in the ERP.
        """
        known = select_well_formed(check_ids(ids))
        entries = self.store.entries(known) if on is None else ()
        gone = {
            entry.id: find_gone_ids(self.connections, entry, resolution, evidence)
            for entry in entries
        }

        restore = self.store.restore()

        def build_given(entry: QueueEntry) -> Mapping[str, Any]:
            return build_given_facts(entry, evidence, resolution, gone.get(entry.id, ()), restore)

        act = partial(resolve, resolution=resolution, evidence=evidence)
        return self._run_command(
            Action.RULE,
            ids,
            actor,
            act,
            CommandOptions(expect=expect, command=command, on=on),
            given=build_given,
        )

    def unlink(
        self,
        ids: Sequence[str],
        actor: Actor,
        *,
        evidence: str | None = None,
        expect: Expected = None,
        command: str | None = None,
    ) -> list[Result]:
        """
        Separate synced invoices from documents that are gone from the ERP, to send them again.

        Each document and its payments are read from the ERP first, so this verb accepts no
        connection of the host. If the adapter cannot read documents, evidence is required.

        An invoice with a payment in the ERP is denied. If the adapter cannot read payments, a
        document that the ERP reports as paid is denied. If payments cannot be read now, the result
        has a notice; a payment that the last reconciliation recorded still denies it.
        """
        read: dict[str, tuple[QueueEntry, dict[str, Any]]] = {}
        for entry in self.store.entries(select_well_formed(check_ids(ids))):
            answers, paid = self._read_for_unlink(entry)
            read[entry.id] = entry, {**build_gone_facts(answers, evidence), **paid}

        def build_given(entry: QueueEntry) -> Mapping[str, Any]:
            seen, facts = read[entry.id]
            is_same = seen.holdings == entry.holdings
            given = {**facts, "evidence": evidence}
            return given if is_same else {**given, "gone": False}

        options = CommandOptions(expect=expect, command=command)
        act = partial(unlink, evidence=evidence)
        return self._run_command(Action.UNLINK, ids, actor, act, options, given=build_given)

    def _find_unlink_facts(self, entry: QueueEntry) -> dict[str, Any]:
        """Return the facts about an unlink; if no adapter reads documents, a person will say it."""
        answers, paid = self._read_for_unlink(entry)
        return paid if answers is None else {**build_gone_facts(answers, None), **paid}

    def _read_for_unlink(self, entry: QueueEntry) -> tuple[Answers | None, dict[str, Any]]:
        """Read the documents of an entry from the ERP, and the facts about their payments."""
        from .payments import read_payment_facts  # noqa: PLC0415 - only unlinking asks for payments

        receipts = [holding.receipt for holding in entry.living if holding.receipt.role]
        answers = read_documents(self.connections, entry.connection, receipts)
        return answers, read_payment_facts(self.connections, entry, self.store, answers)

    def import_synced(
        self,
        erp_ids: Mapping[str, str],
        *,
        connection: str,
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """
        Create synced entries for invoices that already have an ERP id.

        ``erp_ids`` has the id of the document in the ERP, by invoice id.
        """

        def act(entry: QueueEntry, case: Case, **who: Any) -> Change:  # noqa: ANN401 - arguments of the bound function
            erp_id = erp_ids[entry.id]
            return import_synced(entry, case, erp_id=erp_id, connection=connection, **who)

        return self._run_command(
            Action.IMPORT,
            list(erp_ids),
            WORKER,
            act,
            CommandOptions(expect=expect, command=command, on=on),
        )

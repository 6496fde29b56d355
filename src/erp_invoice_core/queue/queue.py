"""The export queue that a host calls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

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
from ..stores import Verification, verify
from ..vocabulary import Action
from .arguments import (
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
from .case import build_given_facts, find_gone_ids, is_gone
from .company import StoredCompany
from .connections import ErpConnections
from .types import check_clock
from .why_not import find_verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from ..adapters import Adapters, Connections
    from ..documents import Actor
    from ..events import AuditEvent, Change
    from ..flow import Resolution
    from ..stores import Store, Stored
    from .attachments import Attachments
    from .batch import Act, Expected
    from .types import Facts, Result


_POLICY = Policy()


#: The facts that a case has.
_FACTS = frozenset(attrs.fields_dict(Case))


def _check_question(actor: Actor, action: object, given: Mapping[str, object]) -> None:
    check_actor(actor)
    if not isinstance(action, Action):
        msg = f"Give an Action, as in Action.SEND: {action!r} is not one."
        raise TypeError(msg)
    for name in given:
        if name not in _FACTS:
            msg = f"why_not knows no {name!r}: it takes connection, and the facts of a Case."
            raise TypeError(msg)


class ExportQueue:
    """
    People's verbs, one or many ids at a time; a bad item does not affect the others.

    Every verb returns a :class:`Result` per id, in order; refused attempts are recorded too.
    The options of every verb are in :class:`~erp_invoice_core.queue.batch.CommandOptions`.
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
    ) -> None:
        """
        Bind the queue to its store, connections and host.

        Args:
            store: Where entries and events are kept.
            adapters: The company's connections, or adapters that need no settings.
            facts: The host's port: ids to cases.
            policy: The company's settings for the rules.
            clock: Returns the moment (UTC), with its offset; by default it is the store's own.
            attachments: The host's port to the content of attachments; without it no file is sent.
            observe: Called with each event once it is committed (on a host's connection: written).
                An exception of it is logged, and changes nothing.

        Raises:
            TypeError: One of them is of another type.
        """
        check_parts(
            store=store,
            adapters=adapters,
            facts=facts,
            policy=policy,
            clock=clock,
            observe=observe,
            attachments=attachments,
        )
        self.store = store
        self.company = StoredCompany(lambda limit: store.entries(limit=limit))
        self.connections = ErpConnections(adapters)
        self.facts = facts
        self.policy = policy
        self.clock = store.clock if clock is None else check_clock(clock)
        self.content = None if attachments is None else check_content(attachments)
        self.observe = contain_observer(observe, lambda: self.connections.redaction)

    def why_not(
        self,
        ids: Sequence[str],
        actor: Actor,
        action: Action = Action.SEND,
        *,
        connection: str | None = None,
        **given: Any,  # noqa: ANN401 - facts of the case, checked when it is built
    ) -> list[Result]:
        """
        Return for each id whether the action is allowed, and every reason why not.

        Nothing is recorded and the ERP is not asked; what a person is prompted for at the act
        counts as given. It takes two queries, one more where numbers are in use twice, and one
        call of ``facts``, however many the ids. Of the entries it reads what is committed: not
        what an open transaction of the host's did.

        Raises:
            TypeError: Something is asked with that is no fact of a case, or the ids, the actor or
                the action are of another type.
        """
        named = check_ids(ids)
        _check_question(actor, action, given)
        Case(**given)  # a fact that cannot be is refused whatever the host says
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
        )
        return merge_malformed(named, found, actor, self.policy)

    def guard(self, ids: Sequence[str], *, on: object | None) -> list[QueueEntry]:
        """
        Lock entries in the host's transaction, as sending does, and return their current state.

        A host calls it in the transaction of every edit, status change and delete.

        Args:
            ids: The invoices.
            on: The host's database connection, with its transaction open.
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
        """Return entries by id: the named ones in their order, or a page of all, by id."""
        named = None if ids is None else check_ids(ids)
        return self.store.entries(named, after=after, limit=limit)

    def history(self, entry_id: str) -> Sequence[AuditEvent]:
        """Return every attempt on an entry, oldest first."""
        return self.store.events(entry_id)

    def changes(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """Return committed events after a place in the feed: nothing is skipped."""
        return self.store.feed(after, limit)

    def verify(self) -> Verification:
        """Check the chains of all events against the entries."""
        return verify(self.store.chains())

    def _run_command(
        self,
        action: Action,
        ids: Sequence[str],
        actor: Actor,
        act: Act,
        options: CommandOptions,
        **more: Any,  # noqa: ANN401 - the command's own fields, checked when it is built
    ) -> list[Result]:
        named = check_ids(ids)
        check_actor(actor)
        expect = check_expect(options.expect, named)
        given_id = check_command(options.command)
        command_id = f"{action.value}:{given_id}" if given_id else None
        command = Command(action, actor, act, expect, command_id, **more)
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
            )
        for event in events:
            self.observe(event)
        return merge_malformed(named, results, actor, self.policy)

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
        """Send invoices to a connection; where direct export is on they are accepted at once."""
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
        """Send rejected invoices again, to the connection that they were sent to."""
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
        """Take sent invoices back before the approver has answered."""
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
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """Release sent invoices for export, with the extra fields that the ERP asks for."""
        given = {"export_fields": check_fields(fields)}
        act = partial(accept, fields=given["export_fields"])
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
        """Send invoices back to their senders, with a reason."""
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
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """
        Consent again to exports that failed.

        ``fields`` take the place of the export fields of the same names that were accepted; a blank
        one removes its field. Other fields than the accepted ones begin a new try.
        """
        said = check_fields(fields)

        def merge_fields(entry: QueueEntry) -> dict[str, str]:
            accepted = entry.acceptance.fields if entry.acceptance else {}
            blank = {name for name, text in said.items() if not text.strip()}
            both = {**accepted, **said}
            return {name: text for name, text in both.items() if name not in blank}

        def build_given(entry: QueueEntry) -> Mapping[str, Any]:
            return {"export_fields": merge_fields(entry)}

        def act(entry: QueueEntry, case: Case, **who: Any) -> Change:  # noqa: ANN401 - as bound
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
        """Have what was left in the ERP removed by a worker; with evidence: it was removed."""
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
        ruling: Resolution,
        evidence: str | None,
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """
        Say with evidence what happened in the ERP; ``expect`` is needed here.

        Where the ruling says that a document on record is not there, it is read by its id first;
        on the host's connection it is not, and such a ruling is denied.
        """
        known = select_well_formed(check_ids(ids))
        entries = self.store.entries(known) if on is None else ()
        gone = {
            entry.id: find_gone_ids(self.connections, entry, ruling, evidence) for entry in entries
        }

        def build_given(entry: QueueEntry) -> Mapping[str, Any]:
            return build_given_facts(entry, evidence, ruling, gone.get(entry.id, ()))

        act = partial(resolve, ruling=ruling, evidence=evidence)
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
        Part synced invoices from documents that are gone from the ERP: they can be sent anew.

        Each document is read by its id first, so this verb takes no connection of the host's.
        If the adapter cannot read it, evidence is needed.
        """
        entries = self.store.entries(select_well_formed(check_ids(ids)))
        read = {entry.id: (entry, is_gone(self.connections, entry, evidence)) for entry in entries}

        def build_given(entry: QueueEntry) -> Mapping[str, Any]:
            seen, gone = read[entry.id]
            return {"gone": gone and seen.holdings == entry.holdings, "evidence": evidence}

        options = CommandOptions(expect=expect, command=command)
        act = partial(unlink, evidence=evidence)
        return self._run_command(Action.UNLINK, ids, actor, act, options, given=build_given)

    def import_synced(
        self,
        erp_ids: Mapping[str, str],
        *,
        connection: str,
        expect: Expected = None,
        command: str | None = None,
        on: object | None = None,
    ) -> list[Result]:
        """Make entries for invoices that came with an ERP id from elsewhere: they are synced."""

        def act(entry: QueueEntry, case: Case, **who: Any) -> Change:  # noqa: ANN401 - as bound
            erp_id = erp_ids[entry.id]
            return import_synced(entry, case, erp_id=erp_id, connection=connection, **who)

        return self._run_command(
            Action.IMPORT,
            list(erp_ids),
            WORKER,
            act,
            CommandOptions(expect=expect, command=command, on=on),
        )

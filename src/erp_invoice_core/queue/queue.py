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
    checked_command,
    checked_expect,
    checked_fields,
    listed,
    well_formed,
    with_malformed,
)
from .attachments import checked_content
from .batch import Attempt, Said, attempts
from .callbacks import observed
from .case import given_for, is_gone, shown_gone
from .company import StoredCompany
from .connections import Lines
from .types import checked
from .why_not import verdicts

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
        msg = f"Give an Action, as in Action.SEND: {action!r} is none."
        raise TypeError(msg)
    for name in given:
        if name not in _FACTS:
            msg = f"why_not knows no {name!r}: it takes connection, and the facts of a Case."
            raise TypeError(msg)


class ExportQueue:
    """
    People's verbs, one or many ids at a time; one bad item never sinks the others.

    Every verb returns a :class:`Result` per id, in order; refused attempts are recorded too.
    What may be said with each verb is in :class:`~erp_invoice_core.queue.batch.Said`.
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
            policy: What the company decided for itself.
            clock: Returns the moment (UTC), with its offset; by default it is the store's own.
            attachments: The host's port to the content of attachments; without it no file is sent.
            observe: Called with each event once it is committed (on a host's connection: written).
                What it raises is logged, and changes nothing.
        """
        self.store = store
        self.company = StoredCompany(lambda limit: store.entries(limit=limit))
        self.lines = Lines(adapters)
        self.facts = facts
        self.policy = policy
        self.clock = store.clock if clock is None else checked(clock)
        self.content = None if attachments is None else checked_content(attachments)
        self.observe = observed(observe, lambda: self.lines.redaction)

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
        named = listed(ids)
        _check_question(actor, action, given)
        Case(**given)  # a fact that cannot be is refused whatever the host says
        found = verdicts(
            well_formed(named),
            action,
            store=self.store,
            facts=self.facts,
            lines=self.lines,
            policy=self.policy,
            at=self.clock(),
            actor=actor,
            connection=connection,
            given={"has_content": self.content is not None, **given},
        )
        return with_malformed(named, found, actor, self.policy)

    def guard(self, connection: object, ids: Sequence[str]) -> list[QueueEntry]:
        """
        Lock entries in the host's transaction, as sending does, and return them as they stand.

        A host calls it in the transaction of every edit, status change and delete.
        """
        named = listed(ids)
        with self.store.people(connection) as transaction:
            entries = transaction.entries(well_formed(named))
        return [entries.get(key) or QueueEntry(id=key) for key in named]

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """Return entries by id: the named ones in their order, or a page of all, by id."""
        named = None if ids is None else listed(ids)
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

    def _act(
        self,
        action: Action,
        ids: Sequence[str],
        actor: Actor,
        act: Act,
        said: Said,
        **more: Any,  # noqa: ANN401 - the attempt's own fields, checked when it is built
    ) -> list[Result]:
        named = listed(ids)
        check_actor(actor)
        expect = checked_expect(said.expect, named)
        said_command = checked_command(said.command)
        command = f"{action.value}:{said_command}" if said_command else None
        attempt = Attempt(action, actor, act, expect, command, **more)
        events: list[AuditEvent] = []
        with self.store.people(said.on) as transaction:
            results = attempts(
                transaction,
                well_formed(named),
                attempt,
                facts=self.facts,
                lines=self.lines,
                policy=self.policy,
                clock=self.clock,
                read=self.store.entries,
                events=events,
                has_content=self.content is not None,
                company=self.company,
            )
        for event in events:
            self.observe(event)
        return with_malformed(named, results, actor, self.policy)

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
        return self._act(
            Action.SEND,
            ids,
            actor,
            act,
            Said(expect=expect, command=command, on=on),
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
        return self._act(
            Action.RESEND, ids, actor, act, Said(expect=expect, command=command, on=on)
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
        return self._act(
            Action.RETRIEVE, ids, actor, retrieve, Said(expect=expect, command=command, on=on)
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
        given = {"export_fields": checked_fields(fields)}
        act = partial(accept, fields=given["export_fields"])
        return self._act(
            Action.ACCEPT,
            ids,
            actor,
            act,
            Said(expect=expect, command=command, on=on),
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
        return self._act(
            Action.REJECT,
            ids,
            actor,
            act,
            Said(expect=expect, command=command, on=on),
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
        said = checked_fields(fields)

        def merged(entry: QueueEntry) -> dict[str, str]:
            accepted = entry.acceptance.fields if entry.acceptance else {}
            blank = {name for name, text in said.items() if not text.strip()}
            both = {**accepted, **said}
            return {name: text for name, text in both.items() if name not in blank}

        def given(entry: QueueEntry) -> Mapping[str, Any]:
            return {"export_fields": merged(entry)}

        def act(entry: QueueEntry, case: Case, **who: Any) -> Change:  # noqa: ANN401 - as bound
            return retry(entry, case, fields=merged(entry), **who)

        return self._act(
            Action.RETRY,
            ids,
            actor,
            act,
            Said(expect=expect, command=command, on=on),
            given=given,
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
        given = partial(given_for, evidence=evidence)
        return self._act(
            Action.WITHDRAW,
            ids,
            actor,
            act,
            Said(expect=expect, command=command, on=on),
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
        known = well_formed(listed(ids))
        entries = self.store.entries(known) if on is None else ()
        gone = {entry.id: shown_gone(self.lines, entry, ruling, evidence) for entry in entries}

        def given(entry: QueueEntry) -> Mapping[str, Any]:
            return given_for(entry, evidence, ruling, gone.get(entry.id, ()))

        act = partial(resolve, ruling=ruling, evidence=evidence)
        return self._act(
            Action.RULE, ids, actor, act, Said(expect=expect, command=command, on=on), given=given
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
        Where nobody can read it, evidence is needed.
        """
        entries = self.store.entries(well_formed(listed(ids)))
        read = {entry.id: (entry, is_gone(self.lines, entry, evidence)) for entry in entries}

        def given(entry: QueueEntry) -> Mapping[str, Any]:
            seen, gone = read[entry.id]
            return {"gone": gone and seen.holdings == entry.holdings, "evidence": evidence}

        said = Said(expect=expect, command=command)
        act = partial(unlink, evidence=evidence)
        return self._act(Action.UNLINK, ids, actor, act, said, given=given)

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

        return self._act(
            Action.IMPORT, list(erp_ids), WORKER, act, Said(expect=expect, command=command, on=on)
        )

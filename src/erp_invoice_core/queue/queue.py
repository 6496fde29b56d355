"""The queue that a host calls: load, decide, act, save; an answer per item, in order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..documents import WORKER
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
from ..vocabulary import Action
from .acting import Attempt, Said, attempts
from .decisions import given_for
from .gone import is_gone, shown_gone
from .ids import (
    checked_actor,
    checked_command,
    checked_expect,
    checked_fields,
    listed,
    well_formed,
    with_malformed,
)
from .view import QueueView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..documents import Actor, QueueEntry
    from ..events import AuditEvent, Change
    from ..flow import Resolution
    from ..rules import Case
    from .acting import Act, Expected
    from .ports import Result

__all__ = ["ExportQueue"]


class ExportQueue(QueueView):
    """
    People's verbs, one or many ids at a time; one bad item never sinks the others.

    Every verb returns a :class:`Result` per id, in order; refused attempts are recorded too.
    What may be said with each verb is in :class:`~erp_invoice_core.queue.acting.Said`.
    """

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
        checked_actor(actor)
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

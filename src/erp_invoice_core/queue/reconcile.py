"""
Reconciliation: compare synced invoices with the ERP, and record what is new.

Entries are read in pages, so that memory does not grow with their number. The ERP is called outside
of any transaction, through a client with the time limits, the rate and the circuit breaker of its
connection. Only hooks that read are called. A document that cannot be read does not end the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from ..exchange import CannotTell
from ..flow.reconcile import (
    UNKNOWN_TO_HOST,
    KnownByHost,
    Reconciliation,
    SeenDocument,
    build_unread,
    compare_with_erp,
    list_documents,
    record_reconciliation,
)
from ..rules import decide, has_no_level
from ..stores import UnreadableEntry
from ..vocabulary import Action, ExportStatus
from .arguments import deny_malformed, select_well_formed
from .callbacks import ask_facts, decide_contained
from .case import (
    STRANGER_VERDICT,
    build_case,
    deny_unknown,
    deny_unreadable,
    deny_unusable,
)
from .client import Pacing, build_client
from .payments import find_last_seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from ..adapters import Adapter
    from ..adapters.erp_client import ErpClient
    from ..documents import Actor, QueueEntry, Receipt
    from ..events import AuditEvent
    from ..rules import Case, Policy
    from ..stores import Store
    from ..verdict import Verdict
    from .connections import ErpConnections
    from .types import Facts


#: The number of entries that are read at once.
PAGE: Final = 100


@attrs.define(kw_only=True)
class Reconciler:
    """
    One run of a reconciliation.

    Attributes:
        store: The store of entries and events.
        facts: Returns the host's cases, each with the amount paid that the host knows.
        connections: The ERP connections.
        policy: The company's settings for the rules.
        clock: Returns the current time.
        observe: Called with each event after its commit.
        actor: The person who reconciles.
        pacing: The clock and the threads of the calls.
    """

    store: Store
    facts: Facts
    connections: ErpConnections
    policy: Policy
    clock: Callable[[], datetime]
    observe: Callable[[AuditEvent], None]
    actor: Actor
    pacing: Pacing = attrs.Factory(Pacing)
    _clients: dict[str, ErpClient] = attrs.Factory(dict)

    def run_all(self, connection: str | None) -> Iterator[Reconciliation]:
        """Yield the result for each synced invoice of a connection, or of all, ordered by id."""
        after: str | None = None
        try:
            while entries := self.store.entries(after=after, limit=PAGE):
                after = entries[-1].id
                chosen = [each for each in entries if _is_chosen(each, connection)]
                for seen in self._reconcile_page(chosen):
                    if seen.verdict != STRANGER_VERDICT:  # it would say that the invoice exists
                        yield seen
        finally:
            self._close()

    def run(self, ids: Sequence[str]) -> Iterator[Reconciliation]:
        """Yield the result for each id, in order, and once if an id is repeated."""
        different = list(dict.fromkeys(ids))
        try:
            for begin in range(0, len(different), PAGE):
                yield from self._reconcile_named(different[begin : begin + PAGE])
        finally:
            self._close()

    def _reconcile_named(self, ids: Sequence[str]) -> Iterator[Reconciliation]:
        known = select_well_formed(ids)
        found = self._reconcile_page(self.store.entries(known) if known else ())
        is_stranger = has_no_level(self.actor, self.policy)
        for each in ids:
            flawed = deny_malformed(each)
            if flawed is None:
                yield next(found)
            else:
                yield Reconciliation(id=each, verdict=STRANGER_VERDICT if is_stranger else flawed)

    def _close(self) -> None:
        for client in self._clients.values():
            client.channel.close()

    def _reconcile_page(self, entries: Sequence[QueueEntry]) -> Iterator[Reconciliation]:
        ids = [each.id for each in entries if not isinstance(each, UnreadableEntry)]
        cases: Mapping[str, Case] = {}
        if ids:
            cases = ask_facts(self.facts, ids, self.connections.redaction).cases
        for entry in entries:
            case = cases.get(entry.id)
            verdict = self._decide(entry, case)
            if verdict.allowed:
                yield self._reconcile_one(entry, case)
            else:
                yield Reconciliation(id=entry.id, verdict=verdict)

    def _decide(self, entry: QueueEntry, case: Case | None) -> Verdict:
        """Return the verdict; it denies if a permission is missing or the entry is not synced."""
        if isinstance(entry, UnreadableEntry):
            return deny_unreadable(entry, self.actor, self.policy)
        if not entry.seq and case is None:
            return deny_unknown(self.actor, self.policy)

        def judge() -> Verdict:
            return decide(
                Action.RECONCILE,
                build_case(
                    # The document of the entry has the project; an imported entry has none.
                    None if entry.document is not None else case,
                    entry,
                    at=self.clock(),
                    actor=self.actor,
                    policy=self.policy,
                    erp=self.connections.find_declaration(entry.connection),
                    holder=None,
                    given={},
                ),
            )

        made = decide_contained(entry.id, judge, self.connections.redaction)
        if isinstance(made, str):
            return deny_unusable(self.actor, self.policy, entry.id, made)
        return made

    def _reconcile_one(self, entry: QueueEntry, case: Case | None) -> Reconciliation:
        known = self._find_known(entry.id, case)
        receipts = list_documents(entry)
        name = entry.connection
        adapter = self.connections.find_adapter(name)
        if adapter is None or name is None:
            return build_unread(entry, _describe_missing(entry), known)
        if not receipts:
            why = "The invoice has no document with an id in the ERP."
            return build_unread(entry, why, known)
        documents = [self._read(name, adapter, each) for each in receipts]
        seen = compare_with_erp(entry, documents, adapter.declaration, known)
        self._record(entry, seen, adapter)
        return seen

    def _find_known(self, entry_id: str, case: Case | None) -> KnownByHost:
        """
        Return the amount paid and the export document in the case of the host.

        Without a case, or if the case cannot be read, return :data:`UNKNOWN_TO_HOST`.
        """
        if case is None:
            return UNKNOWN_TO_HOST
        found = decide_contained(
            entry_id,
            lambda: KnownByHost(amount_paid=case.amount_paid, document=case.document),
            self.connections.redaction,
        )
        return UNKNOWN_TO_HOST if isinstance(found, str) else found

    def _read(self, name: str, adapter: Adapter, receipt: Receipt) -> SeenDocument:
        """
        Read the document of a receipt and its payments from the ERP.

        If the document cannot be read, the result has the reason. It has payments only if the
        adapter can read them.
        """
        if not adapter.has_read:
            why = f"{adapter.name} cannot read documents."
            return SeenDocument(receipt=receipt, answer=CannotTell(why))
        client = self._find_client(name, adapter)
        if not self._may_call(client):
            why = f"The last calls to {adapter.name} had no answer. Reconcile again later."
            return SeenDocument(receipt=receipt, answer=CannotTell(why))
        answer = client.read(receipt)
        if isinstance(answer, CannotTell) or not adapter.has_payments:
            return SeenDocument(receipt=receipt, answer=answer)
        self.pacing.sleep(client.limits.rate.find_wait())
        return SeenDocument(receipt=receipt, answer=answer, payments=client.payments(receipt))

    def _may_call(self, client: ErpClient) -> bool:
        """Return whether the circuit breaker allows a call, after a wait for the rate limiter."""
        breaker = client.limits.breaker
        if breaker.is_open and not breaker.begin_trial():
            return False
        self.pacing.sleep(client.limits.rate.find_wait())
        return True

    def _find_client(self, name: str, adapter: Adapter) -> ErpClient:
        """Return the client of a connection; the run has one for each, and closes it at its end."""
        if name not in self._clients:
            self._clients[name] = build_client(self.connections, name, adapter, self.pacing)
        return self._clients[name]

    def _record(self, entry: QueueEntry, seen: Reconciliation, adapter: Adapter) -> None:
        """Record new drift and payments as an event, unless the entry was unlinked meanwhile."""
        erp, last = adapter.declaration, find_last_seen(self.store, entry)
        if record_reconciliation(entry, seen, erp, last, at=self.clock(), actor=self.actor) is None:
            return
        with self.store.people(None) as transaction:
            current = transaction.entries([entry.id])[entry.id]
            is_same = (current.status, current.holdings) == (entry.status, entry.holdings)
            if not is_same:
                return
            if current.seq != entry.seq:  # another run may have recorded the same
                last = find_last_seen(self.store, current)
            change = record_reconciliation(
                current, seen, erp, last, at=self.clock(), actor=self.actor
            )
            if change is None:
                return
            transaction.save(change)
        self.observe(change.event)


def _describe_missing(entry: QueueEntry) -> str:
    """Return why the documents of an entry cannot be read without an adapter, and what to do."""
    name = entry.connection
    if entry.document is None:
        return (
            f"Another integration exported this invoice, and connection {name} has no adapter here."
            " Compare it in the ERP by hand."
        )
    return (
        f"Connection {name} is not configured here, or its adapter is not installed. Configure or"
        " install it, then reconcile again."
    )


def _is_chosen(entry: QueueEntry, connection: str | None) -> bool:
    """Return whether a run over all entries includes this one: synced, or unreadable."""
    if isinstance(entry, UnreadableEntry):
        return True
    return entry.status is ExportStatus.SYNCED and connection in {None, entry.connection}

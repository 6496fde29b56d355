"""
Questions to ERPs before a person's consent: accounting periods, and the adapter's check.

An approver learns at the acceptance what the export would be refused for. The ERP is asked outside
of any transaction, in one session of each connection, about the request that the acceptance would
lead to. Its answers are facts of the case. If the ERP does not answer, the acceptance is decided
without these facts, and the worker asks again before the first write.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..exchange import Deferred
from ..flow import build_request, is_untouched, preview_acceptance
from ..rules import can_ask_erp, decide, has_no_level, list_sources
from ..rules.accounting_date import ACCOUNTING_DATE
from ..rules.proposed_fields import complete_fields
from ..stores import UnreadableEntry
from ..vocabulary import Action
from .accounting_periods import find_period_facts
from .callbacks import ask_facts, decide_contained
from .case import build_case
from .client import TIME_LIMIT, ErpClients, Pacing
from .mapped_ids import find_mapped_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from ..adapters import Adapter
    from ..documents import Attachment, QueueEntry
    from ..exchange import ExportRequest
    from ..rules import Case, Policy
    from ..stores import Store
    from ..verdict import Verdict
    from .batch import Command
    from .connections import ErpConnections
    from .mapped_ids import MappedIds
    from .types import Facts

_LOG = logging.getLogger(__name__)
#: The most seconds that all checks of one command may take together.
LONGEST: Final = 30.0
_LATE: Final = f"All checks of one command may take {LONGEST:.0f} seconds, and they have passed."
_NO_FACTS: Mapping[str, Any] = MappingProxyType({})
_NOT_CHECKED: Final = None, _NO_FACTS
_CLOSED: Final = "field.accounting_date.closed"


@attrs.frozen
class ErpFacts:
    """
    The facts of a command that its ERPs state.

    Attributes:
        periods: The facts about accounting periods, by connection.
        checks: The version of the entry that was checked and the facts of its check, by entry id.
    """

    periods: Mapping[str | None, Mapping[str, Any]]
    checks: Mapping[str, tuple[int, Mapping[str, Any]]]

    def find(self, entry: QueueEntry) -> dict[str, Any]:
        """
        Return the facts about an entry.

        If the adapter checked another version of the entry, the facts of that check are left out.
        """
        version, checked = self.checks.get(entry.id, _NOT_CHECKED)
        known = self.periods.get(entry.connection, _NO_FACTS)
        return {**known, **checked} if version == entry.version else dict(known)


@attrs.frozen(kw_only=True)
class ErpInquiry:
    """
    Asks the ERPs of the entries of one command.

    Attributes:
        store: The store of the entries.
        facts: The callable of the host that returns cases.
        connections: The ERP connections.
        policy: The company's settings for the rules.
        clock: Returns the current time.
        wall: Returns the time of this machine (UTC), by which adapters keep deadlines.
        content: Opens the content of an attachment, if the host supplies any.
        pacing: The clock and the threads of the calls.
    """

    store: Store
    facts: Facts
    connections: ErpConnections
    policy: Policy
    clock: Callable[[], datetime]
    wall: Callable[[], datetime]
    content: Callable[[Attachment], BinaryIO] | None
    pacing: Pacing = attrs.Factory(Pacing)

    def ask(self, command: Command, ids: Sequence[str]) -> ErpFacts:
        """
        Return the facts that the ERPs state about the entries of a command.

        Raises:
            StoreError: The store, or one that the host uses, is busy or unavailable.
        """
        entries = {entry.id: entry for entry in self.store.entries(list(ids))}
        clients = ErpClients(self.connections, self.pacing)
        try:
            names = dict.fromkeys(entry.connection for entry in entries.values())
            periods = {name: find_period_facts(clients, name) for name in names}
            checks = self._check_all(command, list(entries.values()), periods, clients)
        finally:
            clients.close()
        return ErpFacts(periods, checks)

    def _check_all(
        self,
        command: Command,
        entries: Sequence[QueueEntry],
        periods: Mapping[str | None, Mapping[str, Any]],
        clients: ErpClients,
    ) -> dict[str, tuple[int, Mapping[str, Any]]]:
        chosen = [entry for entry in entries if self._is_checked(entry, command)]
        if not chosen or has_no_level(command.actor, self.policy):
            return {}
        cases = ask_facts(
            self.facts, [each.id for each in chosen], self.connections.redaction, propagate=True
        ).cases
        known = [entry for entry in chosen if entry.id in cases]
        mapped = find_mapped_ids(
            command.action, ((each.connection, cases[each.id]) for each in known), self.connections
        )
        checks = _Checks(clients, clients.pacing.steady() + LONGEST)
        for entry in known:
            preview = _Preview(self, command, mapped, periods.get(entry.connection, _NO_FACTS))
            preview.check(entry, cases[entry.id], checks)
        checks.log_failures()
        return checks.found

    def _is_checked(self, entry: QueueEntry, command: Command) -> bool:
        """Return whether the adapter checks requests and the entry waits for a consent."""
        if isinstance(entry, UnreadableEntry):
            return False
        adapter = self.connections.find_adapter(entry.connection)
        return (
            adapter is not None
            and adapter.has_check
            and entry.status in list_sources(command.action)
            and is_untouched(entry)
        )


@attrs.frozen
class _Preview:
    """
    Builds the request to which a consent would lead.

    Attributes:
        mapped: The ids in the ERP that the connections map.
        periods: The facts about the accounting periods of the connection.
    """

    inquiry: ErpInquiry
    command: Command
    mapped: MappedIds
    periods: Mapping[str, Any]

    def check(self, entry: QueueEntry, facts: Case, checks: _Checks) -> None:
        """
        Have the adapter check an entry.

        It is not asked if :func:`can_ask_erp` is False for the verdict of the rules.
        """
        redaction = self.inquiry.connections.redaction
        request = decide_contained(entry.id, lambda: self._build_request(entry, facts), redaction)
        if request is not None and not isinstance(request, str):
            checks.ask(entry, request)

    def _build_request(self, entry: QueueEntry, facts: Case) -> ExportRequest | None:
        inquiry, command = self.inquiry, self.command
        case = self._build_case(entry, facts)
        verdict = decide(command.action, case)
        if case.erp is None or not can_ask_erp(verdict):
            return None
        fields = dict(case.export_fields or {})
        for denial in verdict.denials:
            # With a date that is denied already, the ERP would only say the same again.
            if denial.code == _CLOSED and "open_date" in denial.facts:
                fields[ACCOUNTING_DATE] = denial.facts["open_date"]
        accepted = preview_acceptance(
            command.action, entry, case, at=inquiry.clock(), actor=command.actor, fields=fields
        )
        deadline = inquiry.wall() + timedelta(seconds=TIME_LIMIT)
        if accepted is None:
            return None
        try:
            return build_request(accepted, case.erp, deadline, inquiry.content)
        except ValueError:  # the accounting date is no date, which the rules deny
            return None

    def _build_case(self, entry: QueueEntry, facts: Case) -> Case:
        inquiry, command, name = self.inquiry, self.command, entry.connection
        erp = inquiry.connections.find_declaration(name)
        given = {**command.given(entry), **self.periods}
        if command.action is Action.ACCEPT:
            given["export_fields"] = complete_fields(
                facts, erp, given["export_fields"], given.get("accounting_periods")
            )
        return build_case(
            facts,
            entry,
            at=inquiry.clock(),
            actor=command.actor,
            policy=inquiry.policy,
            erp=erp,
            holder=None,
            given={
                "version_seen": command.find_version_seen(entry.id),
                "has_content": inquiry.content is not None,
                "mapped": self.mapped.find(name, facts),
                "unmapped": self.mapped.list_missing(name, facts),
                **given,
            },
        )


@attrs.define
class _Checks:
    """
    The checks of one command.

    Attributes:
        clients: The clients of the connections.
        ends: The time by the steady clock of the calls, in seconds, after which no check begins.
        found: The version of the entry and the facts of its check, by entry id.
    """

    clients: ErpClients
    ends: float
    found: dict[str, tuple[int, Mapping[str, Any]]] = attrs.Factory(dict)
    _failures: Counter[tuple[str, str]] = attrs.Factory(Counter)

    def ask(self, entry: QueueEntry, request: ExportRequest) -> None:
        """Have the adapter of the entry check the request, and keep the facts."""
        name = request.connection
        adapter = self.clients.connections.find_adapter(name)
        assert adapter is not None
        answer = self._find_answer(name, adapter, request)
        facts: dict[str, Any] = {"erp_verdict": answer}
        if isinstance(answer, Deferred):
            self._failures[name, answer.why] += 1
            facts = {"connection": name, "erp_unchecked": answer.why}
        self.found[entry.id] = entry.version, facts

    def _find_answer(
        self, name: str, adapter: Adapter, request: ExportRequest
    ) -> Verdict | Deferred:
        steady, sleep = self.clients.pacing.steady, self.clients.pacing.sleep
        if steady() >= self.ends:
            return Deferred(None, _LATE)
        client = self.clients.open(name, adapter)
        if isinstance(client, Deferred):
            return client
        if client.limits.breaker.is_open:
            return Deferred(None, f"The last calls to {adapter.name} had no answer.")
        wait, left = client.limits.rate.find_wait(), self.ends - steady()
        if wait >= left:
            return Deferred(None, _LATE)
        sleep(wait)
        answer = attrs.evolve(client, time_limit=min(TIME_LIMIT, left - wait)).check(request)
        if isinstance(answer, Deferred) and answer.needs_person:
            self.clients.give_up(name, answer)
        return answer

    def log_failures(self) -> None:
        """Log each reason for which invoices were not checked."""
        for (name, why), count in self._failures.items():
            text = "The ERP of connection %s did not check %s invoices before their acceptance: %s"
            _LOG.warning(text, name, count, why, extra={"connection": name})

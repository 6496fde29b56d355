"""A queue with one ERP, its people, invoices and facts, a clock set by hand, and a worker."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import (
    Action,
    Actor,
    Adapters,
    Attachments,
    Case,
    Connection,
    Connections,
    ExportDocument,
    ExportQueue,
    ExportStatus,
    Level,
    MemoryStore,
    Policy,
    Privilege,
    QueueEntry,
    Worker,
)
from erp_invoice_core.events import AuditEvent, replay
from erp_invoice_core.testing import TwoStepErp, sample_document
from erp_invoice_core.testing.samples import APPROVER, SENDER, sample_case
from erp_invoice_core.worker import ThreadCaller
from tests.worker.scripted_erp import ScriptedErp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from erp_invoice_core.queue import Result
    from erp_invoice_core.stores import Store
    from erp_invoice_core.worker import Caller

__all__ = [
    "APPROVER",
    "EVERYTHING",
    "NOON",
    "SENDER",
    "Clock",
    "Host",
    "WorkerHarness",
    "build_case",
    "build_document",
]

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
EVERYTHING = Actor(
    id="controller",
    commitments={"10": Level.ADMIN},
    erp_integrations=Level.ADMIN,
    privileges=[Privilege.CAN_PUSH_TO_ACCOUNTING],
)


@attrs.define
class Clock:
    """A clock that is set by hand."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        """Return the time (UTC)."""
        return self.now

    def seconds(self) -> float:
        """Return the seconds since noon."""
        return (self.now - NOON).total_seconds()

    def advance(self, seconds: float) -> None:
        """Move the clock forward by a number of seconds."""
        self.now += timedelta(seconds=seconds)


def build_document(id_: str = "5000", due: str | None = None) -> ExportDocument:
    """Return an invoice of vendor V-ACME with its own number; due 20025.45 unless given."""
    made = attrs.evolve(sample_document(), invoice_id=id_, invoice_number=f"ACME-{id_}")
    if due is None:
        return made
    amount = Decimal(due)
    line = attrs.evolve(made.lines[0], gross=amount, retained=Decimal(0), work=amount)
    return attrs.evolve(made, lines=(attrs.evolve(line, stored=Decimal(0)),))


def build_case(written: ExportDocument) -> Case:
    """Return the facts of an approved invoice whose records are all synced."""
    return sample_case(
        written,
        fields={
            "invoice_number": written.invoice_number,
            "billing_date": written.billing_date.isoformat() if written.billing_date else None,
        },
    )


@attrs.define
class Host:
    """The facts of the host, and how often they were asked for."""

    cases: dict[str, Case] = attrs.Factory(dict)
    requests: int = 0

    def __call__(self, ids: Sequence[str]) -> Mapping[str, Case]:
        """Return the cases of the invoices that exist."""
        self.requests += 1
        return {id_: self.cases[id_] for id_ in ids if id_ in self.cases}

    def add(self, *documents: ExportDocument) -> None:
        """Add approved invoices."""
        self.cases |= {each.invoice_id: build_case(each) for each in documents}


@attrs.define
class WorkerHarness:
    """
    Everything around a queue with one ERP.

    Attributes:
        plugin: The ERP; its connection is named ``erp``.
        seen: The events that the queue's observer received.
    """

    plugin: object = attrs.Factory(TwoStepErp)
    store: Store = attrs.Factory(MemoryStore)
    clock: Clock = attrs.Factory(Clock)
    policy: Policy = attrs.Factory(Policy)
    host: Host = attrs.Factory(Host)
    attachments: Attachments | None = None
    seen: list[AuditEvent] = attrs.Factory(list)
    queue: ExportQueue = attrs.field(init=False)
    worker: Worker = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.plugin, TwoStepErp | ScriptedErp):
            self.plugin.clock = self.clock
        self.queue = ExportQueue(
            self.store,
            build_connections(self.plugin),
            self.host,
            self.policy,
            self.clock,
            observe=self.seen.append,
            attachments=self.attachments,
        )
        self.worker = self.build_worker("worker-1")

    def build_worker(
        self, holder: str, seconds: float = 60.0, calls: Callable[[], Caller] = ThreadCaller
    ) -> Worker:
        """Return a worker of that name, with a lease in seconds; it sleeps by the clock."""
        return Worker(
            self.queue,
            lease=timedelta(seconds=seconds),
            holder=holder,
            calls=calls,
            sleep=self.clock.advance,
            chance=lambda: 0.0,
            steady=self.clock.seconds,
        )

    @property
    def fake(self) -> TwoStepErp:
        """The ERP, if it is the fake ERP of two steps."""
        assert isinstance(self.plugin, TwoStepErp)
        return self.plugin

    def add_invoices(self, *ids: str) -> None:
        """Add approved invoices with those ids."""
        self.host.add(*map(build_document, ids))

    def send(self, *ids: str) -> None:
        """Add invoices and send them."""
        self.add_invoices(*ids)
        check_allowed(self.queue.send(ids, SENDER, connection="erp"))

    def accept(self, *ids: str) -> None:
        """Add invoices, send and accept them."""
        self.send(*ids)
        check_allowed(self.queue.accept(ids, APPROVER))

    def get_entry(self, id_: str = "5000") -> QueueEntry:
        """Return the current entry."""
        return self.queue.entries([id_])[0]

    def get_status(self, id_: str = "5000") -> ExportStatus:
        """Return the status of an entry."""
        return self.get_entry(id_).status

    def list_actions(self, id_: str = "5000") -> list[Action]:
        """Return the action of every event of an entry, oldest first."""
        return [event.action for event in self.queue.history(id_)]

    def list_refusal_codes(self, id_: str = "5000") -> list[str]:
        """Return the codes of the last refusal of an entry."""
        return [denial.code for denial in self.get_entry(id_).refusal]

    def list_bills(self) -> list[tuple[str, str, str]]:
        """Return number, amount and state of every bill that exists in the fake ERP."""
        bills = self.fake.ledger.list_bills(self.clock())
        return [(bill.number or "", bill.amount, bill.state) for bill in bills]

    def count_requests(self) -> Counter[str]:
        """Return how often each kind of request reached the fake ERP."""
        with self.fake.ledger.lock() as state:
            return Counter(kind for kind, _ in state.requests)

    def check_audit_log(self) -> None:
        """Assert that every chain verifies and every entry's events lead to its status."""
        verification = self.queue.verify()
        assert () == verification.problems
        for entry in self.queue.entries():
            assert entry.status is replay(self.queue.history(entry.id))


def build_connections(plugin: object) -> Connections:
    """Return the one connection ``erp`` to a plugin that needs no settings."""
    adapters = Adapters(plugin)
    assert () == adapters.problems
    (adapter,) = adapters
    return Connections(adapters, [Connection("erp", adapter.key)])


def check_allowed(results: list[Result]) -> None:
    """Assert that every action was allowed."""
    assert [] == [denial.code for result in results for denial in result.verdict.denials]

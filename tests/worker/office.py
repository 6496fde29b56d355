"""A company at work: its people, its invoices' facts, a clock set by hand, a queue and a worker."""

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
from tests.worker.scripted import Scripted

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
    "Office",
    "case",
    "document",
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
        """Tell the time (UTC)."""
        return self.now

    def seconds(self) -> float:
        """Return the seconds since noon."""
        return (self.now - NOON).total_seconds()

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.now += timedelta(seconds=seconds)


def document(id_: str = "5000", due: str | None = None) -> ExportDocument:
    """Return an invoice of vendor V-ACME with a number of its own; due 20025.45, or as said."""
    made = attrs.evolve(sample_document(), invoice_id=id_, invoice_number=f"ACME-{id_}")
    if due is None:
        return made
    amount = Decimal(due)
    line = attrs.evolve(made.lines[0], gross=amount, retained=Decimal(0), work=amount)
    return attrs.evolve(made, lines=(attrs.evolve(line, stored=Decimal(0)),))


def case(written: ExportDocument) -> Case:
    """Return the facts of an approved invoice, all of it linked."""
    return sample_case(
        written,
        fields={
            "invoice_number": written.invoice_number,
            "billing_date": written.billing_date.isoformat() if written.billing_date else None,
        },
    )


@attrs.define
class Host:
    """The facts port: what the host knows of its invoices, and how often it was asked."""

    cases: dict[str, Case] = attrs.Factory(dict)
    asked: int = 0

    def __call__(self, ids: Sequence[str]) -> Mapping[str, Case]:
        """Return the cases of those that are there."""
        self.asked += 1
        return {id_: self.cases[id_] for id_ in ids if id_ in self.cases}

    def put(self, *documents: ExportDocument) -> None:
        """Have these invoices, approved."""
        self.cases |= {each.invoice_id: case(each) for each in documents}


@attrs.define
class Office:
    """
    Everything around a queue to one ERP.

    Attributes:
        plugin: The ERP; its connection is named ``erp``.
        seen: What the queue's observer was told.
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
        if isinstance(self.plugin, TwoStepErp | Scripted):
            self.plugin.clock = self.clock
        self.queue = ExportQueue(
            self.store,
            connections(self.plugin),
            self.host,
            self.policy,
            self.clock,
            observe=self.seen.append,
            attachments=self.attachments,
        )
        self.worker = self.hired("worker-1")

    def hired(
        self, holder: str, seconds: float = 60.0, calls: Callable[[], Caller] = ThreadCaller
    ) -> Worker:
        """Return a worker of that name, with a lease of so many seconds; it sleeps by the clock."""
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
        """The ERP, where it is the fake of two steps."""
        assert isinstance(self.plugin, TwoStepErp)
        return self.plugin

    def have(self, *ids: str) -> None:
        """Have approved invoices of those ids."""
        self.host.put(*map(document, ids))

    def send(self, *ids: str) -> None:
        """Have invoices sent."""
        self.have(*ids)
        ok(self.queue.send(ids, SENDER, connection="erp"))

    def accept(self, *ids: str) -> None:
        """Have invoices sent and accepted."""
        self.send(*ids)
        ok(self.queue.accept(ids, APPROVER))

    def entry(self, id_: str = "5000") -> QueueEntry:
        """Return an entry as it stands."""
        return self.queue.entries([id_])[0]

    def status(self, id_: str = "5000") -> ExportStatus:
        """Return where an entry stands."""
        return self.entry(id_).status

    def actions(self, id_: str = "5000") -> list[Action]:
        """Return every act on an entry, oldest first."""
        return [event.action for event in self.queue.history(id_)]

    def codes(self, id_: str = "5000") -> list[str]:
        """Return the codes with which an entry was refused last."""
        return [denial.code for denial in self.entry(id_).refusal]

    def bills(self) -> list[tuple[str, str, str]]:
        """Return number, amount and state of every bill that lives in the fake."""
        papers = self.fake.shelf.living(self.clock())
        return [(paper.number or "", paper.amount, paper.state) for paper in papers]

    def asked(self) -> Counter[str]:
        """Return how often the fake was asked for what."""
        with self.fake.shelf.held() as books:
            return Counter(kind for kind, _ in books.requests)

    def check(self) -> None:
        """Assert that every chain verifies and every entry's events lead to its status."""
        verification = self.queue.verify()
        assert () == verification.problems
        for entry in self.queue.entries():
            assert entry.status is replay(self.queue.history(entry.id))


def connections(plugin: object) -> Connections:
    """Return the one connection ``erp`` to a plugin that needs no settings."""
    adapters = Adapters(plugin)
    assert () == adapters.problems
    (adapter,) = adapters
    return Connections(adapters, [Connection("erp", adapter.key)])


def ok(results: list[Result]) -> None:
    """Assert that everything was allowed."""
    assert [] == [denial.code for result in results for denial in result.verdict.denials]

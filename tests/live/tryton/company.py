"""A company with a queue in front of a running Tryton, its invoices and its workers."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import (
    Adapters,
    Connection,
    Connections,
    ExportQueue,
    ExportStatus,
    MemoryStore,
    Policy,
    Worker,
)
from erp_invoice_core.adapters import (
    Adapter,
    Deferred,
    Done,
    Receipt,
    Session,
    Step,
    build_connection,
)
from erp_invoice_core.adapters.tryton import TrytonAdapter
from erp_invoice_core.flow import RetryPolicy
from erp_invoice_core.testing import sample_document
from tests.live.tryton.ledger import TrytonLedger
from tests.time_limit import TIME_LIMIT
from tests.worker.harness import APPROVER, SENDER, Host, check_allowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from erp_invoice_core import QueueEntry
    from erp_invoice_core.adapters import Denial, ExportDocument, ExportRequest
    from erp_invoice_core.queue import Attachments
    from erp_invoice_core.stores import Store
    from examples.tryton.server import TrytonServer

#: A worker renews its lease three times in this time.
LEASE = timedelta(seconds=3)
#: Waits between look-ups that no test has to sit through, and of which few are in vain: the answer
#: is conclusive once the lease has ended and the request has settled.
SOON = RetryPolicy(look_ups=(timedelta(seconds=0.5),) * 16)
#: The time in which a request settles; the server is on this machine.
SHORT = timedelta(seconds=1)
ZERO = Decimal(0)
_ENDS = frozenset({ExportStatus.SYNCED, ExportStatus.FAILED})


def draw_number() -> str:
    """Return an invoice number that no other test uses."""
    return f"LIVE-{uuid.uuid4().hex[:10].upper()}"


def build_document(
    *amounts: str,
    retained: str = "0",
    released: str = "0",
    **fields: Any,  # noqa: ANN401 - the document's own fields
) -> ExportDocument:
    """Return an invoice of vendor V-ACME for job JOB-9, one line of cost code 05-120 per amount."""
    number = fields.pop("invoice_number", None) or draw_number()
    first = attrs.evolve(sample_document().lines[0], stored=ZERO, retained=ZERO, released=ZERO)
    lines = [
        attrs.evolve(first, item_id=str(place), gross=Decimal(amount), work=Decimal(amount))
        for place, amount in enumerate(amounts)
    ]
    lines[0] = attrs.evolve(lines[0], retained=Decimal(retained), released=Decimal(released))
    return sample_document(invoice_id=number, invoice_number=number, lines=tuple(lines), **fields)


class LiveCompany:
    """
    A queue in front of a running Tryton.

    Args:
        server: The server.
        url: Another address of it, that of a proxy for example.
        time_limit: The time limit of the adapter.
        store: The store of the queue.
        attachments: The contents of attachments.
        policy: The policy of the queue.
        settings: Settings in place of those of the server.
    """

    def __init__(
        self,
        server: TrytonServer,
        *,
        url: str | None = None,
        time_limit: timedelta = timedelta(seconds=60),
        store: Store | None = None,
        attachments: Attachments | None = None,
        policy: Policy | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        self.server = server
        self.ledger = TrytonLedger.of(server)
        plugin = TrytonAdapter(settles_within=SHORT, time_limit=time_limit)
        given = {**server.settings(), **({"base_url": url} if url else {}), **(settings or {})}
        adapters = Adapters(plugin)
        self.adapter: Adapter = adapters["tryton"]
        self.connection: Connection = build_connection("tryton", given, {}, adapters)
        self.retry_policy = SOON
        self.host = Host()
        self.queue = ExportQueue(
            store or MemoryStore(),
            Connections(adapters, [self.connection]),
            self.host,
            policy or Policy(),
            attachments=attachments,
        )

    def connect(self) -> Session:
        """Return a session of the adapter."""
        session = self.adapter.connect(self.connection)
        assert isinstance(session, Session)
        return session

    def plan(self, session: Session, request: ExportRequest) -> tuple[Step, ...]:
        """Return the steps of an export."""
        steps = self.adapter.steps(request, session)
        assert not isinstance(steps, Deferred)
        return steps

    def write_draft(self, session: Session, request: ExportRequest) -> Receipt:
        """Create the draft of a bill as the adapter does, and return its receipt."""
        outcome = self.adapter.write(session, request, self.plan(session, request)[0])
        assert isinstance(outcome, Done)
        return outcome.receipt

    def accept(self, *documents: ExportDocument, fields: Mapping[str, str] | None = None) -> None:
        """Send invoices and accept them."""
        self.host.add(*documents)
        ids = [each.invoice_id for each in documents]
        check_allowed(self.queue.send(ids, SENDER, connection="tryton"))
        check_allowed(self.queue.accept(ids, APPROVER, fields=fields))

    def list_denials(
        self, document: ExportDocument, fields: Mapping[str, str] | None = None
    ) -> tuple[Denial, ...]:
        """Send an invoice, and return the reasons against its acceptance; it has to be denied."""
        self.host.add(document)
        check_allowed(self.queue.send([document.invoice_id], SENDER, connection="tryton"))
        (result,) = self.queue.accept([document.invoice_id], APPROVER, fields=fields)
        assert not result.verdict
        assert ExportStatus.READY is self.get_entry(document).status
        return result.verdict.denials

    def build_worker(self, name: str = "worker") -> Worker:
        """Return a worker with a short lease."""
        return Worker(self.queue, lease=LEASE, holder=name, retry_policy=self.retry_policy)

    def export(self, *documents: ExportDocument) -> list[ExportStatus]:
        """Send, accept and export invoices; return their statuses."""
        self.accept(*documents)
        return self.work(*documents)

    def work(self, *documents: ExportDocument) -> list[ExportStatus]:
        """Have a worker carry invoices to their end; return their statuses."""
        worker = self.build_worker()
        ends = time.monotonic() + TIME_LIMIT
        while True:
            worker.run_until_idle()
            found = [self.get_entry(each).status for each in documents]
            if _ENDS.issuperset(found) or time.monotonic() > ends:
                return found
            time.sleep(0.05)  # the next entry is due soon

    def get_entry(self, document: ExportDocument) -> QueueEntry:
        """Return the current entry of an invoice."""
        return self.queue.entries([document.invoice_id])[0]

    def find_bill(self, document: ExportDocument) -> Receipt:
        """Return the receipt of the bill of an invoice."""
        return self.get_entry(document).living[0].receipt

    def list_codes(self, document: ExportDocument) -> list[str]:
        """Return the codes of the last refusal of an invoice."""
        return [denial.code for denial in self.get_entry(document).refusal]

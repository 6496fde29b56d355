"""Sample documents, cases, people, entries and changes for test suites."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import attrs

from ..adapters import (
    AttachmentForm,
    ExportDocument,
    ExportLine,
    ExportRequest,
    ItemType,
    RequestAttachment,
)
from ..documents import Actor, Holding, Lease, QueueEntry, Receipt
from ..events import Change
from ..rules import Case
from ..verdict import ALLOWED, Denial, Source, Verdict
from ..vocabulary import Action, ExportStatus, Feature, InvoiceStatus, Level, Privilege, Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from ..documents import Key
    from ..stores import Store

_PUSH = frozenset({Privilege.CAN_PUSH_TO_ACCOUNTING})

#: A sender of project 10.
SENDER = Actor(id="pm", commitments={"10": Level.ADMIN})
#: An accounting approver.
APPROVER = Actor(id="ap", erp_integrations=Level.STANDARD, privileges=_PUSH)
#: An administrator of project 10 who may do everything.
ADMIN = Actor(
    id="boss",
    commitments={"10": Level.ADMIN},
    erp_integrations=Level.ADMIN,
    privileges=_PUSH,
)
_LINES = (
    ExportLine(
        item_id="1",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1001",
        description="Frames",
        gross=Decimal("21000.00"),
        retained=Decimal("2100.00"),
        work=Decimal("20000.00"),
        stored=Decimal("1000.00"),
        cost_code="05-120",
        cost_code_origin_id="05-120",
        cost_type_origin_id="SUB",
        line_origin_id="L-1",
    ),
    ExportLine(
        item_id="2",
        item_type=ItemType.CHANGE_ORDER_ITEM,
        line_item_id="9001",
        description="Bracing",
        gross=Decimal("1250.50"),
        retained=Decimal("125.05"),
        work=Decimal("1250.50"),
        cost_code="05-130",
        cost_code_origin_id="05-130",
        cost_type_origin_id="SUB",
        line_origin_id="CO-L-1",
        change_order_origin_id="CO-1",
    ),
)
#: The moment of the samples (UTC).
AT = datetime(2026, 10, 31, 12, tzinfo=UTC)
_DENIAL = Denial("status.send", "Retrieve it first.", Source.STATUS)
_CONTENT = {"1": b"Lien waiver, signed.", "2": b"\x89PNG a photo of the frames"}
_NAMES = {"1": 'Lien "waiver"; final.pdf', "2": "photo \u00e9.png"}


def sample_document(**fields: Any) -> ExportDocument:  # noqa: ANN401 - the document's own fields
    """
    Return an invoice of a subcontract in dollars; *fields* replace the sample's.

    All of its records are synced. Its gross amount is 22,250.50, and 20,025.45 is due.
    """
    document = ExportDocument(
        invoice_id="5000",
        company_id="1",
        currency="USD",
        project_id="10",
        job_origin_id="JOB-9",
        job_name="Pier 9",
        vendor_id="7",
        vendor_name="Acme Steel",
        vendor_origin_id="V-ACME",
        commitment_id="100",
        commitment_kind="subcontract",
        commitment_number="SC-001",
        commitment_title="Structural steel",
        commitment_origin_id="C-100",
        number=1,
        invoice_number="ACME-77",
        period_id="3",
        period_start=date(2026, 10, 1),
        period_end=date(2026, 10, 31),
        billing_date=date(2026, 10, 31),
        lines=_LINES,
    )
    return attrs.evolve(document, **fields)


def sample_request(
    document: ExportDocument | None = None,
    *,
    attempt: int = 1,
    seconds: float = 60.0,
    fields: dict[str, str] | None = None,
) -> ExportRequest:
    """
    Return a request to export the document, by default :func:`sample_document`.

    Args:
        document: The export document.
        attempt: The number of the attempt.
        seconds: The seconds from now to the deadline.
        fields: The export fields; one is ``accounting_date``, a day in ISO 8601.
    """
    document = document or sample_document()
    given = (fields or {}).get("accounting_date")
    return ExportRequest(
        document=document,
        digest=document.digest,
        connection="contract",
        generation=1,
        attempt=attempt,
        number=document.invoice_number,
        accounting_date=date.fromisoformat(given) if given else document.billing_date,
        deadline=datetime.now(UTC) + timedelta(seconds=seconds),
        fields=fields or {},
    )


def one_line_document(invoice_id: str, amount: Decimal, **fields: Any) -> ExportDocument:  # noqa: ANN401 - the document's own fields
    """Return an invoice of one line without retainage; *fields* replace the sample's."""
    line = ExportLine(
        item_id="1",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1",
        gross=amount,
        work=amount,
    )
    document = ExportDocument(
        invoice_id=invoice_id,
        company_id="1",
        currency="USD",
        project_id="10",
        job_origin_id="JOB-9",
        vendor_id="7",
        vendor_name="Acme Steel",
        vendor_origin_id="V-ACME",
        commitment_id="100",
        commitment_kind="subcontract",
        commitment_number="SC-001",
        commitment_origin_id="C-100",
        number=1,
        lines=(line,),
        billing_date=date(2026, 10, 31),
    )
    return attrs.evolve(document, **fields)


def sample_case(document: ExportDocument, **facts: Any) -> Case:  # noqa: ANN401 - the case's own facts
    """Return the facts of an approved invoice whose records are synced; *facts* replace some."""
    case = Case(
        invoice_id=document.invoice_id,
        invoice_number=document.invoice_number,
        project_id=document.project_id,
        invoice_status=InvoiceStatus.APPROVED,
        is_latest=True,
        document=document,
        uses=frozenset({Feature.INVOICES, Feature.SUBCONTRACTS}),
        currency=document.currency,
        gross=document.gross,
        retained=document.retained,
        released=document.released,
        stored=Decimal(0),
        taxed=False,
        over_billed=False,
        previous_is_known=True,
        previous_agrees=True,
        number_is_unique=True,
        has_period=True,
        commitment_status="Approved",
        commitment_synced=True,
        vendor_synced=True,
        job_synced=True,
        cost_codes_synced=True,
        change_orders_synced=True,
        holds=(),
        fields={},
    )
    return attrs.evolve(case, **facts)


@attrs.frozen
class _Sample:
    """Opens the content of a sample attachment."""

    content: bytes

    def __call__(self) -> BinaryIO:
        return BytesIO(self.content)


def sample_attachments() -> tuple[RequestAttachment, ...]:
    """Return two attachments whose files are to be sent, and one of which a link is sent."""
    files = tuple(
        RequestAttachment(
            id=id_,
            filename=_NAMES[id_],
            form=AttachmentForm.FILES,
            digest=hashlib.sha256(content).hexdigest(),
            source=_Sample(content),
        )
        for id_, content in _CONTENT.items()
    )
    link = RequestAttachment(
        id="3", filename="plan.pdf", form=AttachmentForm.LINK, url="https://files.example/3"
    )
    return (*files, link)


def build_change(
    entry: QueueEntry,
    action: Action = Action.SEND,
    *,
    command: str | None = None,
    facts: dict[str, str] | None = None,
    **fields: Any,  # noqa: ANN401 - the entry's own fields
) -> Change:
    """Return the change of an allowed action that gives fields of the entry new values."""
    after = attrs.evolve(entry, seq=entry.seq + 1, version=entry.version + 1, **fields)
    return Change(
        action=action,
        before=entry,
        after=after,
        at=AT,
        actor="pm",
        verdict=ALLOWED,
        facts=facts or {},
        command=command,
    )


def build_denied_change(entry: QueueEntry, *, command: str | None = None) -> Change:
    """Return the change of a denied action: only ``seq`` of the entry increases."""
    return Change(
        action=Action.SEND,
        before=entry,
        after=attrs.evolve(entry, seq=entry.seq + 1),
        at=AT,
        actor="pm",
        verdict=Verdict((_DENIAL,)),
        command=command,
    )


def build_send(entry: QueueEntry, **fields: Any) -> Change:  # noqa: ANN401 - the entry's own fields
    """Return the change that sends the entry to the connection ``paper``."""
    return build_change(entry, status=ExportStatus.READY, connection="paper", **fields)


def build_acceptance(
    entry: QueueEntry, due: timedelta = timedelta(0), connection: str = "paper"
) -> Change:
    """Return the change that accepts the entry, which is due at the time *due* after :data:`AT`."""
    return build_change(
        entry,
        Action.ACCEPT,
        status=ExportStatus.ACCEPTED,
        connection=connection,
        due_at=AT + due,
    )


def build_claim(entry: QueueEntry, lease: timedelta) -> Change:
    """Return the change by which a worker claims the entry until *lease* after :data:`AT`."""
    held = Lease(holder="worker", fencing=entry.fencing + 1, until=AT + lease)
    return build_change(
        entry,
        Action.CLAIM,
        status=ExportStatus.EXPORTING,
        lease=held,
        fencing=entry.fencing + 1,
        due_at=None,
    )


def build_bill(erp_id: str, key: Key) -> Holding:
    """Return a bill that an entry holds in the ERP: its receipt, and the key that made it."""
    return Holding(Receipt(step="bill", erp_id=erp_id, role=Role.BILL), key)


def save_change(
    store: Store, entry_id: str, make: Callable[[QueueEntry], Change] = build_send
) -> QueueEntry:
    """Save the change that *make* returns for the stored entry; return the changed entry."""
    with store.people() as transaction:
        change = make(transaction.entries([entry_id])[entry_id])
        transaction.save(change)
    return change.after

"""The office in which the stores are compared: a fixed clock, three invoices, three people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from ..documents import Actor, ExportDocument, ExportLine
from ..flow import Resolution
from ..rules import Case
from ..vocabulary import ExportStatus, Feature, InvoiceStatus, ItemType, Level, Privilege
from .two_step_erp import KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["IDS", "NEXT", "PEOPLE", "RULINGS", "Office"]

_PUSH = frozenset({Privilege.CAN_PUSH_TO_ACCOUNTING})

#: The sender, the approver, and somebody who may do everything.
PEOPLE = (
    Actor(id="pm", commitments={"10": Level.ADMIN}),
    Actor(id="ap", erp_integrations=Level.STANDARD, privileges=_PUSH),
    Actor(
        id="boss",
        commitments={"10": Level.ADMIN},
        erp_integrations=Level.ADMIN,
        privileges=_PUSH,
    ),
)
#: Invoices "1" and "2" have the same number; "4" is nobody's.
IDS = ("1", "2", "3", "4")
_NUMBERS = {"1": "A-1", "2": "A-1", "3": "A-3"}

RULINGS = (
    Resolution(absent=True),
    Resolution(synced={"bill": "BILL-1"}),
    Resolution(synced={"": "BILL-77"}),
    Resolution(happened={"create": "BILL-2", "post": "BILL-2"}),
    Resolution(happened={"create": "BILL-3"}, steps_absent=("post",)),
)

_EVIDENCE = "Seen on the screen."
#: From each status, the verbs that lead on, with what is said besides the version seen.
NEXT: Mapping[ExportStatus, tuple[tuple[str, dict[str, Any]], ...]] = {
    ExportStatus.NOT_SENT: (("send", {"connection": KEY}),),
    ExportStatus.RETRIEVED: (("send", {"connection": KEY}),),
    ExportStatus.REJECTED: (("resend", {}),),
    ExportStatus.READY: (("accept", {}), ("accept", {}), ("retrieve", {})),
    ExportStatus.FAILED: (("retry", {}), ("withdraw", {}), ("reject", {"reason": "Wrong job."})),
    ExportStatus.UNKNOWN: tuple(
        ("rule", {"ruling": ruling, "evidence": _EVIDENCE}) for ruling in (RULINGS[0], RULINGS[3])
    ),
    ExportStatus.SYNCED: (("unlink", {"evidence": _EVIDENCE}),),
}


def _document(invoice_id: str, amount: int) -> ExportDocument:
    line = ExportLine(
        item_id="1",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1",
        gross=Decimal(amount),
        work=Decimal(amount),
    )
    return ExportDocument(
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
        invoice_number=_NUMBERS[invoice_id],
        billing_date=date(2026, 10, 31),
    )


def _case(invoice_id: str, amount: int = 100) -> Case:
    return Case(
        invoice_id=invoice_id,
        invoice_number=_NUMBERS[invoice_id],
        project_id="10",
        invoice_status=InvoiceStatus.APPROVED,
        is_latest=True,
        document=_document(invoice_id, amount),
        uses=frozenset({Feature.INVOICES, Feature.SUBCONTRACTS}),
        currency="USD",
        gross=Decimal(amount),
        retained=Decimal(0),
        released=Decimal(0),
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


@attrs.define
class Office:
    """What all stores are told alike: the invoices, and the time (UTC)."""

    now: datetime = datetime(2026, 10, 31, 12, tzinfo=UTC)
    cases: dict[str, Case] = attrs.Factory(lambda: {key: _case(key) for key in _NUMBERS})

    def clock(self) -> datetime:
        """Return the moment."""
        return self.now

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def facts(self, ids: Sequence[str], /) -> Mapping[str, Case]:
        """Return the invoices' facts: the queue's port."""
        return {key: self.cases[key] for key in ids if key in self.cases}

    def edit(self, invoice_id: str, amount: int, status: InvoiceStatus) -> None:
        """Give an invoice another amount and status, whether that is lawful or not."""
        self.cases[invoice_id] = attrs.evolve(_case(invoice_id, amount), invoice_status=status)

"""Requests that an adapter's contract is tried with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ..adapters import ExportDocument, ExportLine, ExportRequest, ItemType

__all__ = ["sample_document", "sample_request"]

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


def sample_document() -> ExportDocument:
    """Return a subcontract's invoice in dollars, all of it linked: gross 22250.50, due 20025.45."""
    return ExportDocument(
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


def sample_request(
    document: ExportDocument | None = None,
    *,
    attempt: int = 1,
    seconds: float = 60.0,
    fields: dict[str, str] | None = None,
) -> ExportRequest:
    """Return a request for the document, to be handed over within so many seconds from now."""
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

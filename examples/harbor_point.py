"""The data of the example hosts besides their bills: a commitment, a vendor, people, an ERP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from erp_invoice_core import (
    Actor,
    Adapters,
    Case,
    Connection,
    Connections,
    ExportDocument,
    ExportLine,
    Feature,
    InvoiceStatus,
    ItemType,
    Level,
    Privilege,
)

__all__ = ["AP", "BILLS", "PM", "books", "case_of"]

PM = Actor(id="pm", commitments={"10": Level.ADMIN})
AP = Actor(id="ap", erp_integrations=Level.STANDARD, privileges={Privilege.CAN_PUSH_TO_ACCOUNTING})

#: The first bills of each host: id, number, status, amount in cents.
BILLS = (
    ("B-1", "ACME-1", "approved", 500_00),
    ("B-2", "ACME-2", "draft", 120_50),
    ("B-3", "ACME-3", "approved", 75_25),
)


def books(path: str) -> Connections:
    """Return the company's connections: ``books``, a plain-text ledger at that path."""
    return Connections(Adapters.installed(), [Connection("books", "beancount", {"path": path})])


def case_of(bill_id: str, number: str, status: str, cents: int, *, is_unique: bool) -> Case:
    """
    Return the facts of a bill.

    Args:
        bill_id: The host's own id of it.
        number: The number on the vendor's invoice.
        status: The value of an ``InvoiceStatus``.
        cents: Work of the period; a whole number, because floats are not exact.
        is_unique: True if no other bill of the commitment has the number.
    """
    amount = Decimal(cents).scaleb(-2)
    line = ExportLine(
        item_id="1",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id="1",
        gross=amount,
        work=amount,
        cost_code_origin_id="05-120",
    )
    document = ExportDocument(
        invoice_id=bill_id,
        company_id="1",
        currency="USD",
        number=1,
        lines=(line,),
        project_id="10",
        job_origin_id="JOB-9",
        commitment_id="100",
        commitment_kind="subcontract",
        commitment_number="SC-1",
        commitment_origin_id="C-100",
        vendor_id="7",
        vendor_name="Acme Steel",
        vendor_origin_id="V-7",
        invoice_number=number,
        billing_date=date(2026, 10, 31),
    )
    return Case(
        invoice_id=bill_id,
        invoice_number=number,
        project_id="10",
        uses=frozenset({Feature.INVOICES}),
        invoice_status=InvoiceStatus(status),
        document=document,
        currency="USD",
        gross=document.gross,
        retained=document.retained,
        released=document.released,
        taxed=False,
        over_billed=False,
        previous_is_known=True,
        previous_agrees=True,
        number_is_unique=is_unique,
        holds=(),
        commitment_synced=True,
        job_synced=True,
        cost_codes_synced=True,
        vendor_synced=True,
        fields={"invoice_number": number, "billing_date": "2026-10-31"},
    )

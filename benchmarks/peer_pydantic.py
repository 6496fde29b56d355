"""The document of an invoice as a program with pydantic has it."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads the annotations
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from erp_invoice_core import ItemType  # noqa: TC001 - pydantic reads the annotations
from erp_invoice_core.vocabulary import AccountingMethod


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Line(_Model):
    """A line, with the fields of ours."""

    item_id: str
    item_type: ItemType
    line_item_id: str
    description: str = ""
    gross: Decimal = Decimal(0)
    retained: Decimal = Decimal(0)
    released: Decimal = Decimal(0)
    work: Decimal = Decimal(0)
    stored: Decimal = Decimal(0)
    accounting_method: AccountingMethod = AccountingMethod.AMOUNT
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    uom: str | None = None
    cost_code: str | None = None
    cost_code_origin_id: str | None = None
    cost_type_origin_id: str | None = None
    line_origin_id: str | None = None
    change_order_origin_id: str | None = None


class File(_Model):
    """An attachment, of which the samples have none."""

    id: str


class Document(_Model):
    """An invoice, with the fields of ours."""

    invoice_id: str
    company_id: str
    currency: str
    project_id: str
    job_origin_id: str | None
    vendor_id: str
    vendor_name: str
    vendor_origin_id: str | None
    commitment_id: str
    commitment_kind: str
    commitment_number: str
    commitment_origin_id: str | None
    number: int
    lines: tuple[Line, ...]
    job_name: str = ""
    commitment_title: str = ""
    invoice_number: str | None = None
    period_id: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    billing_date: date | None = None
    final: bool = False
    attachments: tuple[File, ...] = ()

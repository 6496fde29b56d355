"""The export document: an invoice as sent to the ERP tool."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property

import attrs

from ..money import ZERO
from ..values import Value
from ..vocabulary import AccountingMethod, ItemType
from .digest import compute_digest
from .party import Attachment
from .problem import (
    Problem,
    find_amount_problems,
    find_inexact_values,
    find_text_problems,
    refuse_if_any,
)

_AMOUNTS = ("gross", "retained", "released", "work", "stored")
_FACTORS = ("quantity", "unit_price")
_NAMED = ("invoice_id", "company_id", "project_id", "vendor_id", "commitment_id")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ExportLine(Value):
    """
    The amounts of one item for the period, in the document's currency.

    Attributes:
        gross: Work of the period and the change of stored materials.
        retained: Retainage held in the period, on work and on stored materials.
        released: Retainage released in the period.
        work: Work of the period, a part of ``gross``.
        stored: Change of stored materials, the other part of ``gross``.
        line_origin_id: The commitment line's id in the ERP.
        cost_code: The full code; ``cost_code_origin_id`` is its id in the ERP.

    Raises:
        InvalidDocument: An amount is not a finite :class:`~decimal.Decimal`, as a float is not.
    """

    item_id: str
    item_type: ItemType
    line_item_id: str
    description: str = ""
    gross: Decimal = ZERO
    retained: Decimal = ZERO
    released: Decimal = ZERO
    work: Decimal = ZERO
    stored: Decimal = ZERO
    accounting_method: AccountingMethod = AccountingMethod.AMOUNT
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    uom: str | None = None
    cost_code: str | None = None
    cost_code_origin_id: str | None = None
    cost_type_origin_id: str | None = None
    line_origin_id: str | None = None
    change_order_origin_id: str | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_inexact_values(self, (*_AMOUNTS, *_FACTORS)))

    @property
    def due(self) -> Decimal:
        """The amount to pay: gross less retained plus released."""
        return self.gross - self.retained + self.released


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ExportDocument(Value):
    """
    An invoice as it was sent, with names and ERP ids of its project, vendor and commitment.

    Attributes:
        commitment_kind: ``subcontract`` or ``purchase_order``.
        currency: ISO 4217 code of all amounts.
        attachments: Not part of the digest, as they may change after the invoice is sent.

    Raises:
        InvalidDocument: An id is blank or not text, the currency is not a code of ISO 4217, or an
            amount of a line has more decimals than the currency.
    """

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
    lines: tuple[ExportLine, ...]
    job_name: str = ""
    commitment_title: str = ""
    invoice_number: str | None = None
    period_id: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    billing_date: date | None = None
    final: bool = False
    attachments: tuple[Attachment, ...] = attrs.field(default=(), eq=False)

    def __attrs_post_init__(self) -> None:
        problems = find_text_problems(self, (*_NAMED, "currency"))
        problems = problems or find_amount_problems(self, (), self.currency)
        for place, line in enumerate(() if problems else self.lines):
            problems += [
                Problem(f"lines[{place}].{problem.path}", problem.code, problem.message)
                for problem in find_amount_problems(line, _AMOUNTS, self.currency)
            ]
        refuse_if_any(problems)

    @cached_property
    def gross(self) -> Decimal:
        """Work and change of stored materials of the period."""
        return sum((line.gross for line in self.lines), ZERO)

    @cached_property
    def retained(self) -> Decimal:
        """Retainage held in the period."""
        return sum((line.retained for line in self.lines), ZERO)

    @cached_property
    def released(self) -> Decimal:
        """Retainage released in the period."""
        return sum((line.released for line in self.lines), ZERO)

    @property
    def due(self) -> Decimal:
        """The amount to pay for the period; below zero it is a credit."""
        return sum((line.due for line in self.lines), ZERO)

    @cached_property
    def digest(self) -> str:
        """The digest of the document without its attachments, computed once."""
        return compute_digest(self)

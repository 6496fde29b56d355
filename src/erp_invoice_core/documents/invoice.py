"""The subcontractor invoice (Procore's requisition) and its items."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs

from ..money import ZERO, is_currency
from ..values import Value
from ..vocabulary import AccountingMethod, InvoiceStatus, ItemType
from .commitment import CostCode
from .field_types import find_type_problems
from .party import Attachment, Hold
from .problem import (
    Problem,
    find_amount_problems,
    find_blanks,
    find_number_problems,
    make_problem,
    refuse_if_any,
)
from .tax import StatedTax

_AMOUNTS = (
    "scheduled_value",
    "work_previous",
    "work_this_period",
    "stored",
    "stored_previous",
    "materials_moved",
    "work_retainage_previous",
    "work_retainage_retained",
    "work_retainage_released",
    "stored_retainage_held",
    "stored_retainage_released",
    "stored_retainage_moved",
    "stored_retainage_new",
    "total_previous",
    "taxes",
)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Payment(Value):
    """A payment of an invoice, in the invoice's currency."""

    id: str
    amount: Decimal
    paid_on: date | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self) or find_blanks(self, ("id",)))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class StatedSummary(Value):
    """
    The G702 lines that a requisition states itself; ``None`` for a line that it does not state.

    They are only compared with the lines that are computed from the items.
    """

    original_contract_sum: Decimal | None = None
    net_change_by_change_orders: Decimal | None = None
    contract_sum_to_date: Decimal | None = None
    total_completed_and_stored_to_date: Decimal | None = None
    completed_work_retainage_amount: Decimal | None = None
    stored_materials_retainage_amount: Decimal | None = None
    total_retainage: Decimal | None = None
    total_earned_less_retainage: Decimal | None = None
    less_previous_certificates_for_payment: Decimal | None = None
    current_payment_due: Decimal | None = None
    balance_to_finish_including_retainage: Decimal | None = None
    percent_complete: Decimal | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class InvoiceItem(Value):
    """
    A line of the continuation sheet (G703), with amounts in the invoice's currency.

    Attributes:
        line_item_id: The commitment's line that is billed. A detail item names its contract line,
            a whole change-order item its package.
        scheduled_value: Column C.
        work_previous: Column D, including stored materials that were moved into it.
        work_this_period: Column E.
        stored: Column F, presently stored materials.
        stored_previous: Stored at the end of the previous invoice.
        materials_moved: Stored materials moved into column D.
        work_retainage_previous: Retainage on work held by earlier invoices.
        work_retainage_retained: Retainage held on the work of this period.
        work_retainage_released: Retainage on work released in this period.
        stored_retainage_held: Retainage held on stored materials now, after releases.
        stored_retainage_released: Retainage on stored materials released in this period.
        stored_retainage_moved: Retainage that moved to column D with the materials.
        stored_retainage_new: Retainage held on newly stored materials; ``None``: not given.
        total_previous: Completed and stored by the previous invoice; ``None``: not given.
        taxes: Tax of the item; never computed here.
        tax_rates: The rates of its tax codes that are not zero.
        tax_codes: Its taxes with their codes; an item of an untaxed invoice has none.
        stated_total: Completed and stored to date, as the item states it. It is compared and not
            used otherwise, and so is ``stated_percent``.
        status: The reviewer's decision on the item: no_action, approved, rejected.
        cost_code: The item's own cost code, if the commitment does not list its line.
        line_origin_id: The id of its line in the ERP, if the commitment does not list the line.
        change_order_id: The change-order package of its line, if the package does not list it.
    """

    id: str
    item_type: ItemType
    line_item_id: str
    scheduled_value: Decimal
    accounting_method: AccountingMethod = AccountingMethod.AMOUNT
    description: str = ""
    work_previous: Decimal = ZERO
    work_this_period: Decimal = ZERO
    stored: Decimal = ZERO
    stored_previous: Decimal = ZERO
    materials_moved: Decimal = ZERO
    work_retainage_previous: Decimal = ZERO
    work_retainage_retained: Decimal = ZERO
    work_retainage_released: Decimal = ZERO
    stored_retainage_held: Decimal = ZERO
    stored_retainage_released: Decimal = ZERO
    stored_retainage_moved: Decimal = ZERO
    stored_retainage_new: Decimal | None = None
    total_previous: Decimal | None = None
    taxes: Decimal = ZERO
    scheduled_quantity: Decimal | None = None
    scheduled_unit_price: Decimal | None = None
    quantity_previous: Decimal | None = None
    quantity_this_period: Decimal | None = None
    uom: str | None = None
    tax_rates: tuple[Decimal, ...] = ()
    status: str | None = None
    cost_code: CostCode | None = None
    line_origin_id: str | None = None
    change_order_id: str | None = None
    stated_total: Decimal | None = None
    stated_percent: Decimal | None = None
    tax_codes: tuple[StatedTax, ...] = ()

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self) or find_blanks(self, ("id", "line_item_id")))

    @property
    def is_taxed(self) -> bool:
        """Return whether the item carries tax: an amount, or a rate that is not zero."""
        return bool(self.taxes or (self.tax_rates and any(self.tax_rates)))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Invoice(Value):
    """
    A subcontractor invoice, one application for payment on one commitment.

    Attributes:
        number: Its place in the sequence of the commitment's invoices, from 1.
        invoice_number: The vendor's own number; may be blank (``None``), unique per commitment.
        currency: ISO 4217 code of all its amounts.
        tax_applicable: Tax on this payment from its summary; never computed here.
        origin_id: Its id in the ERP, if it was imported with one.
        invoice_type: progress, retainage_release or progress_and_retainage_release.
        invoicing_method: progressive or simplified; there is no G702 for a simplified invoice.
        erp_status: The status that Procore's own ERP integration reports, in free text.
        payment_date: The payment date of the requisition.
        paid_in_full: True if the requisition is marked as paid in full.
        paid: The paid amount of the requisition.
        payments: The payments that refer to it.
        deleted_at: The day on which it was deleted; ``None`` if it is not.
        due_date: The day on which it is to be paid, if the source states one.
        taxes_applied: The applied amounts of its tax summary that are not zero.
        tax_summary: The same amounts, each with its tax code, and the codes whose amount is zero;
            empty if none of them has a code.
        stated: The lines of the G702 that the requisition states itself.

    Raises:
        InvalidDocument: A field or an amount of an item is not valid; it lists every problem.
    """

    id: str
    number: int
    project_id: str
    commitment_id: str
    currency: str
    status: InvoiceStatus
    items: tuple[InvoiceItem, ...] = ()
    previous_id: str | None = None
    invoice_number: str | None = None
    period_id: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    billing_date: date | None = None
    final: bool = False
    tax_applicable: Decimal = ZERO
    origin_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    holds: tuple[Hold, ...] = ()
    invoice_type: str | None = None
    invoicing_method: str | None = None
    erp_status: str | None = None
    payment_date: date | None = None
    paid_in_full: bool = False
    paid: Decimal = ZERO
    payments: tuple[Payment, ...] = ()
    deleted_at: date | None = None
    taxes_applied: tuple[Decimal, ...] = ()
    stated: StatedSummary | None = None
    tax_summary: tuple[StatedTax, ...] = ()
    due_date: date | None = None

    @property
    def is_taxed(self) -> bool:
        """Return whether the invoice carries tax: an amount, an applied amount, or a taxed item."""
        return (
            bool(self.tax_applicable)
            or any(self.taxes_applied)
            or any(item.is_taxed for item in self.items)
        )

    @property
    def is_simplified(self) -> bool:
        """Return whether the invoice is of the simplified kind, for which there is no G702."""
        return self.invoicing_method is not None and self.invoicing_method.lower() == "simplified"

    @property
    def amount_paid(self) -> Decimal:
        """The paid amount of the requisition plus the payments that refer to it."""
        return self.paid + sum((payment.amount for payment in self.payments), ZERO)

    @property
    def is_paid(self) -> bool:
        """True if there is a payment date, a paid amount other than zero, or payment in full."""
        return self.payment_date is not None or self.paid_in_full or bool(self.amount_paid)

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self))
        problems = find_blanks(self, ("id", "project_id", "commitment_id"))
        problems += find_number_problems(self.number)
        if self.previous_id is not None and self.previous_id == self.id:
            problems.append(make_problem("previous_id", "reference.itself", invoice=self.id))
        if self.period_start and self.period_end and self.period_end < self.period_start:
            dates = {"start": self.period_start, "end": self.period_end}
            problems.append(make_problem("period_end", "period.order", **dates))
        problems += find_amount_problems(self, ("tax_applicable",), self.currency)
        problems += self._find_item_problems()
        refuse_if_any(problems)

    def _find_item_problems(self) -> list[Problem]:
        problems = []
        seen: set[str] = set()
        # Items have no currency: one that is not known is a problem of the invoice alone.
        has_currency = is_currency(self.currency)
        for place, item in enumerate(self.items):
            if item.id in seen:
                problems.append(make_problem("id", "id.duplicate", item=item.id))
            seen.add(item.id)
            problems += [
                attrs.evolve(problem, path=f"items[{place}].{problem.path}")
                for problem in find_amount_problems(item, _AMOUNTS, self.currency)
                if has_currency
            ]
        return problems


@attrs.frozen(kw_only=True, eq=False, repr=False)
class InvoiceSummary(Value):
    """
    The part of an invoice that is needed for the facts of other invoices of its commitment.

    Attributes:
        number: Its place in the sequence of the commitment's invoices.
        invoice_number: The vendor's own number. It may be ``None`` if the number is also given
            separately, as a ``NumberUse``.
    """

    id: str
    commitment_id: str
    number: int
    invoice_number: str | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self) or find_blanks(self, ("id", "commitment_id")))

"""Commitments: subcontracts and purchase orders with their lines and change orders."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs

from ..money import ZERO
from ..values import Value
from ..vocabulary import AccountingMethod, PurchaseOrderStatus, SubcontractStatus
from .field_types import find_type_problems
from .party import Hold
from .problem import find_amount_problems, find_blanks, make_problem, refuse_if_any

_HUNDRED = Decimal(100)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CostCode(Value):
    """
    A cost code; ``origin_id`` is its id in the ERP, ``None`` while it is not synced.

    ``id`` is Procore's id, ``None`` if it is not known.
    """

    full_code: str
    origin_id: str | None = None
    id: str | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class CommitmentLine(Value):
    """A line of the schedule of values, or of a change order, in the commitment's currency."""

    id: str
    amount: Decimal
    description: str = ""
    cost_code: CostCode | None = None
    cost_type: str | None = None
    cost_type_origin_id: str | None = None
    quantity: Decimal | None = None
    unit_cost: Decimal | None = None
    uom: str | None = None
    tax_code_id: str | None = None
    origin_id: str | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self) or find_blanks(self, ("id",)))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ChangeOrderPackage(Value):
    """A change order of a commitment; only an approved one can be billed."""

    id: str
    number: str
    status: str
    title: str = ""
    origin_id: str | None = None
    lines: tuple[CommitmentLine, ...] = ()
    deleted_at: date | None = None

    @property
    def is_approved(self) -> bool:
        """Return whether the package is approved and not deleted, so that it may be billed."""
        return self.status.lower() == "approved" and self.deleted_at is None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self) or find_blanks(self, ("id", "status")))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Commitment(Value):
    """
    A subcontract or a purchase order; base class of both.

    Attributes:
        currency: ISO 4217 code of all its amounts.
        retainage_percent: The percentage of the work that is held back, 0 to 100.
        origin_id: Its id in the ERP, ``None`` while it is not synced.
        deleted_at: The day on which it was deleted; ``None`` if it is not.
        payment_terms: The terms of payment in words, if the source states them.

    Raises:
        InvalidDocument: A field is not valid; it lists every problem.
    """

    id: str
    project_id: str
    vendor_id: str
    number: str
    currency: str
    title: str = ""
    accounting_method: AccountingMethod = AccountingMethod.AMOUNT
    retainage_percent: Decimal = ZERO
    origin_id: str | None = None
    lines: tuple[CommitmentLine, ...] = ()
    change_orders: tuple[ChangeOrderPackage, ...] = ()
    holds: tuple[Hold, ...] = ()
    deleted_at: date | None = None
    payment_terms: str | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self))
        problems = find_blanks(self, ("id", "project_id", "vendor_id"))
        if not (self.retainage_percent.is_finite() and ZERO <= self.retainage_percent <= _HUNDRED):
            facts = {"value": self.retainage_percent, "least": 0, "most": _HUNDRED}
            problems.append(make_problem("retainage_percent", "percent.range", **facts))
        seen: set[str] = set()
        for line in self.all_lines:
            found = find_amount_problems(line, ("amount",), self.currency)
            problems += [each for each in found if each.path != "currency" or each not in problems]
            if line.id in seen:
                problems.append(make_problem("lines", "id.duplicate", line=line.id))
            seen.add(line.id)
        refuse_if_any(problems)

    @property
    def all_lines(self) -> tuple[CommitmentLine, ...]:
        """The commitment's own lines, then those of its change orders."""
        return self.lines + tuple(line for package in self.change_orders for line in package.lines)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Subcontract(Commitment):
    """A subcontract (Procore's ``WorkOrderContract``)."""

    status: SubcontractStatus


@attrs.frozen(kw_only=True, eq=False, repr=False)
class PurchaseOrder(Commitment):
    """A purchase order (Procore's ``PurchaseOrderContract``)."""

    status: PurchaseOrderStatus

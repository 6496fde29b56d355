"""Commitments: subcontracts and purchase orders, their lines and change orders."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ...documents import (
    ChangeOrderPackage,
    Commitment,
    CommitmentLine,
    CostCode,
    PurchaseOrder,
    Subcontract,
)
from ...vocabulary import AccountingMethod, PurchaseOrderStatus, SubcontractStatus
from .currency import own_currency
from .fields import REQUIRED, Field, Scope, dump_fields
from .figures import amount, decimal, percentage
from .kinds import WrongValue, identity, label, origin, text, word
from .known import KINDS
from .party import dump_holds, holds
from .reading import read_back, whole
from .units import by_units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .references import References

__all__ = ["commitment", "dump_commitment", "read_commitment"]

_STATUSES = {Subcontract: word(SubcontractStatus), PurchaseOrder: word(PurchaseOrderStatus)}


def _kind(value: object, _currency: str = "") -> type[Commitment]:
    if not isinstance(value, str) or value not in KINDS:
        raise WrongValue("value.unknown", f"Use one of {', '.join(KINDS)}.")
    return KINDS[value]


# fmt: off
TYPE = Field("type",                 "type",               _kind, REQUIRED)
COMMITMENT = (
    # name in the file         attribute             kind, required
    Field("id",                "id",                 identity, REQUIRED),
    Field("project_id",        "project_id",         identity, REQUIRED),
    Field("vendor_id",         "vendor_id",          identity, REQUIRED),
    Field("number",            "number",             label),
    Field("title",             "title",              text),
    Field("accounting_method", "accounting_method",  word(AccountingMethod)),
    Field("retainage_percent", "retainage_percent",  percentage),
    Field("origin_id",         "origin_id",          origin),
)
LINE = (
    Field("id",                "id",                 identity, REQUIRED),
    Field("amount",            "amount",             amount),
    Field("description",       "description",        text),
    Field("quantity",          "quantity",           decimal),
    Field("unit_cost",         "unit_cost",          decimal),
    Field("uom",               "uom",                text),
    Field("tax_code_id",       "tax_code_id",        origin),
    Field("origin_id",         "origin_id",          origin),
)
COST_CODE = (
    Field("full_code",         "full_code",          label, REQUIRED),
    Field("origin_id",         "origin_id",          origin),
)
COST_TYPE = (
    Field("code",              "cost_type",          label),
    Field("origin_id",         "cost_type_origin_id", origin),
)
PACKAGE = (
    Field("id",                "id",                 identity, REQUIRED),
    Field("number",            "number",             label),
    Field("status",            "status",             text, REQUIRED),
    Field("title",             "title",              text),
    Field("origin_id",         "origin_id",          origin),
)
# fmt: on


def _line(scope: Scope, currency: str, method: AccountingMethod) -> CommitmentLine | None:
    found = scope.all(LINE, currency)
    code = scope.child("cost_code")
    if code:
        found["cost_code"] = whole(code, CostCode, code.all(COST_CODE), COST_CODE)
    kind = scope.child("line_item_type")
    if kind:
        found |= kind.all(COST_TYPE)
    if method is AccountingMethod.UNIT:
        figures = found.get("quantity"), found.get("unit_cost")
        found["amount"] = by_units(scope, "amount", found.get("amount"), figures, currency)
    found["amount"] = found.get("amount") or Decimal(0)
    return whole(scope, CommitmentLine, found, LINE)


def _lines(
    scope: Scope, currency: str, method: AccountingMethod, seen: set[str]
) -> tuple[CommitmentLine, ...]:
    lines = []
    for child in scope.children("line_items"):
        line = _line(child, currency, method)
        child.unique(seen, line.id if line else None)
        lines.append(line)
    return tuple(line for line in lines if line)


def _packages(
    scope: Scope, currency: str, method: AccountingMethod, lines: set[str]
) -> tuple[ChangeOrderPackage, ...]:
    seen: set[str] = set()
    packages = []
    for child in scope.children("change_order_packages"):
        found = {"number": "", **child.all(PACKAGE)}
        child.unique(seen, found.get("id"))
        found["lines"] = _lines(child, currency, method, lines)
        packages.append(whole(child, ChangeOrderPackage, found, PACKAGE))
    return tuple(package for package in packages if package)


def commitment(
    scope: Scope, currency: str = "", references: References | None = None
) -> Commitment | None:
    """
    Read a commitment; ``currency`` counts where it names none.

    Where references are given, its project and vendor must be among them.
    """
    kind = scope.one(TYPE)
    found = {"number": "", **scope.all(COMMITMENT)}
    if kind:
        status = scope.one(Field("status", "status", _STATUSES[kind], REQUIRED))
        found["status"] = status
    found["currency"] = own_currency(scope) or currency
    found["holds"] = holds(scope)
    method = found.get("accounting_method", AccountingMethod.AMOUNT)
    seen: set[str] = set()
    found["lines"] = _lines(scope, found["currency"], method, seen)
    found["change_orders"] = _packages(scope, found["currency"], method, seen)
    if references:
        references.of_commitment(scope, found)
    if not found["currency"]:
        return None  # the company's currency is the problem, told where it stands
    return whole(scope, kind or Commitment, found, COMMITMENT)


def _dump_lines(lines: Sequence[CommitmentLine]) -> list[dict[str, Any]]:
    plain = []
    for line in lines:
        record = dump_fields(line, LINE)
        if line.cost_code:
            record["cost_code"] = dump_fields(line.cost_code, COST_CODE)
        if kind := dump_fields(line, COST_TYPE):
            record["line_item_type"] = kind
        plain.append(record)
    return plain


def dump_commitment(record: Commitment) -> dict[str, Any]:
    """Return the plain object of a subcontract or purchase order, its currency written out."""
    (name,) = (name for name, kind in KINDS.items() if isinstance(record, kind))
    assert isinstance(record, (Subcontract, PurchaseOrder))
    return {
        "type": name,
        "status": record.status.value,
        **dump_fields(record, COMMITMENT),
        "currency_configuration": {"currency_iso_code": record.currency},
        **dump_holds(record.holds),
        "line_items": _dump_lines(record.lines),
        "change_order_packages": [
            {**dump_fields(package, PACKAGE), "line_items": _dump_lines(package.lines)}
            for package in record.change_orders
        ],
    }


def read_commitment(data: Mapping[str, Any]) -> Commitment:
    """Read back what :func:`dump_commitment` wrote; raises ``InvalidDocument``."""
    return read_back(data, commitment)
